#!/usr/bin/env python3
"""Makes face.json: what the networks of models/face give for face.png, by programs that are not ours.

    pip install onnxruntime==1.28.0 ai-edge-litert==2.3.0 numpy pillow
    python face.py FOLDER_WITH_THE_TFLITE_FILES      (the package folder of mediapipe/face_detection)

face.png is the middle of models/demo/portrait.jpg at 192 x 192, lossless. The detectors' numbers are LiteRT's; the script fails
where ONNX Runtime's differ by more than the tolerance, so that they check the conversion too. The landmark network has
operators of MediaPipe's own that LiteRT does not know: its numbers are ONNX Runtime's.
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

HERE = pathlib.Path(__file__).parent
MODELS = HERE.parent.parent / "models" / "face"
NETWORKS = {
    "detect_full.onnx": ("face_detection_full_range.tflite", (0, 192), (-1, 1)),
    "detect_short.onnx": ("face_detection_short_range.tflite", (32, 160), (-1, 1)),
    "landmarks.onnx": (None, (0, 192), (0, 1)),
}


def lite(path, picture):
    """LiteRT's outputs by name, flat."""
    interpreter = Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture[None])
    interpreter.invoke()
    return {d["name"]: interpreter.get_tensor(d["index"]).reshape(-1) for d in interpreter.get_output_details()}


def main():
    source = pathlib.Path(sys.argv[1])
    pixels = np.asarray(Image.open(HERE / "face.png").convert("RGB"), np.float32) / 255
    golden = {}
    for name, (tflite, (start, end), (low, high)) in NETWORKS.items():
        picture = pixels[start:end, start:end] * (high - low) + low
        session = onnxruntime.InferenceSession(str(MODELS / name), providers=["CPUExecutionProvider"])
        names = [o.name for o in session.get_outputs()]
        found = session.run(None, {"input": np.ascontiguousarray(picture.transpose(2, 0, 1)[None])})
        reference = lite(source / tflite, np.ascontiguousarray(picture)) if tflite else {}
        for output, values in zip(names, found):
            values = values.reshape(-1)
            wanted = reference.get(output, values)
            worst = float(np.abs(values - wanted).max())
            print(name, output, values.size, f"differs by {worst:.2e}")
            if worst > 1e-3:
                raise SystemExit("the conversion is wrong")
            step = max(1, values.size // 60)
            sample = [round(float(v), 5) for v in wanted[::step]]
            golden.setdefault(name, {})[output] = {"step": step, "values": sample}
    (HERE / "face.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
