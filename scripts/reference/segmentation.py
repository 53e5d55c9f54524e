"""test/metrics/segmentation/reference.json: scores of label maps by scikit-learn, pixels of several images together.

    pip install numpy scikit-learn && python scripts/reference/segmentation.py
"""
import json
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, jaccard_score, recall_score

random = np.random.default_rng(5)
cases = []
for classes, images, holes in [(2, 1, 0.0), (5, 3, 0.1), (11, 4, 0.3), (20, 2, 0.05), (7, 6, 0.0)]:
    truths, predictions = [], []
    for _ in range(images):
        pixels = int(random.integers(20, 90))
        # The last class is never true, sometimes predicted.
        truth = random.integers(0, max(1, classes - 1), pixels)
        predicted = np.where(random.random(pixels) < 0.6, truth, random.integers(0, classes, pixels))
        truths.append(np.where(random.random(pixels) < holes, 255, truth))
        predictions.append(predicted)
    true, said = np.concatenate(truths), np.concatenate(predictions)
    true, said = true[true != 255], said[true != 255]
    present = np.unique(true)
    iou = dict(zip(present.tolist(), jaccard_score(true, said, labels=present, average=None).tolist()))
    cases.append({
        "classes": classes, "truths": [t.tolist() for t in truths], "predictions": [p.tolist() for p in predictions],
        "mIoU": float(np.mean(list(iou.values()))), "pixelAccuracy": float(accuracy_score(true, said)),
        "meanAccuracy": float(recall_score(true, said, labels=present, average="macro")),
        "perClass": [iou.get(c) for c in range(classes)], "absent": [c for c in range(classes) if c not in iou],
    })

out = Path(__file__).parents[2] / "test/metrics/segmentation/reference.json"
out.write_text(json.dumps(cases) + "\n")
