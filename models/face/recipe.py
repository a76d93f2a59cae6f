#!/usr/bin/env python3
"""Makes the face networks and the canonical face mesh from MediaPipe's npm packages.

    npm pack (scope)mediapipe/face_detection, version 0.4.1657300184
    npm pack (scope)mediapipe/face_mesh, version 0.4.1657299874
    pip install onnx==1.23.2 tflite==2.18.0 flatbuffers numpy
    python recipe.py FOLDER_WITH_BOTH_TGZ

Both packages are Apache-2.0 (Google). Results, beside this file:

detect_full.onnx, detect_short.onnx  BlazeFace (Bazarevsky et al. 2019): `input` f32 [1,3,S,S] RGB -1..1, S 192 or 128;
    `regressors` [1,N,16], `classificators` [1,N,1].
landmarks.onnx  Attention Mesh (Grishchenko et al. 2020): `input` f32 [1,3,192,192] RGB 0..1; landmark groups in pixels
    of the input and a face flag, under the names of the source.
canonical.mesh  little endian: 468 x 3 f32 (cm; X to the image's right, Y up, Z to the camera), 898 x 3 u16 triangles.

TensorFlow Lite graphs become ONNX opset 17 with standard operators only; weights that are exact as half floats are
stored so, behind a Cast. The same input gives the same bytes.
"""

import hashlib
import pathlib
import struct
import sys
import tarfile

import numpy as np
import onnx
import tflite
from flatbuffers import flexbuffers
from onnx import TensorProto, helper, numpy_helper

DETECTION = ("mediapipe-face_detection-0.4.1657300184.tgz", "a118cde74923dc4435257fbfbb613464a0f58d115dff6314d4ff96c8aebf6419")
MESH = ("mediapipe-face_mesh-0.4.1657299874.tgz", "c08a7e0742a326285da666cf81d77c8b6f3a181a2ee948cadaf166008e0d3bc7")
PACKED = "face_mesh_solution_packed_assets.data"
# Where the members lie in the packed assets.
LANDMARKS = slice(0, 2495952)
GEOMETRY = slice(3737848, 3757224)

OPERATORS = {v: k for k, v in vars(tflite.BuiltinOperator).items() if isinstance(v, int)}
TYPES = {0: np.float32, 1: np.float16, 2: np.int32, 3: np.uint8, 4: np.int64, 9: np.int8}


def same_padding(size, kernel, stride, dilation):
    """TensorFlow's SAME: the odd pixel goes to the end."""
    total = max(0, (-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size)
    return total // 2, total - total // 2


class Converter:
    """Walks a TensorFlow Lite graph; 4-D tensors are kept as NCHW, all others as they are."""

    def __init__(self, data):
        self.model = tflite.Model.GetRootAsModel(data, 0)
        self.graph = self.model.Subgraphs(0)
        self.nodes, self.initializers, self.constants, self.count = [], [], {}, 0

    # names and constants

    def shape(self, index):
        shape = self.graph.Tensors(index).ShapeAsNumpy()
        return [] if isinstance(shape, int) else [int(v) for v in shape]

    def name(self, stem):
        self.count += 1
        return f"{stem}_{self.count}"

    def constant(self, values, stem="c"):
        values = np.ascontiguousarray(values)
        name = self.name(stem)
        if values.dtype in (np.float16, np.float32) and values.size > 64:
            half = values.astype(np.float16)
            if np.array_equal(half.astype(np.float32), values.astype(np.float32)):
                self.initializers.append(numpy_helper.from_array(half, name + "h"))
                self.nodes.append(helper.make_node("Cast", [name + "h"], [name], to=TensorProto.FLOAT))
                return name
        if values.dtype == np.float16:
            values = values.astype(np.float32)
        self.initializers.append(numpy_helper.from_array(values, name))
        return name

    def add(self, operator, inputs, **attributes):
        output = self.name(operator)
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def value(self, index):
        """The constant of a tensor, or None where the graph computes it."""
        if index in self.constants:
            return self.constants[index]
        tensor = self.graph.Tensors(index)
        buffer = self.model.Buffers(tensor.Buffer())
        if buffer.DataLength() == 0:
            return None
        if tensor.Sparsity() is not None:
            raise SystemExit("sparse tensors are not supported: use the dense model")
        values = np.frombuffer(buffer.DataAsNumpy().tobytes(), TYPES[tensor.Type()]).reshape(self.shape(index))
        self.constants[index] = values
        return values

    def get(self, index, layout="nchw"):
        values = self.value(index)
        if values is not None:
            return self.constant(values.transpose(0, 3, 1, 2) if layout == "nchw" and values.ndim == 4 else values)
        if layout == "raw" and len(self.shape(index)) == 4:
            return self.add("Transpose", [f"t{index}"], perm=[0, 2, 3, 1])
        return f"t{index}"

    def put(self, index, name, layout="nchw"):
        if layout == "raw" and len(self.shape(index)) == 4:
            self.nodes.append(helper.make_node("Transpose", [name], [f"t{index}"], perm=[0, 3, 1, 2]))
        else:
            self.nodes.append(helper.make_node("Identity", [name], [f"t{index}"]))

    def activate(self, name, kind):
        if kind == 0:
            return name
        if kind == 1:
            return self.add("Relu", [name])
        if kind == 3:
            return self.add("Clip", [name, self.constant(np.float32(0)), self.constant(np.float32(6))])
        raise SystemExit(f"activation {kind} is not known")

    # operators

    def convert(self):
        for i in range(self.graph.OperatorsLength()):
            operator = self.graph.Operators(i)
            code = self.model.OperatorCodes(operator.OpcodeIndex())
            kind = OPERATORS[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
            inputs = [int(v) for v in operator.InputsAsNumpy()]
            outputs = [int(v) for v in operator.OutputsAsNumpy()]
            if kind == "CUSTOM":
                kind = code.CustomCode().decode()
                data = bytes(operator.CustomOptionsAsNumpy()) if operator.CustomOptionsLength() else b""
                options = flexbuffers.Loads(data) if data else {}
            else:
                options = operator.BuiltinOptions()
            method = getattr(self, "op_" + kind.lower(), None)
            if method is None:
                raise SystemExit(f"operator {kind} is not known")
            method(options, inputs, outputs[0])

    @staticmethod
    def read(table, options):
        value = table()
        value.Init(options.Bytes, options.Pos)
        return value

    def op_dequantize(self, _, inputs, output):
        # Only weights are stored as half floats in these graphs; they stay half floats here.
        values = self.value(inputs[0])
        if values is None or values.dtype != np.float16:
            raise SystemExit("only constant half floats are dequantized")
        self.constants[output] = values

    def op_conv_2d(self, options, inputs, output, depthwise=False):
        p = self.read(tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions, options)
        weight = self.value(inputs[1])
        _, height, width, channels = self.shape(inputs[0])
        kernel = list(weight.shape[1:3])
        pads = [0, 0, 0, 0]
        if p.Padding() == 0:
            top, bottom = same_padding(height, kernel[0], p.StrideH(), p.DilationHFactor())
            left, right = same_padding(width, kernel[1], p.StrideW(), p.DilationWFactor())
            pads = [top, left, bottom, right]
        names = [self.get(inputs[0]), self.constant(weight.transpose((3, 0, 1, 2) if depthwise else (0, 3, 1, 2)), "w")]
        if len(inputs) > 2 and inputs[2] >= 0:
            names.append(self.constant(self.value(inputs[2]), "b"))
        result = self.add(
            "Conv", names, kernel_shape=kernel, strides=[p.StrideH(), p.StrideW()],
            dilations=[p.DilationHFactor(), p.DilationWFactor()], group=channels if depthwise else 1, pads=pads,
        )
        self.put(output, self.activate(result, p.FusedActivationFunction()))

    def op_depthwise_conv_2d(self, options, inputs, output):
        self.op_conv_2d(options, inputs, output, depthwise=True)

    def op_prelu(self, _, inputs, output):
        slope = self.value(inputs[1])
        slope = slope.reshape(slope.shape[-3:] if slope.ndim >= 3 else slope.shape)
        slope = slope.transpose(2, 0, 1) if slope.ndim == 3 else slope.reshape(-1, 1, 1)
        self.put(output, self.add("PRelu", [self.get(inputs[0]), self.constant(slope, "a")]))

    def op_relu(self, _, inputs, output):
        self.put(output, self.add("Relu", [self.get(inputs[0])]))

    def op_add(self, options, inputs, output):
        p = self.read(tflite.AddOptions, options)
        result = self.add("Add", [self.get(inputs[0]), self.get(inputs[1])])
        self.put(output, self.activate(result, p.FusedActivationFunction()))

    def op_mul(self, options, inputs, output):
        p = self.read(tflite.MulOptions, options)
        result = self.add("Mul", [self.get(inputs[0]), self.get(inputs[1])])
        self.put(output, self.activate(result, p.FusedActivationFunction()))

    def op_max_pool_2d(self, options, inputs, output):
        p = self.read(tflite.Pool2DOptions, options)
        _, height, width, _ = self.shape(inputs[0])
        pads = [0, 0, 0, 0]
        if p.Padding() == 0:
            top, bottom = same_padding(height, p.FilterHeight(), p.StrideH(), 1)
            left, right = same_padding(width, p.FilterWidth(), p.StrideW(), 1)
            pads = [top, left, bottom, right]
        kernel, strides = [p.FilterHeight(), p.FilterWidth()], [p.StrideH(), p.StrideW()]
        self.put(output, self.add("MaxPool", [self.get(inputs[0])], kernel_shape=kernel, strides=strides, pads=pads))

    def op_pad(self, _, inputs, output):
        pads = self.value(inputs[1]).astype(np.int64)
        if len(pads) == 4:
            pads = pads[[0, 3, 1, 2]]
        self.put(output, self.add("Pad", [self.get(inputs[0]), self.constant(np.concatenate([pads[:, 0], pads[:, 1]]))]))

    def op_reshape(self, _, inputs, output):
        shape = self.constant(np.array(self.shape(output), np.int64))
        self.put(output, self.add("Reshape", [self.get(inputs[0], "raw"), shape]), "raw")

    def op_concatenation(self, options, inputs, output):
        rank = len(self.shape(output))
        axis = self.read(tflite.ConcatenationOptions, options).Axis() % rank
        axis = {0: 0, 1: 2, 2: 3, 3: 1}[axis] if rank == 4 else axis
        self.put(output, self.add("Concat", [self.get(i) for i in inputs], axis=axis))

    def op_resize_bilinear(self, options, inputs, output):
        p = self.read(tflite.ResizeBilinearOptions, options)
        n, height, width, channels = self.shape(output)
        mode = "align_corners" if p.AlignCorners() else "half_pixel" if p.HalfPixelCenters() else "asymmetric"
        size = self.constant(np.array([n, channels, height, width], np.int64))
        names = [self.get(inputs[0]), "", "", size]
        self.put(output, self.add("Resize", names, mode="linear", coordinate_transformation_mode=mode))

    def op_strided_slice(self, options, inputs, output):
        begin, end, strides = (self.value(i).astype(np.int64).copy() for i in inputs[1:4])
        p, shape = self.read(tflite.StridedSliceOptions, options), self.shape(inputs[0])
        for axis in range(len(begin)):
            begin[axis] = 0 if p.BeginMask() >> axis & 1 else begin[axis]
            end[axis] = shape[axis] if p.EndMask() >> axis & 1 else end[axis]
        if p.ShrinkAxisMask() or p.NewAxisMask() or p.EllipsisMask():
            raise SystemExit("masks of this slice are not known")
        bounds = [self.constant(v) for v in (begin, end, np.arange(len(begin)), strides)]
        self.put(output, self.add("Slice", [self.get(inputs[0], "raw"), *bounds]), "raw")

    # MediaPipe's own operators, written out in standard ones

    def cut(self, name, start, end, axis):
        return self.add("Slice", [name, *(self.constant(np.array([v])) for v in (start, end, axis))])

    def op_landmarks2transformmatrix(self, options, inputs, output):
        """The 4x4 matrix from the upright box round some landmarks to the picture."""
        if abs(options["target_rotation_radians"]) > 1e-9:
            raise SystemExit("a turned target is not known")
        width, height = options["output_width"], options["output_height"]
        points = self.add("Squeeze", [self.get(inputs[0], "raw"), self.constant(np.array([0]))])
        points = self.cut(points, 0, 2, 1)
        left = self.add("Gather", [points, self.constant(np.array([options["left_rotation_idx"]]))], axis=0)
        right = self.add("Gather", [points, self.constant(np.array([options["right_rotation_idx"]]))], axis=0)
        along = self.add("Sub", [right, left])
        square = self.add("ReduceSum", [self.add("Mul", [along, along]), self.constant(np.array([1]))], keepdims=1)
        along = self.add("Div", [along, self.add("Sqrt", [square])])
        cosine, sine = self.cut(along, 0, 1, 1), self.cut(along, 1, 2, 1)
        rows = [self.add("Concat", [cosine, self.add("Neg", [sine])], axis=1), self.add("Concat", [sine, cosine], axis=1)]
        turn = self.add("Concat", rows, axis=0)
        subset = self.add("Gather", [points, self.constant(np.array(options["subset_idxs"]))], axis=0)
        upright = self.add("MatMul", [subset, turn])
        high = self.add("ReduceMax", [upright], axes=[0], keepdims=1)
        low = self.add("ReduceMin", [upright], axes=[0], keepdims=1)
        middle = self.add("Mul", [self.add("Add", [high, low]), self.constant(np.float32(0.5))])
        middle = self.add("MatMul", [turn, self.add("Transpose", [middle], perm=[1, 0])])
        scale = np.array([[options["scale_x"] / width, options["scale_y"] / height]], np.float32)
        scale = self.add("Mul", [self.add("Sub", [high, low]), self.constant(scale)])
        linear = self.add("Mul", [turn, scale])
        corner = self.constant(np.array([[-width / 2], [-height / 2]], np.float32))
        shift = self.add("Add", [self.add("MatMul", [linear, corner]), middle])
        top = self.add("Concat", [linear, self.constant(np.zeros((2, 1), np.float32)), shift], axis=1)
        bottom = self.constant(np.array([[0, 0, 1, 0], [0, 0, 0, 1]], np.float32))
        matrix = self.add("Concat", [top, bottom], axis=0)
        self.put(output, self.add("Unsqueeze", [matrix, self.constant(np.array([0]))]), "raw")

    def op_transformtensorbilinear(self, options, inputs, output):
        """Features sampled through the matrix."""
        width, height = options["output_width"], options["output_height"]
        _, in_height, in_width, _ = self.shape(inputs[0])
        y, x = np.mgrid[0:height, 0:width]
        grid = np.stack([x + 0.5, y + 0.5, x * 0, x * 0 + 1], -1).reshape(-1, 4).astype(np.float32)
        matrix = self.add("Squeeze", [self.get(inputs[1], "raw"), self.constant(np.array([0]))])
        at = self.add("MatMul", [self.constant(grid), self.add("Transpose", [matrix], perm=[1, 0])])
        at = self.add("Sub", [self.cut(at, 0, 2, 1), self.constant(np.float32(0.5))])
        unit = self.constant(np.array([[2 / (in_width - 1), 2 / (in_height - 1)]], np.float32))
        at = self.add("Sub", [self.add("Mul", [at, unit]), self.constant(np.float32(1))])
        at = self.add("Reshape", [at, self.constant(np.array([1, height, width, 2], np.int64))])
        how = {"mode": "bilinear", "padding_mode": "zeros", "align_corners": 1}
        self.put(output, self.add("GridSample", [self.get(inputs[0]), at], **how))

    def op_transformlandmarks(self, _, inputs, output):
        """Landmarks of the part back to the whole."""
        if self.shape(inputs[0])[2] != 2:
            raise SystemExit("only plane landmarks are transformed")
        matrix = self.add("Squeeze", [self.get(inputs[1], "raw"), self.constant(np.array([0]))])
        rows = self.cut(matrix, 0, 2, 0)
        linear = self.add("Transpose", [self.cut(rows, 0, 2, 1)], perm=[1, 0])
        shift = self.add("Transpose", [self.cut(rows, 3, 4, 1)], perm=[1, 0])
        self.put(output, self.add("Add", [self.add("MatMul", [self.get(inputs[0], "raw"), linear]), shift]), "raw")

    def finish(self, title):
        inputs, outputs = [], []
        for index in (int(i) for i in self.graph.InputsAsNumpy()):
            n, height, width, channels = self.shape(index)
            shape = [n, channels, height, width]
            inputs.append(helper.make_tensor_value_info("input", TensorProto.FLOAT, shape))
            self.nodes.insert(0, helper.make_node("Identity", ["input"], [f"t{index}"]))
        for index in (int(i) for i in self.graph.OutputsAsNumpy()):
            name, shape = self.graph.Tensors(index).Name().decode(), self.shape(index)
            if len(shape) == 4:
                shape = [1, int(np.prod(shape))]
                size = self.constant(np.array([1, -1], np.int64))
                self.nodes.append(helper.make_node("Reshape", [f"t{index}", size], [name]))
            else:
                self.nodes.append(helper.make_node("Identity", [f"t{index}"], [name]))
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        graph = helper.make_graph(self.nodes, title, inputs, outputs, self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        model.producer_name = "magicpixels models/face/recipe.py"
        onnx.checker.check_model(model)
        return model.SerializeToString(deterministic=True)


def fields(data):
    """The fields of a protobuf message: number and raw value."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        else:
            length = varint() if key & 7 == 2 else {1: 8, 5: 4}[key & 7]
            yield key >> 3, data[at : at + length]
            at += length


def mesh(data):
    """Positions and triangles of GeometryPipelineMetadata.canonical_mesh (mediapipe face_geometry protos)."""
    numbers, indices = b"", []
    for number, value in fields(next(v for _, v in fields(data) if isinstance(v, bytes) and len(v) > 8000)):
        if number == 3:
            numbers += value
        elif number == 4:
            if isinstance(value, int):
                indices.append(value)
            else:
                indices += [v for _, v in fields(b"".join(b"\x08" + c for c in split(value)))]
    vertices = np.frombuffer(numbers, "<f4").reshape(-1, 5)[:, :3]
    if vertices.shape != (468, 3) or len(indices) != 898 * 3:
        raise SystemExit(f"the mesh has {len(vertices)} vertices and {len(indices)} indices")
    return vertices.astype("<f4").tobytes() + struct.pack(f"<{len(indices)}H", *indices)


def split(packed):
    """Packed varints, one by one, as bytes."""
    start = 0
    for at, byte in enumerate(packed):
        if byte < 128:
            yield packed[start : at + 1]
            start = at + 1


def members(folder, package):
    name, digest = package
    path = pathlib.Path(folder) / name
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        raise SystemExit(f"{name} is not the pinned package")
    with tarfile.open(path) as archive:
        return {m.name: archive.extractfile(m).read() for m in archive.getmembers() if m.isfile()}


def convert(data, title):
    converter = Converter(data)
    converter.convert()
    return converter.finish(title)


def main():
    folder = sys.argv[1]
    detection = members(folder, DETECTION)
    packed = members(folder, MESH)[f"package/{PACKED}"]
    results = {
        "detect_full.onnx": convert(detection["package/face_detection_full_range.tflite"], "face_detection_full_range"),
        "detect_short.onnx": convert(detection["package/face_detection_short_range.tflite"], "face_detection_short_range"),
        "landmarks.onnx": convert(packed[LANDMARKS], "face_landmark_with_attention"),
        "canonical.mesh": mesh(packed[GEOMETRY]),
    }
    for name, data in results.items():
        pathlib.Path(__file__).with_name(name).write_bytes(data)
        print(name, len(data), hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    main()
