"""Whole figures of what Fluent Emoji shows as a bust or a head only: set on the body of its standing figures.

`recipe.py` makes them where a row of cards.toml says how: `body` the label of the standing figure, `trousers` and
`shirt` sRGB colours in place of its own (a bust gives the shirt its own colour), `hand` where a bust holds up its right
hand, `gown` by how much a robe widens down to the floor, `head` how much smaller a head is than its own picture.
"""
import numpy as np
from PIL import Image

SIDE = 256  # of a picture of the source
SCALE = 2  # the figure's canvas has that many times as many pixels a unit
ABOVE = 32  # units of room for large heads
CHIN, CENTRE, FLOOR = 64, 128, 240  # of the standing figure
BUST, BUST_CHIN, BUST_FOOT = 0.43, 132, 239  # the scale of a bust that has the standing figure's head; its chin and hem
SHIRT = slice(46, 86)  # columns of a bust's hem that are all cloth


def tinted(pixels, where, color):
    """The pixels of a mask in a colour, with the shading that they have."""
    if where.any():
        luma = pixels[where][:, :3] @ [0.30, 0.59, 0.11]
        pixels[where, :3] = np.clip((luma / max(np.median(luma), 1))[:, None] * np.asarray(color, float), 0, 255)


def dressed(body, shirt, row):
    """The standing figure without its head, in other clothes. Its own are blue, purple and grey, unlike skin."""
    pixels = np.asarray(body).astype(float)
    there, y = pixels[..., 3] > 0, np.arange(SIDE)[:, None]
    r, b = pixels[..., 0], pixels[..., 2]
    skin = there & (r > b + 60) & (r > 150)
    cloth = there & (b > r + 25) & (y < 130)
    legs = there & ~skin & ~cloth & (y > 118) & (y < 226)
    if shirt is not None:
        # A coat has long sleeves.
        tinted(pixels, cloth | (skin & (y > 90) & (y < 137) if row.get("sleeves", "head" not in row) else False), shirt)
    if "trousers" in row:
        tinted(pixels, legs, row["trousers"])
    pixels[:CHIN - 1, :, 3] = 0
    if row.get("hand"):
        pixels[134:, 152:, 3] = 0
    return Image.fromarray(pixels.round().astype(np.uint8), "RGBA").resize([SIDE * SCALE] * 2, Image.LANCZOS)


def robe(hem, begin, row):
    """What falls from a bust's hem to the floor: the hem's left half, mirrored, wider and darker downwards."""
    left = np.where(hem[:, 3] > 200)[0].min() + 1
    middle, floor = CENTRE * SCALE, (ABOVE + FLOOR) * SCALE
    reach = (middle - left) * row.get("cloth", 1.0)
    pixels = np.zeros(((ABOVE + SIDE) * SCALE, SIDE * SCALE, 4))
    across = np.abs(np.arange(SIDE * SCALE) + 0.5 - middle)
    for y in range(begin, floor):
        down = (y - begin) / (floor - begin)
        half = (middle - left) * (1 + row["gown"] * down) * (0.98 if down > 0.985 else 1)
        inside = across <= half
        at = (left + (1 - across[inside] / half) * reach).astype(int)
        pixels[y, inside, :3] = hem[at, :3] * (1 - 0.2 * down)
        pixels[y, inside, 3] = 255
    return Image.fromarray(pixels.round().astype(np.uint8), "RGBA")


def whole(picture, body, row):
    """The figure of one bust or head."""
    picture, body = picture.convert("RGBA"), body.convert("RGBA")
    source = np.asarray(picture).astype(float)
    scale = row.get("head", BUST) * SCALE
    chin = np.where((source[..., 3] > 128).any(1))[0].max() - 8 if "head" in row else BUST_CHIN
    top = picture.resize([round(SIDE * scale)] * 2, Image.LANCZOS)
    at = (round(CENTRE * SCALE - SIDE / 2 * scale), round((ABOVE + CHIN) * SCALE - chin * scale))
    shirt = row.get("shirt")
    if "head" not in row and shirt is None:
        hem = source[222:236, SHIRT]
        shirt = np.median(hem[hem[..., 3] > 200], 0)[:3]
    canvas = Image.new("RGBA", (SIDE * SCALE, (ABOVE + SIDE) * SCALE))
    if "gown" in row:
        placed = Image.new("RGBA", canvas.size)
        placed.alpha_composite(top, at)
        low = at[1] + round(BUST_FOOT * scale)
        canvas.alpha_composite(robe(np.asarray(placed).astype(float)[low - 8:low - 4].mean(0), low - 8, row))
    else:
        canvas.alpha_composite(dressed(body, shirt, row), (0, ABOVE * SCALE))
    canvas.alpha_composite(top, at)
    return canvas
