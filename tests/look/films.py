#!/usr/bin/env python3
"""Makes films of every kind of sound with a real server, and measures what they take.

usage: films.py BINARY OUT [--portrait FILE] [--long]

Starts BINARY on a data folder of its own, uploads sounds that ffmpeg makes and two pictures, and writes every film to
OUT with its subtitles; --long adds one of 500 characters and one of three minutes. Prints wall seconds, and how far the
server's memory rose above what it had when idle. Then every film is looked at as check.py looks at the demo's.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import check

HERE = pathlib.Path(__file__).parent
PICTURES = HERE.parent.parent / "models" / "demo"
SENTENCE = "Here is a quick launch update from the studio. It costs $5 a month, and it starts today."
LONG = " ".join(["The studio on your own desk makes pictures, voices and films, and asks nobody."] * 7)[:500].rsplit(" ", 1)[0]

# What ffmpeg makes: name, source, encoding.
SOUNDS = [
    ("silence.wav", "anullsrc=r=44100:cl=mono:d=2", []),
    ("music.ogg", "sine=f=220:d=3,aformat=channel_layouts=stereo,tremolo=f=4", ["-c:a", "libvorbis"]),
    ("short.wav", "sine=f=330:d=0.2", []),
    ("telephone.wav", "sine=f=300:d=2.5:r=8000", ["-ar", "8000", "-c:a", "pcm_mulaw"]),
    ("stereo.mp3", "aevalsrc=0.3*sin(2*PI*200*t)|0.1*sin(2*PI*900*t):d=2:s=44100", ["-c:a", "libmp3lame"]),
    ("voice.opus", "sine=f=260:d=2.2", ["-c:a", "libopus"]),
]


# What ffmpeg makes of the portrait: name, filter. A small picture, a huge one, a face that the border cuts.
PORTRAITS = [("tiny", "scale=64:64"), ("huge", "scale=7990:7990"), ("cut", "crop=300:224:215:120")]


class Server:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        listen = "127.0.0.1:18999"
        self.base = f"http://{listen}"
        log = open(os.path.join(folder, "log"), "w")
        self.process = subprocess.Popen([binary, "serve", "--data", folder, "--listen", listen], stdout=log, stderr=log)
        for _ in range(300):
            try:
                urllib.request.urlopen(self.base + "/healthz", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        self.command("account", "create", "look@example.com", "--password-file", "-", stdin="correct horse battery")
        self.command("credits", "grant", "look@example.com", "90000", "--reason", "looking")
        self.key = self.command("key", "create", "--account", "look@example.com").strip()

    def command(self, *words, stdin=""):
        out = subprocess.run([self.binary, *words, "--data", self.folder], input=stdin, capture_output=True, text=True)
        if out.returncode != 0:
            sys.exit(f"{words}: {out.stderr}")
        return out.stdout

    def ask(self, method, path, body=None, content_type="application/json"):
        url = path if path.startswith("http") else self.base + path
        request = urllib.request.Request(url, body, {"authorization": f"Bearer {self.key}"}, method=method)
        if body is not None:
            request.add_header("content-type", content_type)
        with urllib.request.urlopen(request, timeout=600) as answer:
            return answer.read()

    def upload(self, kind, path):
        mark = "magicpixels-look"
        head = f'--{mark}\r\ncontent-disposition: form-data; name="kind"\r\n\r\n{kind}\r\n--{mark}\r\ncontent-disposition: ' \
               f'form-data; name="file"; filename="{path.name}"\r\n\r\n'
        body = head.encode() + path.read_bytes() + f"\r\n--{mark}--\r\n".encode()
        return json.loads(self.ask("POST", "/v1/assets", body, f"multipart/form-data; boundary={mark}"))["id"]

    def memory(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def film(self, request):
        """The finished job, its wall seconds, and the highest memory meanwhile in MB."""
        peak, done = [self.memory()], threading.Event()

        def watch():
            while not done.wait(0.02):
                peak[0] = max(peak[0], self.memory())

        watcher = threading.Thread(target=watch)
        watcher.start()
        begun = time.time()
        job = json.loads(self.ask("POST", "/v1/jobs", json.dumps({"mode": "image_to_video", **request}).encode()))
        while job["status"] in ("queued", "running"):
            time.sleep(0.1)
            job = json.loads(self.ask("GET", f"/v1/jobs/{job['id']}"))
        seconds = time.time() - begun
        done.set()
        watcher.join()
        return job, seconds, peak[0]


def make_sounds(folder):
    for name, source, encoding in SOUNDS:
        path = folder / name
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, *encoding, str(path)], check=True)
        yield path


def make_portraits(source, folder):
    for name, change in PORTRAITS:
        path = folder / f"{name}.jpg"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(source), "-vf", change, str(path)], check=True)
        yield path


def option(name, otherwise):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else otherwise


def main():
    binary, out = sys.argv[1], pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(binary, folder)
        try:
            idle = server.memory()
            source = pathlib.Path(option("--portrait", PICTURES / "portrait.jpg"))
            portrait = server.upload("image", source)
            product = server.upload("image", PICTURES / "product.jpg")
            films = {
                "spoken-track": {"input_image_asset_id": portrait, "voice_text": SENTENCE, "subtitles": "track"},
                "spoken-vtt-24": {"input_image_asset_id": portrait, "voice_text": SENTENCE, "subtitles": "vtt", "fps": 24},
                "product-30": {"input_image_asset_id": product, "voice_text": SENTENCE, "fps": 30},
                "pan": {"input_image_asset_id": product, "voice_text": SENTENCE, "prompt": "pan left"},
                "full-hd": {"input_image_asset_id": product, "voice_text": "Full HD.", "width": 1920},
            }
            for path in make_sounds(pathlib.Path(folder)):
                films[path.stem] = {"input_image_asset_id": portrait, "audio_asset_id": server.upload("audio", path)}
            for path in make_portraits(source, pathlib.Path(folder)):
                films[path.stem] = {"input_image_asset_id": server.upload("image", path), "voice_text": "Good morning."}
            if "--long" in sys.argv:
                sound = pathlib.Path(folder) / "three-minutes.wav"
                tone = "sine=f=180:d=179,tremolo=f=4"
                subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", tone, str(sound)], check=True)
                minutes = {"input_image_asset_id": portrait, "audio_asset_id": server.upload("audio", sound)}
                films["three-minutes"] = {**minutes, "width": 512, "height": 512}
                films["long"] = {"input_image_asset_id": portrait, "voice_text": LONG, "width": 512, "height": 512}
            print("| film | seconds | wall s | MB above idle | motion |\n| --- | --- | --- | --- | --- |")
            for name, request in films.items():
                job, seconds, peak = server.film({**request, "seed": 1})
                if job["status"] != "completed":
                    check.check(False, f"{name}: {job['error']}")
                    continue
                asset = json.loads(server.ask("GET", f"/v1/assets/{job['result_asset_id']}"))
                length = asset["duration_seconds"]
                print(f"| {name} | {length:.2f} | {seconds:.1f} | {peak - idle:.0f} | {job['motion']} |", flush=True)
                (out / f"{name}.mp4").write_bytes(server.ask("GET", job["result_asset_url"]))
                if job["subtitles_url"]:
                    (out / f"{name}.vtt").write_bytes(server.ask("GET", job["subtitles_url"]))
        finally:
            server.process.terminate()
            server.process.wait()
    for path in sorted(out.glob("*.mp4")):
        check.film(path)
    check.finish()


main()
