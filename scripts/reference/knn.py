"""Predictions of weighted cosine k-NN from scikit-learn, for test/protocols/knn. Needs scikit-learn and numpy.

python3 scripts/reference/knn.py > test/protocols/knn.reference.json
"""
import json

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

cases = []
for seed, (classes, bank, queries, width, k, temperature) in enumerate([(3, 30, 11, 5, 7, 0.07), (10, 60, 25, 16, 10, 0.07), (4, 25, 13, 8, 25, 0.5), (2, 12, 6, 3, 1, 0.07)]):
    random = np.random.default_rng(seed)
    # Quarters of small integers: exact in float32 and in JSON.
    centres = random.normal(size=(classes, width))
    bank_labels = np.arange(bank) % classes
    query_labels = random.integers(0, classes, queries)
    quantise = lambda values: np.round(values * 64) / 64
    bank_rows = quantise(centres[bank_labels] + 1.2 * random.normal(size=(bank, width)))
    query_rows = quantise(centres[query_labels] + 1.2 * random.normal(size=(queries, width)))
    # scikit-learn's cosine distance is 1 - cosine.
    model = KNeighborsClassifier(n_neighbors=k, metric="cosine", algorithm="brute", weights=lambda distance: np.exp((1 - distance) / temperature))
    model.fit(bank_rows, bank_labels)
    probabilities = model.predict_proba(query_rows)
    margins = np.sort(probabilities, axis=1)
    assert (margins[:, -1] - margins[:, -2]).min() > 1e-9, "a tie would test the tie rule, not the vote"
    cases.append({
        "classes": classes, "width": width, "k": k, "temperature": temperature,
        "bank": bank_rows.flatten().tolist(), "bankLabels": bank_labels.tolist(), "queries": query_rows.flatten().tolist(),
        "predictions": model.predict(query_rows).tolist(),
        "accuracy": float(np.mean(model.predict(query_rows) == query_labels)),
    })
print(json.dumps(cases))
