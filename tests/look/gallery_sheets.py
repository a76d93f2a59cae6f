#!/usr/bin/env python3
"""Contact sheets of what tests/look/gallery.rs drew, each picture with its prompt beneath.

    pip install pillow==13.0.0
    python3 tests/look/gallery_sheets.py OUT SHEETS

OUT is the folder that the example filled; SHEETS gets scene-gallery-1.jpg and so on, twenty pictures each.
"""
import os, sys, textwrap

from PIL import Image, ImageDraw, ImageFont

SIDE, CAPTION, GAP, COLUMNS, ROWS = 384, 46, 8, 5, 4


def tile(folder, line):
    number = line.split()[0]
    cell = Image.new("RGB", (SIDE, SIDE + CAPTION), "white")
    cell.paste(Image.open(os.path.join(folder, f"{number}.jpg")).convert("RGB").resize((SIDE, SIDE), Image.LANCZOS))
    text = "\n".join(textwrap.wrap(line, 52)[:2])
    ImageDraw.Draw(cell).multiline_text((4, SIDE + 4), text, "#222222", ImageFont.load_default(14), spacing=3)
    return cell


def main(folder, out):
    lines = open(os.path.join(folder, "prompts.txt")).read().splitlines()
    for first in range(0, len(lines), COLUMNS * ROWS):
        sheet = Image.new("RGB", (COLUMNS * (SIDE + GAP), ROWS * (SIDE + CAPTION + GAP)), "white")
        for i, line in enumerate(lines[first:first + COLUMNS * ROWS]):
            sheet.paste(tile(folder, line), (i % COLUMNS * (SIDE + GAP), i // COLUMNS * (SIDE + CAPTION + GAP)))
        sheet.save(os.path.join(out, f"scene-gallery-{first // (COLUMNS * ROWS) + 1}.jpg"), quality=84, optimize=True)


main(*sys.argv[1:3])
