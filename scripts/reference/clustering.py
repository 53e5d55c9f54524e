"""Sinkhorn-Knopp in plain numpy (float64, SwAV's loop) and k-means of scikit-learn, for test/methods/clustering. Needs numpy and scikit-learn.

python3 scripts/reference/clustering.py > test/methods/clustering/reference.json
"""
import json

import numpy as np
from sklearn.cluster import KMeans


def sinkhorn(scores, epsilon, iterations):
    q = np.exp(scores / epsilon).T
    q /= q.sum()
    clusters, rows = q.shape
    for _ in range(iterations):
        q /= q.sum(axis=1, keepdims=True)
        q /= clusters
        q /= q.sum(axis=0, keepdims=True)
        q /= rows
    q /= q.sum(axis=0, keepdims=True)
    return q.T


def quantise(values):
    """Sixty-fourths: exact in float32 and in JSON."""
    return np.round(values * 64) / 64


transports = []
for seed, (rows, clusters, epsilon, iterations) in enumerate([(7, 3, 0.05, 3), (12, 4, 0.05, 0), (10, 5, 0.5, 1), (9, 4, 0.02, 100)]):
    scores = quantise(np.random.default_rng(seed).uniform(-1, 1, size=(rows, clusters)))
    transports.append({
        "rows": rows, "clusters": clusters, "epsilon": epsilon, "iterations": iterations,
        "scores": scores.flatten().tolist(), "q": sinkhorn(scores, epsilon, iterations).flatten().tolist(),
    })

means = []
for seed, (rows, clusters, width) in enumerate([(40, 4, 3), (90, 7, 5), (30, 5, 2)]):
    random = np.random.default_rng(100 + seed)
    points = quantise(random.normal(size=(rows, width)) + 1.5 * random.normal(size=(clusters, width))[random.integers(0, clusters, rows)])
    start = points[random.permutation(rows)[:clusters]]
    model = KMeans(n_clusters=clusters, init=start, n_init=1, max_iter=300, tol=0, algorithm="lloyd").fit(points)
    means.append({
        "rows": rows, "clusters": clusters, "width": width, "points": points.flatten().tolist(), "start": start.flatten().tolist(),
        "centres": model.cluster_centers_.flatten().tolist(), "assignments": model.labels_.tolist(),
    })
print(json.dumps({"sinkhorn": transports, "kMeans": means}))
