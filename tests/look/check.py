#!/usr/bin/env python3
"""Looks at what `magicpixels demo` made, with programs that are not ours.

usage: check.py DIR [--asr PYTHON]

ffprobe and ffmpeg read every file; headless Chromium plays the film; with --asr, an interpreter that has the
recogniser of tests/asr transcribes the speech. Exit status 0 when everything is as a customer may expect it.
"""
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

SENTENCE = "Here is a quick launch update from the studio."
failures = []


def check(good, what):
    print(("ok    " if good else "WRONG ") + what)
    if not good:
        failures.append(what)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def probe(path):
    out = run("ffprobe", "-v", "warning", "-of", "json", "-show_format", "-show_streams", str(path))
    check(out.returncode == 0 and not out.stderr.strip(), f"{path.name}: ffprobe has nothing to say {out.stderr.strip()}")
    return json.loads(out.stdout)


def decodes(path):
    # A WAV header names no speaker for its one channel, which ffmpeg would mention.
    guess = ("-guess_layout_max", "0") if path.suffix == ".wav" else ()
    out = run("ffmpeg", "-v", "warning", "-xerror", *guess, "-i", str(path), "-f", "null", "-")
    check(out.returncode == 0 and not out.stderr.strip(), f"{path.name}: decodes whole without a warning {out.stderr.strip()}")


def stream(info, kind):
    return next(s for s in info["streams"] if s["codec_type"] == kind)


def loudness(path):
    out = run("ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128", "-f", "null", "-").stderr
    return float(re.findall(r"I:\s+(-?[\d.]+|-inf) LUFS", out)[-1])


def pictures(folder):
    for name in ("1-text-to-image.png", "2-image-to-image.png"):
        path = folder / name
        info = stream(probe(path), "video")
        check(info["codec_name"] == "png" and min(info["width"], info["height"]) >= 512,
              f"{name}: a PNG of {info['width']} x {info['height']}")
        decodes(path)
        out = run("ffmpeg", "-hide_banner", "-i", str(path), "-vf", "signalstats,metadata=print", "-f", "null", "-").stderr
        low, high = (float(re.search(rf"signalstats\.{k}=([\d.]+)", out)[1]) for k in ("YLOW", "YHIGH"))
        check(high - low > 25, f"{name}: is not flat (luma from {low:.0f} to {high:.0f})")


def sound(folder):
    path = folder / "3-audio.wav"
    info = stream(probe(path), "audio")
    seconds = float(info["duration"])
    check(info["codec_name"] == "pcm_s16le" and info["sample_rate"] == "24000", f"{path.name}: 16-bit PCM at 24 kHz")
    check(1.5 < seconds < 6, f"{path.name}: lasts {seconds:.2f} s")
    decodes(path)
    check(-24 < loudness(path) < -14, f"{path.name}: is {loudness(path):.1f} LUFS loud")


def boxes(data):
    at, names = 0, []
    while at + 8 <= len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        names.append(data[at + 4:at + 8].decode("latin1"))
        at += max(size, 8)
    return names


def film(path):
    info = probe(path)
    video, audio = stream(info, "video"), stream(info, "audio")
    check(video["codec_name"] == "h264" and audio["codec_name"] == "aac", f"{path.name}: H.264 and AAC")
    check(video["color_space"] == video["color_primaries"] == "bt709" and video["color_range"] == "tv",
          f"{path.name}: says which colours it has")
    rate = int(video["r_frame_rate"].split("/")[0])
    check(rate in (24, 25, 30) and video["width"] % 2 == 0 == video["height"] % 2,
          f"{path.name}: {video['width']} x {video['height']} at {rate} frames a second")
    lag = float(video["duration"]) - float(audio["duration"])
    check(-0.001 <= lag <= 1 / rate + 0.001, f"{path.name}: the picture lasts {lag * 1000:.0f} ms longer than the sound")
    check(abs(float(video["start_time"])) < 0.001 and abs(float(audio["start_time"])) < 0.001,
          f"{path.name}: both start at zero")
    data = path.read_bytes()
    order = boxes(data)
    check(order.index("moov") < order.index("mdat"), f"{path.name}: moov before mdat ({order})")
    check(b"elst" in data, f"{path.name}: has an edit list")
    subtitles(path, info)
    decodes(path)
    plays(path, float(video["duration"]))


def subtitles(path, info):
    """What a track of subtitles says, and that it agrees with the file beside the film."""
    beside = path.with_suffix(".vtt")
    if any(s["codec_type"] == "subtitle" for s in info["streams"]):
        check(stream(info, "subtitle")["codec_name"] == "mov_text", f"{path.name}: subtitles as timed text")
        out = run("ffmpeg", "-v", "warning", "-i", str(path), "-map", "0:s", "-f", "webvtt", "-")
        check(out.returncode == 0 and not out.stderr.strip(), f"{path.name}: the subtitles decode {out.stderr.strip()}")
        shown = re.findall(r"--> .*\n((?:.+\n)+)", out.stdout)
        check(len(shown) > 0, f"{path.name}: {len(shown)} cues, first {shown[:1]}")
        if beside.exists():
            wanted = re.findall(r"--> .*\n((?:.+\n?)+)", beside.read_text())
            plain = [text.strip() for text in shown]
            check(plain == [text.strip() for text in wanted], f"{path.name}: the track and the file say the same")


PAGE = b"""<!doctype html><video id=v src=/film autoplay></video><script>
const v = document.getElementById('v'), tell = what => fetch('/told?' + encodeURIComponent(JSON.stringify(
  {what, error: v.error && v.error.message, width: v.videoWidth, duration: v.duration, time: v.currentTime})));
v.onended = () => tell('ended'); v.onerror = () => tell('error'); v.play().catch(e => tell(String(e)));
</script>"""


def plays(path, seconds):
    """Plays the film of that length in headless Chromium, which must reach its end."""
    told, ended = {}, threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/told?"):
                told.update(json.loads(__import__("urllib.parse").parse.unquote(self.path[6:])))
                ended.set()
            body = path.read_bytes() if self.path == "/film" else PAGE if self.path == "/" else b""
            self.send_response(200)
            self.send_header("content-type", "video/mp4" if self.path == "/film" else "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    profile = tempfile.mkdtemp()
    browser = subprocess.Popen(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={profile}",
         f"http://127.0.0.1:{server.server_port}/"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # A minute to start on a busy machine, and half of the film for what it drops behind.
    ended.wait(60 + 1.5 * seconds)
    browser.kill()
    browser.wait()
    server.shutdown()
    shutil.rmtree(profile, ignore_errors=True)
    check(told.get("what") == "ended" and told.get("width", 0) > 0, f"{path.name}: plays to its end in Chromium {told}")


def words(text):
    return re.findall(r"[a-z']+", text.lower())


def transcripts(folder, python):
    files = [folder / "3-audio.wav", folder / "4-image-to-video.mp4"]
    script = pathlib.Path(__file__).parent.parent / "asr" / "transcribe.py"
    out = run(python, str(script), *map(str, files))
    lines = [line for line in out.stdout.splitlines() if line.strip()]
    check(out.returncode == 0 and len(lines) == len(files), f"the recogniser runs {out.stderr[-300:]}")
    for path, line in zip(files, lines):
        heard = line.split("\t")[-1]
        check(words(heard) == words(SENTENCE), f"{path.name}: is heard as {heard!r}")


def finish():
    if failures:
        sys.exit(f"{len(failures)} of the checks failed")


def main():
    folder = pathlib.Path(sys.argv[1])
    pictures(folder)
    sound(folder)
    film(folder / "4-image-to-video.mp4")
    if "--asr" in sys.argv:
        transcripts(folder, sys.argv[sys.argv.index("--asr") + 1])
    finish()


if __name__ == "__main__":
    main()
