"""Reference values for test/data/augment.test.ts: crops and resizes by torchvision on Pillow images.

    python scripts/reference/augment.py > test/data/augment.reference.json

Needs torch, torchvision and pillow. Pictures are made by the same small generator as in the test (`noisePicture`).
`RandomResizedCrop.get_params` runs as it is in torchvision; only the source of its random numbers is replaced, by a
fixed list, so that the same list can be given to our rule.
"""

import base64
import json

import PIL
import torch
import torchvision
from PIL import Image
from torchvision.transforms import InterpolationMode, RandomResizedCrop
from torchvision.transforms import functional as F

from noise_picture import lcg, noise_picture


FILTERS = {"bicubic": InterpolationMode.BICUBIC, "bilinear": InterpolationMode.BILINEAR}
CASES = [
    # width, height, channels, left, top, box width, box height, out, filter
    (32, 32, 3, 0, 0, 32, 32, 32, "bicubic"),
    (32, 32, 3, 3, 5, 14, 17, 32, "bicubic"),
    (32, 32, 3, 0, 9, 32, 23, 32, "bicubic"),
    (32, 32, 3, 31, 31, 1, 1, 8, "bicubic"),
    (40, 30, 3, 1, 2, 37, 28, 16, "bicubic"),
    (101, 67, 3, 17, 0, 67, 67, 24, "bicubic"),
    (64, 64, 3, 0, 0, 64, 64, 32, "bicubic"),
    (32, 32, 3, 3, 5, 14, 17, 32, "bilinear"),
    (101, 67, 3, 5, 7, 90, 50, 13, "bilinear"),
    (32, 32, 4, 2, 1, 15, 13, 32, "bicubic"),
    (50, 45, 4, 0, 0, 50, 45, 16, "bicubic"),
]


def resizes():
    for width, height, channels, left, top, w, h, out, name in CASES:
        # CMYK is Pillow's four-channel mode without a special alpha.
        mode = "RGB" if channels == 3 else "CMYK"
        picture = Image.frombytes(mode, (width, height), noise_picture(width, height, channels, 7))
        resized = F.resized_crop(picture, top, left, h, w, [out, out], FILTERS[name])
        yield {
            "picture": {"width": width, "height": height, "channels": channels, "seed": 7},
            "box": {"left": left, "top": top, "width": w, "height": h},
            "out": out,
            "filter": name,
            "pixels": base64.b64encode(resized.tobytes()).decode(),
        }


class Scripted:
    """Uniform draws from a fixed list, in place of torch's generator."""

    def __init__(self, seed):
        self.draws = lcg(seed)

    def next(self):
        return next(self.draws) / 2**32

    def empty(self, *_):
        outer = self

        class Empty:
            def uniform_(self, low, high):
                return torch.tensor([float(low) + (float(high) - float(low)) * outer.next()], dtype=torch.float64)

        return Empty()

    def randint(self, low, high, size):
        return torch.full(size, low + int(self.next() * (high - low)))


def crops():
    settings = [
        (32, 32, (0.2, 1.0), (3 / 4, 4 / 3)),
        (64, 48, (0.2, 1.0), (3 / 4, 4 / 3)),
        (40, 40, (0.5, 1.0), (3 / 4, 4 / 3)),
        (100, 20, (0.8, 1.0), (3 / 4, 4 / 3)),
        (20, 100, (0.9, 1.0), (3 / 4, 4 / 3)),
        (32, 32, (1.0, 1.0), (1.0, 1.0)),
    ]
    real = torch.empty, torch.randint
    for width, height, scale, ratio in settings:
        picture = Image.new("RGB", (width, height))
        boxes = []
        for seed in range(40):
            scripted = Scripted(seed * 2654435761 % 2**32)
            torch.empty, torch.randint = scripted.empty, scripted.randint
            try:
                top, left, h, w = RandomResizedCrop.get_params(picture, list(scale), list(ratio))
            finally:
                torch.empty, torch.randint = real
            boxes.append([left, top, w, h])
        yield {"width": width, "height": height, "scale": scale, "ratio": ratio, "boxes": boxes}


print(
    json.dumps(
        {
            "made_by": "scripts/reference/augment.py",
            "versions": {"pillow": PIL.__version__, "torchvision": torchvision.__version__},
            "resizes": list(resizes()),
            "crops": list(crops()),
        }
    )
)
