"""test/metrics/voc/reference.json: Pascal VOC's AP of random detections, computed detection by detection as the development kit
describes it, with inclusive pixel coordinates; the 11-point and the area rule. The 11 points are those of py-faster-rcnn's and
Detectron2's voc_eval.

    pip install numpy && python scripts/reference/voc.py
"""
import json
from pathlib import Path

import numpy as np

random = np.random.default_rng(7)
CLASSES = 4


def overlap(a, b):
    """Of [xmin, ymin, xmax, ymax], all inclusive."""
    width = min(a[2], b[2]) - max(a[0], b[0]) + 1
    height = min(a[3], b[3]) - max(a[1], b[1]) + 1
    if width <= 0 or height <= 0:
        return 0
    area = lambda c: (c[2] - c[0] + 1) * (c[3] - c[1] + 1)
    return width * height / (area(a) + area(b) - width * height)


def average_precision(truths, found, kind, rule):
    objects = [{**t, "free": True} for t in truths if t["category"] == kind]
    count = sum(not t["difficult"] for t in objects)
    if count == 0:
        return None
    marks = []
    for d in sorted((d for d in found if d["category"] == kind), key=lambda d: -d["score"]):
        here = [t for t in objects if t["image"] == d["image"]]
        best = max(here, key=lambda t: overlap(d["box"], t["box"]), default=None)
        if best is None or overlap(d["box"], best["box"]) < 0.5:
            marks.append(0)
        elif not best["difficult"]:
            marks.append(int(best["free"]))
            best["free"] = False
    right = np.cumsum(marks)
    recall = np.append(right / count, 2)
    precision = np.append(right / np.arange(1, len(marks) + 1), 0)
    above = lambda r: precision[recall >= r].max()
    if rule == "11-point":
        return float(np.mean([above(r) for r in np.arange(0.0, 1.1, 0.1)]))
    # Recall rises by 1 / count at each right detection.
    return float(sum(above(k / count) for k in range(1, max(right, default=0) + 1)) / count)


def box():
    x, y = random.integers(1, 80, 2)
    return [int(x), int(y), int(x + random.integers(4, 40)), int(y + random.integers(4, 40))]


cases = []
for _ in range(20):
    truths, found = [], []
    for image in range(5):
        for _ in range(random.integers(0, 7)):
            truths.append({"image": image, "category": int(random.integers(0, CLASSES)), "box": box(), "difficult": bool(random.random() < 0.2)})
            for _ in range(random.integers(0, 3)):
                moved = (np.array(truths[-1]["box"]) + random.integers(-5, 6, 4)).tolist()
                if moved[2] > moved[0] and moved[3] > moved[1]:
                    found.append({"image": image, "category": truths[-1]["category"], "box": moved})
        for _ in range(random.integers(0, 3)):
            found.append({"image": image, "category": int(random.integers(0, CLASSES)), "box": box()})
    # Scores that are all different.
    for place, d in zip(random.permutation(len(found)), found):
        d["score"] = (int(place) + 1) / 128
    cases.append({"truths": truths, "found": found, **{rule: [average_precision(truths, found, k, rule) for k in range(CLASSES)] for rule in ("11-point", "area")}})

out = Path(__file__).parents[2] / "test/metrics/voc/reference.json"
out.write_text(json.dumps(cases) + "\n")
