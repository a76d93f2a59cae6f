#!/usr/bin/env python3
"""Makes cards.pack, pack.toml and the list in README.md: cut-out pictures of things that the scene pack has no model of.

    npm pack @lobehub/fluent-emoji-3d@1.1.0 emojibase-data@17.0.0
    pip install numpy==2.4.6 pillow==13.0.0 zstandard==0.25.0 onnxruntime==1.20.1
    python3 recipe.py lobehub-fluent-emoji-3d-1.1.0.tgz emojibase-data-17.0.0.tgz

Pictures are Fluent Emoji 3D (MIT, Microsoft Corporation), names are from emojibase-data (MIT, Miles Johnson); which
picture is what, and how large that is, is in cards.toml, by hand. Each is cut to its silhouette, its colours are spread
over its rim, and Real-ESRGAN (models/realesrgan) makes 512 pixels of 256. People whom Fluent Emoji shows as a bust or a
head only are set on the body of its standing figures (figures.py); their busts and heads stay, as faces. The layout of the file is that of scene.pack,
see src/engine/scene/pack.rs. Deterministic but for the last bits of the network; so pictures that cards.pack has already
are kept, unless it is moved away first.
"""
import hashlib, io, json, os, re, struct, sys, tarfile, tomllib

import numpy as np
import onnxruntime
import zstandard
from PIL import Image

import figures

HERE = os.path.dirname(os.path.abspath(__file__))
PICTURES_SHA256 = "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58"
NAMES_SHA256 = "d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a"
LICENCE = "MIT"
SOURCE = "npm @lobehub/fluent-emoji-3d 1.1.0 (Fluent Emoji, Microsoft Corporation), names from npm emojibase-data 17.0.0"
SIDE = 512  # pixels, the longer side
QUALITY = 78
MAGIC, VERSION = b"MPSCENE\0", 1


def members(path, sha256):
    """The files of an npm package by name."""
    data = open(path, "rb").read()
    assert hashlib.sha256(data).hexdigest() == sha256, f"{path} is not the package this recipe is for"
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}


def bleed(rgb, known, rounds):
    """Spreads known colours outwards, one pixel a round."""
    rgb, known = rgb.copy(), known.copy()
    for _ in range(rounds):
        total, count = np.zeros_like(rgb), np.zeros(known.shape, np.float32)
        padded, mask = np.pad(rgb * known[..., None], ((1, 1), (1, 1), (0, 0))), np.pad(known.astype(np.float32), 1)
        for dy in range(3):
            for dx in range(3):
                total += padded[dy:dy + known.shape[0], dx:dx + known.shape[1]]
                count += mask[dy:dy + known.shape[0], dx:dx + known.shape[1]]
        fresh = ~known & (count > 0)
        if not fresh.any():
            break
        rgb[fresh] = total[fresh] / count[fresh][:, None]
        known |= fresh
    rgb[~known] = rgb[known].mean(0)
    return rgb


def enlarged(network, image):
    """One RGBA cut-out, cut to what is opaque, its longer side SIDE pixels."""
    image = image.convert("RGBA")
    box = image.getchannel("A").point(lambda a: 255 if a >= 24 else 0).getbbox()
    pixels = np.asarray(image.crop(box)).astype(np.float32) / 255
    pixels = np.pad(pixels, ((4, 4), (4, 4), (0, 0)))
    rgb = bleed(pixels[..., :3], pixels[..., 3] > 0.6, 12)
    run = lambda a: network.run(None, {"image": a.transpose(2, 0, 1)[None]})[0][0].transpose(1, 2, 0).clip(0, 1)
    color = run(rgb)[16:-16, 16:-16]
    alpha = pixels[4:-4, 4:-4, 3]
    k = SIDE / max(color.shape[:2])
    size = (max(1, round(color.shape[1] * k)), max(1, round(color.shape[0] * k)))
    scaled = lambda a, by: Image.fromarray((a * 255).round().astype(np.uint8)).resize(size, by)
    out = scaled(color, Image.LANCZOS)
    # The silhouette needs no network: it is enlarged smoothly and made as sharp again as it was. Few levels pack well.
    out.putalpha(scaled(alpha, Image.BICUBIC).point(lambda a: min(255, max(0, round(((a - 127.5) * 1.8 + 127.5) / 17) * 17))))
    return out


def kept(path):
    """The pictures of a pack that was made before, by their cards' ids."""
    if not os.path.exists(path):
        return {}
    data = open(path, "rb").read()
    start = 16 + struct.unpack_from("<I", data, 12)[0]
    index = json.loads(zstandard.ZstdDecompressor().decompress(data[16:start], max_output_size=1 << 26))
    at = lambda t: data[start + t["offset"]:start + t["offset"] + t["bytes"]]
    # A whole figure is made anew; its face may lie under the name that is now the figure's.
    whole = {c["of"] for c in index["cards"] if "of" in c}
    return {c["id"]: at(index["textures"][c["texture"]]) for c in index["cards"] if c["id"] not in whole}


def rows(table):
    """(category, slug, label, cm, words, how the figure is made, whose face it is) of each card to make."""
    slug_of = lambda word: re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")
    for category, entries in table.items():
        for label, (cm, *words) in entries.items():
            how = words.pop() if words and isinstance(words[-1], dict) else {}
            words = words or [label.lower()]
            slug = slug_of(words[0])
            yield category, slug, label, cm, words, how if "body" in how else {}, None
            face = how.get("face", label if "body" in how else None)
            if face:
                a = lambda w: f"an {w}" if w[0] in "aeiou" else f"a {w}"
                called = [n for w in words for n in (f"face of {a(w)}", f"{w}'s face", f"head of {a(w)}", f"{w}'s head")]
                called += ["face", "head", "human face", "human head"] if slug == "person" else []
                yield "face", f"{slug}-face", face, 40 if "child" in face else 50, [n for n in called if len(n.split()) <= 4], {}, slug


def main(pictures, names):
    pictures, names = members(pictures, PICTURES_SHA256), members(names, NAMES_SHA256)
    bare = lambda code: code.lower().replace("-fe0f", "")
    files = {bare(os.path.basename(n)[:-5]): n for n in pictures if n.endswith(".webp")}
    codes = {e["label"]: bare(e["hexcode"]) for e in json.loads(names["package/en/data.json"])}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    network = onnxruntime.InferenceSession(os.path.join(HERE, "../realesrgan/animevideov3.onnx"), options)
    image = lambda label: Image.open(io.BytesIO(pictures[files[codes[label]]]))
    old = kept(os.path.join(HERE, "cards.pack"))
    cards, textures, body, seen, absent = [], [], bytearray(), set(), []
    for category, slug, label, cm, words, how, of in rows(tomllib.load(open(os.path.join(HERE, "cards.toml"), "rb"))):
        if codes.get(label) not in files:
            absent.append(label)
            continue
        assert slug not in seen, slug
        seen.add(slug)
        data = old.get(slug) or (old.get(of) if of else None)
        if how or label.endswith(" standing") or data is None:
            picture = enlarged(network, figures.whole(image(label), image(how["body"]), how) if how else image(label))
            out = io.BytesIO()
            picture.save(out, "WEBP", quality=QUALITY, method=6)
            data = out.getvalue()
        size = Image.open(io.BytesIO(data)).size
        width, height = (round(cm * s / max(size), 2) for s in size)
        cards.append({"id": slug, "name": words[0], "also": words[1:], "category": category, "licence": LICENCE,
                      "size_cm": [width, height], "texture": len(textures)} | ({"of": of} if of else {}))
        textures.append({"offset": len(body), "bytes": len(data)})
        body += data
    assert not absent, absent
    index = {"version": VERSION, "models": [], "cards": cards, "textures": textures}
    head = zstandard.ZstdCompressor(level=19).compress(json.dumps(index, separators=(",", ":"), sort_keys=True).encode())
    pack = MAGIC + struct.pack("<II", VERSION, len(head)) + head + bytes(body)
    open(os.path.join(HERE, "cards.pack"), "wb").write(pack)
    digest = hashlib.sha256(pack).hexdigest()
    with open(os.path.join(HERE, "pack.toml"), "w") as f:
        f.write(f'name = "cards"\ndescription = "{len(cards)} cut-out pictures of things for the scene renderer"\n')
        f.write(f'licence = "{LICENCE}"\nsource = "{SOURCE}"\n\n[[file]]\nname = "cards.pack"\nsha256 = "{digest}"\n')
    path = os.path.join(HERE, "README.md")
    text = open(path).read().split("<!-- cards -->")[0] if os.path.exists(path) else ""
    lines = [text, "<!-- cards -->\n", "| kind | cards |\n", "|---|---|\n"]
    for category in dict.fromkeys(c["category"] for c in cards):
        lines.append(f"| {category} | {', '.join(c['name'] for c in cards if c['category'] == category)} |\n")
    open(path, "w").write("".join(lines))
    print(len(cards), "cards", len(pack), "bytes", digest)


main(*sys.argv[1:3])
