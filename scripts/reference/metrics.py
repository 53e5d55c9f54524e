"""Values of the classification metrics from scikit-learn, for test/metrics. Needs scikit-learn and numpy.

python3 scripts/reference/metrics.py > test/metrics/reference.json
"""
import json

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, recall_score

cases = []
for seed, (classes, n, skew) in enumerate([(2, 9, 0.0), (5, 60, 0.0), (7, 200, 1.5), (12, 40, 2.0), (3, 1, 0.0)]):
    random = np.random.default_rng(seed)
    weights = np.exp(-skew * np.arange(classes) / classes * 4)
    labels = random.choice(classes, n, p=weights / weights.sum())
    right = random.random(n) < 0.6
    predictions = np.where(right, labels, random.integers(0, classes, n))
    present = np.unique(labels)
    cases.append({
        "classes": classes,
        "labels": labels.tolist(),
        "predictions": predictions.tolist(),
        "top1": float(accuracy_score(labels, predictions)),
        # Recall of a class is its accuracy; averaged over the classes that have a sample.
        "mean_per_class": float(recall_score(labels, predictions, labels=present, average="macro", zero_division=0)),
        "absent": [c for c in range(classes) if c not in present],
        "confusion": confusion_matrix(labels, predictions, labels=range(classes)).flatten().tolist(),
    })
print(json.dumps(cases))
