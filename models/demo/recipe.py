"""Makes the demo pictures from scikit-image's sample data.

    pip install scikit-image==0.26.0 pillow onnxruntime==1.28.0
    python recipe.py FOLDER

portrait.jpg: `astronaut`, Eileen Collins, NASA; no known copyright restrictions, released into the public domain.
product.jpg: `coffee`, a cup of espresso; no copyright restrictions, CC0 by the photographer, Rachel Michetti.
Both statements are those of scikit-image's own documentation. Enlarged by models/realesrgan and mixed with a plain
enlargement, which keeps the skin's grain; cropped; nothing else is changed.
"""

import hashlib
import pathlib
import sys

import numpy as np
import onnxruntime
from PIL import Image
from skimage import data

NETWORK = pathlib.Path(__file__).parent.parent / "realesrgan" / "animevideov3.onnx"


def enlarge(picture, box, size, share):
    """The part `box` of a picture at `size`, `share` of it painted by the network."""
    part = Image.fromarray(picture).convert("RGB").crop(box)
    values = np.asarray(part, np.float32).transpose(2, 0, 1)[None] / 255
    session = onnxruntime.InferenceSession(str(NETWORK), providers=["CPUExecutionProvider"])
    painted = session.run(None, {"image": values})[0][0].transpose(1, 2, 0)
    painted = Image.fromarray((painted * 255 + 0.5).astype(np.uint8)).resize(size, Image.LANCZOS)
    return Image.blend(part.resize(size, Image.BICUBIC), painted, share)


def main():
    folder = pathlib.Path(sys.argv[1])
    pictures = {
        "portrait.jpg": enlarge(data.astronaut(), (64, 0, 384, 320), (640, 640), 0.5),
        "product.jpg": enlarge(data.coffee(), (67, 0, 600, 400), (800, 600), 0.7),
    }
    for name, picture in pictures.items():
        path = folder / name
        picture.save(path, quality=88, optimize=True, progressive=True)
        print(path, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
