#!/usr/bin/env python3
"""Makes oidn.json: what Open Image Denoise itself gives for a small noisy picture.

    pip install numpy pyoidn==2.5.1.0
    python oidn.py

The picture is made by a formula that the test repeats (`scene::denoiser`): a chequered plane under rising light with
noise from SplitMix64. The library runs its small network for clean features.
"""

import json
import pathlib

import numpy as np
from pyoidn.device import Device
from pyoidn.filter import OIDN_FORMAT_FLOAT3, OIDN_QUALITY_FAST, Filter

WIDTH, HEIGHT, STEP = 50, 37, 7
MASK = (1 << 64) - 1


def chance(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield ((z ^ (z >> 31)) >> 40) / (1 << 24)


def picture():
    color, albedo, normal = (np.zeros((HEIGHT, WIDTH, 3), np.float32) for _ in range(3))
    draw = chance(7)
    for y in range(HEIGHT):
        for x in range(WIDTH):
            albedo[y, x] = (0.2, 0.5, 0.7) if (x // 6 + y // 6) % 2 == 0 else (0.8, 0.3, 0.2)
            color[y, x] = albedo[y, x] * ((0.2 + 4 * x / WIDTH) * 3 * next(draw) ** 2)
            normal[y, x] = (0, 1, 0) if x * 2 < WIDTH else (0.6, 0, 0.8)
    return color, albedo, normal


def main():
    device = Device()
    device.commit()
    out = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    # The library keeps addresses only: this keeps the arrays.
    images = dict(zip(("color", "albedo", "normal", "output"), (*picture(), out)))
    denoiser = Filter(device, "RT")
    for name, image in images.items():
        denoiser.set_image(name, image, OIDN_FORMAT_FLOAT3, WIDTH, HEIGHT)
    denoiser.set_bool("hdr", True)
    denoiser.set_bool("cleanAux", True)
    denoiser.set_quality(OIDN_QUALITY_FAST)
    denoiser.commit()
    denoiser.execute()
    values = [round(float(v), 6) for v in out.reshape(-1)[::STEP]]
    golden = {"width": WIDTH, "height": HEIGHT, "step": STEP, "values": values}
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
