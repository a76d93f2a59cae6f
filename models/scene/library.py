#!/usr/bin/env python3
"""Makes a scene library of the models that ask for attribution: a folder for `magicpixels models install`.

    apt-get download sweethome3d-furniture          # 1.8-1
    pip install numpy==2.4.6 pillow==13.0.0 fast-simplification==0.2.0 zstandard==0.25.0
    python3 library.py sweethome3d-furniture_1.8-1_all.deb everyday
    magicpixels models install everyday

The folder gets one scene pack for each of the package's four CC-BY libraries, a README with everything that is in them
and whose it is, and a SHA256SUMS that the installation is held to. What a thing is called is in library.toml, by hand,
or else what its own library calls it. The conversion is recipe.py's. Deterministic.
"""
import concurrent.futures, hashlib, io, os, re, sys, tomllib

import numpy as np
from PIL import Image

from recipe import HERE, PACKAGE, assemble, catalogue, convert, library, properties

BY, BY_US = "CC-BY-3.0", "CC-BY-3.0-US"
LIBRARIES = [  # file, its digest, licence, where it is from, the pack's name
    ("BlendSwap-CC-BY.sh3f", "29ae78937b4d5dbe93db74067817a984fa411f017b007fd666bc40368bdb0c83", BY, "blendswap.com", "blendswap-cc-by"),
    ("KatorLegaz.sh3f", "f512443b5d3a6903497573095f971f44334b3165ab32182133051fa9487764a6", BY_US, "katorlegaz.com", "kator-legaz"),
    ("Reallusion.sh3f", "dd553207876ccec6372dde7aaea6b2dcf2d631997fcdb8a9856a639e0db9aa9b", BY_US, "www.reallusion.com", "reallusion"),
    ("Scopia.sh3f", "b4505451b1e8ab339c101c0afddfef4e1a07b95aa8c821c61ec41487afd43850", BY, "www.scopia.es", "scopia"),
]
AUTHORS = {"Kator Legaz": "Andrew Kator & Jennifer Legaz", "Scopia": "Scopia Visual Interfaces Systems & eTeks"}
README = """# Everyday things under CC-BY

3D models for the scene renderer, converted from the four CC-BY libraries of the {package}.
What was changed: positions, normals and texture coordinates are quantised, heavy models are decimated, textures are
shrunk to 512 pixels and lettering of brands on some is painted over, material colours became parameters of a principled
material, windows of vehicles are opaque, and things got other names. The licences are at
https://creativecommons.org/licenses/by/3.0/ and https://creativecommons.org/licenses/by/3.0/us/.

"""


def source_of(files, row, home):
    """Where a model is from: the page that its own licence file names, or its library's home."""
    folder = os.path.dirname(row["model"].lstrip("/")) + "/"
    for name in sorted(n for n in files if n.startswith(folder) and "licen" in n.lower()):
        numbered = re.search(r"(\d{4,})[^/]*$", name)
        page = re.search(rb"blendswap\.com/blends/view/\d+", files[name])
        if page or numbered:
            return page[0].decode() if page else f"blendswap.com/blends/view/{numbered[1]}"
    return home


def plain(text):
    """A word as prompts have it."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    return re.sub(r"\s+", " ", re.sub(r"[^\w' -]", " ", text.lower())).strip()


def entries(rows, names):
    """What to convert: (row, entry), in the order of the library. A name in several models is the first one's."""
    seen = set()
    for _, row in sorted(rows.items()):
        key = row["id"].split("#")[-1]
        words = names.get(key, [plain(row["name"])])
        if not words:
            continue
        slug = re.sub(r"[^a-z0-9]+", "-", words[0].lower()).strip("-")
        unique = next(s for s in (slug, *(f"{slug}-{n}" for n in range(2, 99))) if s not in seen)
        seen.add(unique)
        row["name"] = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), row["name"])
        row["creator"] = AUTHORS.get(row["creator"], row["creator"])
        yield row, {"id": unique, "name": words[0], "also": words[1:], "category": row["category"].lower()}


def unlettered(picture, boxes):
    """A picture without what its boxes show: each is filled with the colour that most of it has."""
    pixels = np.asarray(Image.open(io.BytesIO(picture))).copy()
    height, width = pixels.shape[:2]
    for left, top, right, bottom in boxes:
        box = np.s_[round(top * height):round(bottom * height), round(left * width):round(right * width)]
        pixels[box] = np.median(pixels[box].reshape(-1, pixels.shape[2]), axis=0)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def glaze(materials):
    """Windows of vehicles are dark panes: there is nothing behind them worth the noise of looking through."""
    for m in materials:
        if m["kind"] == "glass" and "texture" not in m:
            m |= {"kind": "", "transmission": 0.0, "color": [0.02, 0.022, 0.025], "roughness": 0.05, "clearcoat": 1.0}


def make(deb, out, which):
    """Converts one library; answers its models."""
    sh3f, sha256, licence, home, name = which
    files = library(deb, sh3f, sha256)
    said = tomllib.load(open(os.path.join(HERE, "library.toml"), "rb"))
    names = said.get(name, {})
    rows = properties(files)
    unknown = set(names) - {row["id"].split("#")[-1] for row in rows.values()}
    assert not unknown, f"library.toml names what {sh3f} has not: {sorted(unknown)}"

    for path in files:
        if os.path.basename(path) in said["lettering"]:
            files[path] = unlettered(files[path], said["lettering"][os.path.basename(path)])

    def made():
        for row, entry in entries(rows, names):
            textures = {}
            entry["materials"] = said["materials"].get(row["id"].split("#")[-1], {})
            entry["id"] = f"{name}-{entry['id']}"
            index, raw = convert(files, row, entry, textures, licence, f"{source_of(files, row, home)}; {PACKAGE}")
            if index["category"] == "vehicles":
                glaze(index["materials"])
            yield index, raw, textures

    pack, models = assemble(made())
    open(os.path.join(out, f"{name}.pack"), "wb").write(pack)
    return models


def main(deb, out):
    os.makedirs(out, exist_ok=True)
    with concurrent.futures.ProcessPoolExecutor() as pool:
        models = sum(pool.map(make, *zip(*((deb, out, which) for which in LIBRARIES))), [])
    open(os.path.join(out, "README.md"), "w").write(README.format(package=PACKAGE) + catalogue(models))
    with open(os.path.join(out, "SHA256SUMS"), "w") as f:
        for name in sorted(n for n in os.listdir(out) if n != "SHA256SUMS"):
            f.write(f"{hashlib.sha256(open(os.path.join(out, name), 'rb').read()).hexdigest()}  {name}\n")
    print(len(models), "models")


if __name__ == "__main__":
    main(*sys.argv[1:3])
