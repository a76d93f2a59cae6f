#!/usr/bin/env python3
"""Makes voices.f16: the style tables of Kokoro's 28 English voices as half floats.

Source: the npm package kokoro-js 1.2.1 (Apache-2.0), brought with `npm pack` and checked by SHA-256. Its
voices/NAME.bin is little endian float32 [510][256]: one 256-wide style vector for each length of the phoneme
string. The result is little endian float16 [28][510][256], voices in alphabetical order, as VOICES lists them
and as src/engine/speech/voices.rs does.

    python3 models/kokoro/recipe.py [kokoro-js-1.2.1.tgz]

Only the standard library is needed. The same input gives the same bytes.
"""
import array, hashlib, pathlib, struct, subprocess, sys, tarfile, tempfile

PACKAGE = "kokoro-js@1.2.1"
ARCHIVE_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
VOICES = (
    "af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nicole af_nova af_river af_sarah af_sky "
    "am_adam am_echo am_eric am_fenrir am_liam am_michael am_onyx am_puck am_santa "
    "bf_alice bf_emma bf_isabella bf_lily bm_daniel bm_fable bm_george bm_lewis"
).split()
ROWS, WIDTH = 510, 256


def brought(folder):
    """The path of the package's archive, brought by npm."""
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return next(pathlib.Path(folder).glob("kokoro-js-*.tgz"))


def halved(table):
    """Float32 bytes as float16 bytes, rounded to nearest even; refuses what half floats cannot hold."""
    if len(table) != ROWS * WIDTH * 4:
        raise SystemExit(f"a voice has {len(table)} bytes, not {ROWS * WIDTH * 4}")
    values = array.array("f", table)
    if sys.byteorder == "big":
        values.byteswap()
    return struct.pack(f"<{len(values)}e", *values)


def main():
    with tempfile.TemporaryDirectory() as folder:
        archive = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else brought(folder)
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != ARCHIVE_SHA256:
            raise SystemExit(f"{archive.name}: SHA-256 is {found}, not {ARCHIVE_SHA256}")
        with tarfile.open(archive) as tar:
            packed = b"".join(halved(tar.extractfile(f"package/voices/{name}.bin").read()) for name in VOICES)
    target = pathlib.Path(__file__).with_name("voices.f16")
    target.write_bytes(packed)
    print(f"{target.name}: {len(packed)} bytes, sha256 {hashlib.sha256(packed).hexdigest()}")


if __name__ == "__main__":
    main()
