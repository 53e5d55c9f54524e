"""test/metrics/masks/reference.json: masks as pycocotools 2.0.11 makes, reads and compares them.

    pip install numpy pycocotools && python scripts/reference/masks.py
"""
import json
from pathlib import Path

import numpy as np
from pycocotools import mask as api

random = np.random.default_rng(20)


def text(rle):
    return rle["counts"].decode("ascii")


def polygon(height, width):
    corners = int(random.integers(3, 12))
    # A tenth lies on whole or half pixels, a part outside the picture, and some corners fall together.
    spread = random.choice([1.0, 1.5])
    xs = (random.random(corners) - 0.5) * spread * width + width / 2
    ys = (random.random(corners) - 0.5) * spread * height + height / 2
    digits = int(random.choice([0, 1, 2, 6]))
    points = np.round(np.stack([xs, ys], 1), digits)
    if digits == 0:
        points = points / 2
    if random.random() < 0.2:
        points[1] = points[0]
    return points.reshape(-1).tolist()


def polygons():
    cases = []
    for _ in range(150):
        height, width = (int(v) for v in random.integers(1, 70, 2))
        parts = [polygon(height, width) for _ in range(int(random.choice([1, 1, 2, 3])))]
        single = api.frPyObjects(parts, height, width)
        merged = api.merge(single)
        cases.append({
            "size": [height, width], "polygons": parts, "each": [text(r) for r in single], "union": text(merged),
            "intersection": text(api.merge(single, intersect=True)), "area": int(api.area(merged)), "box": api.toBbox(merged).tolist(),
        })
    return cases


def boxes():
    cases = []
    for _ in range(80):
        height, width = (int(v) for v in random.integers(1, 70, 2))
        box = np.round(random.random(4) * [width * 1.2 - 5, height * 1.2 - 5, width, height], int(random.integers(0, 3))).tolist()
        cases.append({"size": [height, width], "box": box, "mask": text(api.frPyObjects(np.array([box]), height, width)[0])})
    return cases


def pixels():
    cases = []
    for share in [0, 0.02, 0.3, 0.5, 0.9, 1]:
        for height, width in [(1, 1), (1, 9), (9, 1), (7, 5), (24, 31)]:
            mask = (random.random((height, width)) < share).astype(np.uint8)
            rle = api.encode(np.asfortranarray(mask))
            cases.append({
                "size": [height, width], "rows": ["".join(map(str, row)) for row in mask.tolist()], "mask": text(rle),
                "area": int(api.area(rle)), "box": api.toBbox(rle).tolist(),
            })
    return cases


def overlaps():
    cases = []
    for _ in range(12):
        height, width = (int(v) for v in random.integers(8, 60, 2))
        found = [m for m in api.frPyObjects([polygon(height, width) for _ in range(6)], height, width)]
        truths = [m for m in api.frPyObjects([polygon(height, width) for _ in range(5)], height, width)]
        truths.append(found[2])
        crowd = [int(v) for v in random.integers(0, 2, 6)]
        boxes_found = np.round(random.random((6, 4)) * [width, height, width, height], 2).tolist()
        boxes_true = np.round(random.random((6, 4)) * [width, height, width, height], 2).tolist()
        cases.append({
            "size": [height, width], "found": [text(m) for m in found], "truths": [text(m) for m in truths], "crowd": crowd,
            "iou": api.iou(found, truths, crowd).tolist(), "boxesFound": boxes_found, "boxesTrue": boxes_true,
            "boxIou": api.iou(boxes_found, boxes_true, crowd).tolist(),
        })
    return cases


out = Path(__file__).parents[2] / "test/metrics/masks/reference.json"
out.write_text(json.dumps({"polygons": polygons(), "boxes": boxes(), "pixels": pixels(), "overlaps": overlaps()}) + "\n")
