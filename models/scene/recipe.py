#!/usr/bin/env python3
"""Makes scene.pack, pack.toml and the catalogue in README.md from a Debian package. Deterministic.

    apt-get download sweethome3d-furniture          # 1.8-1
    pip install numpy==2.4.6 pillow==13.0.0 fast-simplification==0.2.0 zstandard==0.25.0
    python3 recipe.py sweethome3d-furniture_1.8-1_all.deb

Only BlendSwap-CC-0.sh3f (175 models, CC0-1.0) is used; the other libraries of the package need attribution and are
converted by library.py, for those who bring them. Which model is called what is in names.toml, by hand. The layout of scene.pack is documented where it is read, in
src/engine/scene/pack.rs.
"""
import hashlib, io, json, os, re, struct, subprocess, sys, tempfile, tomllib, zipfile

import fast_simplification
import numpy as np
import zstandard
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
DEB_SHA256 = "3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668"
SH3F_SHA256 = "7ef093fe70cedbb160bdb532d86a84580459635e34130c16777f549eba1993dc"
SH3F = "BlendSwap-CC-0.sh3f"
PACKAGE = "Debian package sweethome3d-furniture 1.8-1"
LICENCE, SOURCE = "CC0-1.0", f"{PACKAGE}, BlendSwap-CC-0.sh3f"
TRIANGLES = 20_000  # a model's budget; names.toml may raise it
TEXTURE = 512  # pixels, the longer side
MAGIC, VERSION = b"MPSCENE\0", 1
CREASE = np.cos(np.radians(42))


def library(deb, sh3f, sha256):
    """The files of one of the package's libraries by name."""
    assert hashlib.sha256(open(deb, "rb").read()).hexdigest() == DEB_SHA256, "not the package this recipe is for"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
        data = open(os.path.join(folder, "usr/share/sweethome3d/furniture", sh3f), "rb").read()
    assert hashlib.sha256(data).hexdigest() == sha256
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        return {n.lstrip("/"): z.read(n) for n in z.namelist()}


def properties(files):
    rows = {}
    for line in files["PluginFurnitureCatalog.properties"].decode("latin1").splitlines():
        m = re.match(r"(\w+)#(\d+)\s*=\s*(.*)", line)
        if m:
            rows.setdefault(int(m[2]), {})[m[1]] = m[3].strip()
    return rows


def linear(c):
    c = np.clip(np.asarray(c, float), 0, 1)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def read_mtl(text):
    out, cur = {}, None
    for line in text.splitlines():
        p = line.strip().split(None, 1)
        if not p:
            continue
        if p[0] == "newmtl":
            cur = out.setdefault(p[1].strip(), {})
        elif cur is not None and len(p) > 1:
            cur[p[0].lower()] = p[1].strip()
    return out


def read_obj(text):
    """Positions, uvs, normals, {material: corner triples [n,3,3] of (v, vt, vn), -1 where absent}, the mtl's name."""
    v, vt, vn, faces, cur, lib = [], [], [], {}, "", None
    for line in text.splitlines():
        p = line.split()
        if not p or p[0][0] == "#":
            continue
        if p[0] == "v":
            v.append([float(x) for x in p[1:4]])
        elif p[0] == "vt":
            vt.append([float(x) for x in p[1:3]])
        elif p[0] == "vn":
            vn.append([float(x) for x in p[1:4]])
        elif p[0] == "usemtl":
            cur = " ".join(p[1:])
        elif p[0] == "mtllib":
            lib = " ".join(p[1:])
        elif p[0] == "f":
            ids = []
            for a in p[1:]:
                q = (a.split("/") + ["", ""])[:3]
                n = [int(x) if x else 0 for x in q]
                ids.append([k - 1 if k > 0 else (len(t) + k if k < 0 else -1) for k, t in zip(n, (v, vt, vn))])
            for k in range(1, len(ids) - 1):
                faces.setdefault(cur, []).append([ids[0], ids[k], ids[k + 1]])
    arr = lambda a, n: np.array(a, float).reshape(-1, n)
    return arr(v, 3), arr(vt, 2), arr(vn, 3), {k: np.array(f) for k, f in faces.items()}, lib


def crease_normals(points, faces):
    """A normal for every corner [n,3,3]: the area-weighted mean over the faces round it that turn less than CREASE."""
    a, b, c = (points[faces[:, i]] for i in range(3))
    weighted = np.cross(b - a, c - a)
    unit = weighted / np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-30)
    corner = faces.ravel()
    order = np.argsort(corner, kind="stable")
    face_of = order // 3
    _, start, count = np.unique(corner[order], return_index=True, return_counts=True)
    # All pairs of corners of one vertex.
    per = np.repeat(count, count)
    first = np.repeat(np.arange(len(order)), per)
    begin = np.repeat(np.repeat(start, count), per)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(per) - per, per)
    second = begin + offset
    keep = (unit[face_of[first]] * unit[face_of[second]]).sum(1) > CREASE
    out = np.zeros((len(order), 3))
    for axis in range(3):
        out[:, axis] = np.bincount(first[keep], weighted[face_of[second[keep]], axis], len(order))
    result = np.zeros_like(out)
    result[order] = out
    length = np.linalg.norm(result, axis=1, keepdims=True)
    result = np.where(length > 1e-20, result / np.maximum(length, 1e-30), np.repeat(unit, 3, axis=0))
    return result.reshape(-1, 3, 3)


def octahedral(n):
    n = n / np.maximum(np.abs(n).sum(1, keepdims=True), 1e-30)
    s = np.where(n[:, :2] >= 0, 1.0, -1.0)
    folded = np.where(n[:, 2:] < 0, (1 - np.abs(n[:, 1::-1])) * s, n[:, :2])
    return np.round((np.clip(folded, -1, 1) * 0.5 + 0.5) * 4095).astype(np.uint16)


def planes(values):
    """Delta over rows (wrapping), then all low bytes before all high bytes, column by column: zstd likes it."""
    values = values.astype(np.uint16)
    delta = np.diff(values, axis=0, prepend=np.zeros((1, values.shape[1]), np.uint16)).astype(np.uint16)
    zigzag = ((delta << 1) ^ np.where(delta & 0x8000, 0xFFFF, 0).astype(np.uint16)).astype(np.uint16)
    t = zigzag.T.ravel()
    return (t & 255).astype(np.uint8).tobytes() + (t >> 8).astype(np.uint8).tobytes()


def encode_part(points, normals, uvs):
    """One part from corners: points and normals [n,3,3] (points 0..1), uvs [n,3,2] or None."""
    q = np.round(np.clip(points.reshape(-1, 3), 0, 1) * 65535).astype(np.uint16)
    o = octahedral(normals.reshape(-1, 3))
    cols, box = [q, o], None
    if uvs is not None:
        flat = uvs.reshape(-1, 2)
        low, high = flat.min(0), flat.max(0)
        box = [*map(float, np.round(low, 5)), *map(float, np.round(np.maximum(high - low, 1e-5), 5))]
        cols.append(np.round(np.clip((flat - box[:2]) / box[2:], 0, 1) * 65535).astype(np.uint16))
    rows = np.ascontiguousarray(np.concatenate(cols, axis=1))
    _, first, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    tri = inverse.reshape(-1, 3)
    tri = tri[(tri[:, 0] != tri[:, 1]) & (tri[:, 1] != tri[:, 2]) & (tri[:, 2] != tri[:, 0])]
    # Vertices in the order of their first use, so that an index is either new or a short way back.
    flat = tri.ravel()
    used, at = np.unique(flat, return_index=True)
    order = used[np.argsort(at, kind="stable")]
    rank = np.zeros(len(first), np.int64)
    rank[order] = np.arange(len(order))
    flat = rank[flat]
    vertices = rows[first[order]]
    high = np.maximum.accumulate(np.concatenate([[-1], flat[:-1]])) + 1
    back = (high - flat).astype(np.int64)
    assert len(order) <= 65535 and back.min() >= 0 and back.max() < 65536
    back = back.astype(np.uint16)
    data = planes(vertices) + (back & 255).astype(np.uint8).tobytes() + (back >> 8).astype(np.uint8).tobytes()
    return {"vertices": len(order), "triangles": len(flat) // 3, **({"uv": box} if box else {})}, data


KINDS = [  # by the name that the model's author gave the material
    ("glass", r"glas|vidro|pane|plexi"), ("metal", r"metal|chrom|krome|steel|stell|brass|alum|tube|lock|ring$|iron|gold|silver|hinge"),
    ("ceramic", r"ceram|porcel"), ("wood", r"wood|madera|oak|cherry_or|bois|pine|table(top|feet)|plank"),
    ("leather", r"leather|winchester"), ("fabric", r"fabric|cloth|cushion|pillow|mattress|bedding|tissu|seat|towel|sheet"),
    ("leaf", r"leaf|blatt|foliage|grass"), ("rubber", r"rubber|tire|tyre"), ("plastic", r"plast"),
]


def material(name, m, hint):
    num = lambda key, default: float((m.get(key) or str(default)).split()[0])
    kd = [float(x) for x in (m.get("kd") or "0.7 0.7 0.7").split()[:3]]
    ks = max(float(x) for x in (m.get("ks") or "0 0 0").split()[:3])
    ns, d, illum = num("ns", 10), num("d", 1), int(num("illum", 2))
    kind = hint or next((k for k, r in KINDS if re.search(r, name, re.I)), "")
    alpha = np.sqrt(2 / (max(ns, 1) + 2))
    out = {"name": name, "kind": kind, "color": [round(float(c), 4) for c in np.clip(linear(kd), 0.006, 0.87)],
           "roughness": round(float(np.clip(np.sqrt(alpha), 0.12, 0.95)) if ks > 0.03 else 0.8, 3),
           "specular": round(float(np.clip(ks, 0.2, 0.5)), 3)}
    if d < 0.75 and kind != "metal":
        kind = out["kind"] = "glass"
    if kind == "glass":
        out |= {"transmission": 1.0, "roughness": 0.03}
    elif kind == "metal" or (illum >= 3 and ks > 0.4) or (ks > 0.8 and max(kd) - min(kd) < 0.2 and ns > 40):
        out |= {"metallic": 1.0, "roughness": min(out["roughness"], 0.3), "kind": "metal"}
        if max(out["color"]) < 0.3 and ks > 0.5:
            out["color"] = [round(float(c), 4) for c in linear(np.maximum(kd, ks * 0.75))]
    elif kind == "ceramic":
        out |= {"clearcoat": 0.6, "roughness": min(out["roughness"], 0.35)}
    return out


def texture(data):
    im = Image.open(io.BytesIO(data))
    im = im.convert("RGBA" if "A" in im.getbands() or "transparency" in im.info else "RGB")
    if im.mode == "RGBA" and im.getextrema()[3][0] > 250:
        im = im.convert("RGB")
    if max(im.size) > TEXTURE:
        k = TEXTURE / max(im.size)
        im = im.resize([max(1, round(s * k)) for s in im.size], Image.LANCZOS)
    out = io.BytesIO()
    if im.mode == "RGBA":
        im.save(out, "WEBP", quality=88, method=6)
    else:
        im.save(out, "JPEG", quality=86, optimize=True)
    return out.getvalue()


def find(files, folder, name):
    want = os.path.normpath(os.path.join(folder, name.replace("\\", "/"))).lower()
    base = os.path.basename(want)
    by_name = {n.lower(): n for n in files if n.lower().startswith(folder.lower() + "/")}
    return by_name.get(want) or next((n for k, n in sorted(by_name.items()) if os.path.basename(k) == base), None)


def convert(files, row, entry, textures, licence, source):
    """One model: its index entry and its bytes."""
    path = row["model"].lstrip("/")
    folder = os.path.dirname(path)
    v, vt, vn, faces, lib = read_obj(files[path].decode("latin1"))
    mtl = read_mtl(files[find(files, folder, lib)].decode("latin1")) if lib and find(files, folder, lib) else {}
    rotation = np.array([float(x) for x in row["modelRotation"].split()]).reshape(3, 3) if "modelRotation" in row else np.eye(3)
    v, vn = v @ rotation.T, vn @ rotation.T
    used = np.unique(np.concatenate([f[:, :, 0].ravel() for f in faces.values()]))
    low, size = v[used].min(0), np.maximum(np.ptp(v[used], axis=0), 1e-6)
    unit = (v - low) / size
    cm = [float(row["width"]), float(row["height"]), float(row["depth"])]
    scaled = unit * cm
    budget = entry.get("triangles", TRIANGLES)
    total = sum(len(f) for f in faces.values())
    drop = set(entry.get("drop", []))
    parts, blobs, materials = [], [], []
    for name in sorted(faces):
        if name in drop:
            continue
        f, m = faces[name], mtl.get(name, {})
        spec = material(name, m, entry.get("kinds", {}).get(name))
        spec |= entry.get("materials", {}).get(name, {})
        image = find(files, folder, m["map_kd"].split()[-1]) if "map_kd" in m else None
        has_uv = image is not None and len(vt) and (f[:, :, 1] >= 0).all()
        if has_uv:
            data = texture(files[image])
            key = hashlib.sha256(data).hexdigest()
            textures.setdefault(key, data)
            spec["texture"] = key
            if "materials" not in entry or name not in entry["materials"]:
                spec["color"] = [1.0, 1.0, 1.0]
        points, index = scaled, f[:, :, 0]
        if not has_uv and total > budget:
            _, keep, weld = np.unique(np.round(scaled[index.ravel()] / max(cm), 6), axis=0, return_index=True, return_inverse=True)
            points, index = scaled[index.ravel()][keep], weld.reshape(-1, 3)
            index = index[(index[:, 0] != index[:, 1]) & (index[:, 1] != index[:, 2]) & (index[:, 2] != index[:, 0])]
            points, index = fast_simplification.simplify(points, index.astype(np.int32), 1 - budget / total, agg=3.0)
            index = np.asarray(index, np.int64)
            normals = crease_normals(points, index)
        elif len(vn) and (f[:, :, 2] >= 0).all():
            normals = vn[f[:, :, 2]]
        else:
            _, keep, weld = np.unique(np.round(scaled[index.ravel()] / max(cm), 6), axis=0, return_index=True, return_inverse=True)
            points, index = scaled[index.ravel()][keep], weld.reshape(-1, 3)
            normals = crease_normals(points, index)
        corners = points[index]
        area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        fine = area > 1e-9 * max(cm) ** 2
        corners, normals = corners[fine], normals[fine]
        uvs = vt[f[:, :, 1]][fine] if has_uv else None
        spec["area"] = float(area.sum())
        materials.append(spec)
        for begin in range(0, len(corners), 21_000):
            cut = slice(begin, begin + 21_000)
            part, data = encode_part(corners[cut] / cm, normals[cut], uvs[cut] if has_uv else None)
            parts.append({"material": len(materials) - 1, **part})
            blobs.append(data)
    whole = sum(m["area"] for m in materials)
    for m in materials:
        m["area"] = round(m["area"] / whole, 4)
    body = entry.get("body") or [max((m for m in materials if m["kind"] != "glass"), key=lambda m: m["area"], default=materials[0])["name"]]
    main = [m for m in materials if m["name"] in body]
    assert main, (row["name"], body, [m["name"] for m in materials])
    for m in materials:
        m["body"] = m in main or (not entry.get("body") and m["color"] == main[0]["color"] and m["kind"] == main[0]["kind"] and m.get("texture") == main[0].get("texture"))
    rest = float(row.get("dropOnTopElevation", cm[1]))
    index = {"id": entry["id"], "name": entry["name"], "also": entry.get("also", []), "category": entry.get("category", row["category"].lower()),
             "size_cm": cm, "rest_cm": rest if rest > 0 else None, "author": row["creator"], "title": row["name"], "licence": licence,
             "source": source, "materials": materials, "parts": parts, "hung": entry.get("hung", False), "yaw_degrees": entry.get("yaw", 0.0)}
    return index, b"".join(blobs)


def assemble(made):
    """The file and the index entries of models, each given as (index entry, bytes, textures by digest)."""
    textures, models, body = {}, [], bytearray()
    packer = zstandard.ZstdCompressor(level=19)
    for index, raw, its in made:
        data = packer.compress(raw)
        index |= {"offset": len(body), "bytes": len(data), "raw_bytes": len(raw)}
        body += data
        textures |= its
        models.append(index)
        print(f"{index['id']:24} {sum(p['triangles'] for p in index['parts']):6} triangles {len(data):7} bytes")
    table, number = [], {}
    for key in sorted(textures):
        number[key] = len(table)
        table.append({"offset": len(body), "bytes": len(textures[key])})
        body += textures[key]
    for m in models:
        for spec in m["materials"]:
            del spec["name"]
            if "texture" in spec:
                spec["texture"] = number[spec["texture"]]
    head = packer.compress(json.dumps({"version": VERSION, "models": models, "textures": table}, separators=(",", ":"), sort_keys=True).encode())
    return MAGIC + struct.pack("<II", VERSION, len(head)) + head + bytes(body), models


def main(deb):
    files = library(deb, SH3F, SH3F_SHA256)
    rows = properties(files)
    names = tomllib.load(open(os.path.join(HERE, "names.toml"), "rb"))["model"]
    assert len({n["id"] for n in names}) == len(names)

    def made():
        for entry in names:
            textures = {}
            yield *convert(files, rows[entry["from"]], entry, textures, LICENCE, SOURCE), textures

    pack, models = assemble(made())
    open(os.path.join(HERE, "scene.pack"), "wb").write(pack)
    digest = hashlib.sha256(pack).hexdigest()
    with open(os.path.join(HERE, "pack.toml"), "w") as f:
        f.write(f'name = "scene"\ndescription = "{len(models)} 3D models of everyday things for the scene renderer"\n')
        f.write(f'licence = "{LICENCE}"\nsource = "{SOURCE}"\n\n[[file]]\nname = "scene.pack"\nsha256 = "{digest}"\n')
    path = os.path.join(HERE, "README.md")
    text = open(path).read().split("<!-- catalogue -->")[0] if os.path.exists(path) else ""
    open(path, "w").write(text + catalogue(models))
    print(len(models), "models", len(pack), "bytes", digest)


def catalogue(models):
    """The table of what there is and whose."""
    lines = ["<!-- catalogue -->\n", "| id | name | title and author in the source | licence | size in cm (w, h, d) |\n", "|---|---|---|---|---|\n"]
    for m in sorted(models, key=lambda m: m["id"]):
        size = " x ".join(f"{s:g}" for s in m["size_cm"])
        lines.append(f"| {m['id']} | {m['name']} | {m['title']}, {m['author']} | {m['licence']} | {size} |\n")
    return "".join(lines)


if __name__ == "__main__":
    main(sys.argv[1])
