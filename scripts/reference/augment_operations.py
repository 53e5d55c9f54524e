"""Reference values for test/data/augment-operations.test.ts: Pillow, torchvision and timm on small pictures.

    python scripts/reference/augment_operations.py > test/data/augment-operations.reference.json

Needs torch, torchvision, timm, numpy and pillow. Pictures are made by the same small generators as in the test.
RandAugment's operations are timm's own `AugmentOp`s, at a fixed strength and with the direction's coin given.
"""

import base64
import contextlib
import json
import random
import sys

import numpy
import PIL
import timm
import torch
import torchvision
from PIL import Image, ImageFilter, ImageOps
from timm.data import mixup
from timm.data.auto_augment import _RAND_INCREASING_TRANSFORMS, AugmentOp
from timm.data.random_erasing import RandomErasing
from torchvision.transforms import functional as F

from noise_picture import lcg, noise_picture


def plain_picture(size):
    """Two greys, a saturated square, an empty blue channel: for the branches that noise does not reach."""
    out = bytearray()
    for y in range(size):
        for x in range(size):
            grey = 60 if x < size // 2 else 61
            out += bytes([255, 30, 0] if 3 <= x < 6 and 3 <= y < 7 else [grey, grey, 0] if y > size // 2 else [grey, grey, grey])
    return bytes(out)


PICTURES = {
    "noise": (16, noise_picture(16, 16, 3, 7)),
    "odd": (13, noise_picture(13, 13, 3, 11)),
    "plain": (12, plain_picture(12)),
    "tiny": (2, noise_picture(2, 2, 3, 5)),
}


def image(name):
    size, data = PICTURES[name]
    return Image.frombytes("RGB", (size, size), data)


def encoded(picture):
    return base64.b64encode(picture.tobytes()).decode()


def simple():
    """Operations by the names of the functions under test."""
    cases = [("autocontrast", []), ("equalize", []), ("invert", []), ("greyscale", [])]
    cases += [("solarize", [t]) for t in (0, 26, 128, 256)]
    cases += [("posterize", [b]) for b in (1, 2, 4, 7, 8)]
    cases += [("gaussianBlur", [s]) for s in (0.1, 0.37, 0.5, 0.9, 1.3, 2, 4.5, 20)]
    cases += [(f"adjust{n}", [f]) for n in ("Brightness", "Contrast", "Saturation") for f in (0, 0.1, 0.6, 0.93, 1, 1.37, 1.9)]
    cases += [("adjustHue", [h]) for h in (-0.5, -0.1, -0.003, 0, 0.05, 0.31, 0.5)]
    run = {
        "autocontrast": ImageOps.autocontrast,
        "equalize": ImageOps.equalize,
        "invert": ImageOps.invert,
        "greyscale": lambda p: F.rgb_to_grayscale(p, 3),
        "solarize": ImageOps.solarize,
        "posterize": ImageOps.posterize,
        "gaussianBlur": lambda p, s: p.filter(ImageFilter.GaussianBlur(s)),
        "adjustBrightness": F.adjust_brightness,
        "adjustContrast": F.adjust_contrast,
        "adjustSaturation": F.adjust_saturation,
        "adjustHue": F.adjust_hue,
    }
    for name, arguments in cases:
        for picture in PICTURES:
            yield {"operation": name, "arguments": arguments, "picture": picture, "pixels": encoded(run[name](image(picture), *arguments))}


@contextlib.contextmanager
def given(module, name, value):
    real = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, real)


FILTERS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


def rand_augment():
    for name in _RAND_INCREASING_TRANSFORMS:
        directed = name in ("Rotate", "ColorIncreasing", "ContrastIncreasing", "BrightnessIncreasing", "SharpnessIncreasing") or name.startswith(("Shear", "Translate"))
        geometric = name == "Rotate" or name.startswith(("Shear", "Translate"))
        for level in (0, 2.5, 8.8, 9.37, 10):
            # No bit left is black; the newest Pillow refuses it.
            if name == "PosterizeIncreasing" and level == 10:
                continue
            for sign in (-1, 1) if directed else (1,):
                for filter in FILTERS if geometric else ("bicubic",):
                    for picture in ("noise", "odd", "plain"):
                        # The fill colour is as create_transform makes it from ImageNet's mean.
                        operation = AugmentOp(name, prob=1, magnitude=level, hparams={"img_mean": (124, 116, 104), "interpolation": FILTERS[filter]})
                        with given(random, "random", lambda: 0.9 if sign < 0 else 0.1):
                            result = operation(image(picture))
                        yield {"operation": name, "level": level, "sign": sign, "filter": filter, "picture": picture, "pixels": encoded(result)}


def erased_boxes():
    """timm's RandomErasing with its uniform draws from a fixed list."""
    for size, area, aspect in ((32, (0.02, 1 / 3), (0.3, 1 / 0.3)), (17, (0.5, 1.0), (0.2, 4.0))):
        boxes = []
        for seed in range(40):
            draws = lcg(seed * 2654435761 % 2**32)
            uniform = lambda: next(draws) / 2**32
            erasing = RandomErasing(1, *area, *aspect, mode="const", device="cpu")
            picture = torch.ones(3, size, size)
            with given(random, "random", lambda: 0), given(random, "uniform", lambda low, high: low + (high - low) * uniform()), given(random, "randint", lambda low, high: low + int(uniform() * (high - low + 1))):
                erasing(picture)
            rows, columns = (picture[0] == 0).any(1).nonzero()[:, 0], (picture[0] == 0).any(0).nonzero()[:, 0]
            boxes.append(None if len(rows) == 0 else [int(columns[0]), int(rows[0]), int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1])
        yield {"size": size, "area": area, "aspect": aspect, "boxes": boxes}


def mixes():
    """timm's FastCollateMixup on bytes with its draws given: share and rectangle in, images and targets out."""
    for cut, share, centre in ((False, 0.3, None), (False, 0.5, None), (False, 0.9173, None), (True, 0.3, (2, 7)), (True, 0.81, (0, 0)), (True, 0.64, (5, 3))):
        for batch in (4, 6):
            size, classes, smoothing = 8, 5, 0.1
            images = [numpy.frombuffer(noise_picture(size, size, 3, i + 1), numpy.uint8).reshape(size, size, 3).transpose(2, 0, 1).copy() for i in range(batch)]
            labels = [(3 * i + 1) % classes for i in range(batch)]
            collate = mixup.FastCollateMixup(mixup_alpha=0.8, cutmix_alpha=1, label_smoothing=smoothing, num_classes=classes)
            centres = iter(centre or ())
            with given(numpy.random, "rand", lambda: 0.2 if cut else 0.7), given(numpy.random, "beta", lambda a, b: share), given(numpy.random, "randint", lambda *_, **__: next(centres)):
                pixels, targets = collate(list(zip(images, labels)))
            yield {
                "kind": "cutmix" if cut else "mixup",
                "share": share,
                "centre": centre,
                "batch": batch,
                "size": size,
                "classes": classes,
                "smoothing": smoothing,
                "labels": labels,
                "pixels": base64.b64encode(pixels.numpy().transpose(0, 2, 3, 1).tobytes()).decode(),
                "targets": [float(t) for t in targets.flatten()],
            }


json.dump(
    {
        "made_by": "scripts/reference/augment_operations.py",
        "versions": {"pillow": PIL.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__},
        "pictures": {name: {"size": size, "pixels": base64.b64encode(data).decode()} for name, (size, data) in PICTURES.items()},
        "operations": list(simple()),
        "rand_augment": list(rand_augment()),
        "erased_boxes": list(erased_boxes()),
        "mixes": list(mixes()),
    },
    sys.stdout,
)
