"""Numbers for the noise and the tokenizer: python text.py BPE_VOCAB_GZ

BPE_VOCAB_GZ is open_clip/bpe_simple_vocab_16e6.txt.gz of the package open-clip-torch 3.3.0 (MIT, OpenAI's CLIP).
Writes noise.json, tokens.json and clip-merges.txt.zst beside this file.
"""
import gzip, json, os, pathlib, random, subprocess, sys, tempfile
import torch
from transformers import CLIPTokenizer

HERE = pathlib.Path(__file__).parent


def noise():
    cases = []
    for seed in (0, 1, 42, 2**31, 2**32 - 1):
        generator = torch.Generator("cpu").manual_seed(seed)
        draws = []
        for count in (1, 2, 5, 15, 16, 17, 31, 64, 4 * 8 * 8, 1000, 4 * 64 * 64, 3, 256):
            values = torch.randn(count, generator=generator)
            draws.append(dict(count=count, head=values[:20].tolist(), tail=values[-min(4, count):].tolist(),
                              sum=values.double().sum().item()))
        cases.append(dict(seed=seed, draws=draws))
    (HERE / "noise.json").write_text(json.dumps(cases, indent=0) + "\n")


def merges_of(path):
    return gzip.open(path).read().decode().split("\n")[1:49152 - 256 - 2 + 1]


def vocabulary(merges):
    known = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    characters, extra = known[:], 0
    for byte in range(256):
        if byte not in known:
            known.append(byte)
            characters.append(256 + extra)
            extra += 1
    characters = [chr(c) for c in characters]
    tokens = characters + [c + "</w>" for c in characters] + ["".join(m.split()) for m in merges]
    return {token: i for i, token in enumerate(tokens + ["<|startoftext|>", "<|endoftext|>"])}


AWKWARD = [
    "", " ", "a", "A cup.", "a photo of a cat", "a  photo\tof\na\r\ncat ", "Crème brûlée à la carte", "Cre\u0300me bru\u0302le\u0301e",
    "naïve café — déjà vu", "Ünïcödé ŠŽĆ łódź", "İstanbul ve ışık", "STRASSE Straße ẞ", "ΣΊΣΥΦΟΣ σίσυφος ΟΔΥΣΣΕΥΣ",
    "Привет, мир!", "ЁЛКА ёлка й и\u0306", "你好，世界", "猫の写真", "漢字とひらがなとカタカナ", "한국어 문장입니다", "안\u1112\u1161\u11ab글",
    "سلام دنیا", "שלום עולם", "नमस्ते दुनिया", "สวัสดีชาวโลก", "xin chào thế giới", "𠮷野家 𪚥", "豈 﨑 丽", "㐂㐄",
    "🙂", "🙂🙃", "a 🐱 on a 🛋️", "👨‍👩‍👧‍👦 family", "👩🏽‍🚀 astronaut", "🇩🇪🇫🇷", "1️⃣2️⃣", "❤️‍🔥", "™®©", "½ ⅓ ²³ ①②", "№ ℃ Å",
    "don't can't I'll we've they're it's I'd I'm", "DON'T SHOUT'S", "'s 't 're", "rock'n'roll", "’tis ‘quoted’ “double”",
    "a_b_c snake_case camelCase", "foo-bar--baz", "...", "?!?!", "!", "!!!", "hello!", "hello !", "!start", "wow! wow! wow!", "a!b",
    "$100.00 50% #1 @home", "C++ C# F# .NET", "http://example.com/a?b=c&d=e", "[email protected]", "(((masterpiece))), best quality:1.3",
    "[from:to:0.5]", "{a|b}", "<lora:x:1>", "<|startoftext|>", "<|endoftext|>", "a <|endoftext|> b", "<|EndOfText|>", "<|end|>", "<b>bold</b>",
    "&amp; &lt;", "\\n \\t", "\x00zero", "bell\x07 tab\x0b form\x0c", "zero\u200bwidth", "soft\u00adhyphen", "\ufeffbom", "non\u00a0breaking",
    "thin\u2009space", "line\u2028separator", "para\u2029graph", "ideographic\u3000space", "\u202eright to left", "replacement \ufffd char",
    "ﬁ ﬂ ligatures", "ｆｕｌｌｗｉｄｔｈ", "𝔉𝔯𝔞𝔨𝔱𝔲𝔯 𝓈𝒸𝓇𝒾𝓅𝓉", "Ⅷ ⅷ", "ǅ ǆ Ǆ", "ŉ ǰ ΐ", "ſ long s 'ſ", "K Kelvin", "a\u0301\u0327\u0308", "Z̷̢̛a̸l̵g̶o̴",
    "1", "12", "123", "1234567890", "3.14159", "1,000,000", "2nd 3rd 4th", "v1.5", "512x512", "8k uhd", "f/1.8 85mm", "20°C", "½cup",
    "a" * 100, "ab" * 60, "supercalifragilisticexpialidocious", "pneumonoultramicroscopicsilicovolcanoconiosis",
    "cup " * 74, "cup " * 75, "cup " * 76, "cup " * 120, "🙂" * 40, "漢" * 90, "word, " * 50, "é" * 120, "! " * 80, "x" * 500,
]


def tokens(path):
    merges = merges_of(path)
    with tempfile.TemporaryDirectory() as folder:
        open(f"{folder}/vocab.json", "w").write(json.dumps(vocabulary(merges)))
        open(f"{folder}/merges.txt", "w").write("#version: 0.2\n" + "\n".join(merges) + "\n")
        make = lambda pad: CLIPTokenizer(f"{folder}/vocab.json", f"{folder}/merges.txt", pad_token=pad, model_max_length=77)
        first, second = make("<|endoftext|>"), make("!")
        assert first.fix_text is None, "without ftfy, as the appliance reads text"
        texts = list(AWKWARD)
        chance = random.Random(7)
        alphabet = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789    .,;:!?'\"-_()äöüßéèñçøåþğışąęłóśźćабвгдежзあいう漢字한글🙂🐱™\u200d\ufe0f"
        while len(texts) < 240:
            texts.append("".join(chance.choice(alphabet) for _ in range(chance.randrange(1, 90))))
        ids = lambda t, s: t(s, padding="max_length", max_length=77, truncation=True).input_ids

        def short(row):
            while len(row) > 1 and row[-1] == row[-2]:
                row = row[:-1]
            return row
        cases = [dict(text=s, first=short(ids(first, s)), second=short(ids(second, s))) for s in texts]
    (HERE / "tokens.json").write_text(json.dumps(dict(cases=cases), ensure_ascii=False, separators=(",", ":")).replace('},{', '},\n{') + "\n")
    packed = subprocess.run(["zstd", "-19", "-c"], input="\n".join(merges).encode(), stdout=subprocess.PIPE, check=True).stdout
    (HERE / "clip-merges.txt.zst").write_bytes(packed)


if __name__ == "__main__":
    noise()
    if len(sys.argv) > 1:
        tokens(sys.argv[1])
