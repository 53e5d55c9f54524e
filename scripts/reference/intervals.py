"""Values for test/results/intervals.test.ts, from scipy and numpy.

    pip install scipy numpy
    python scripts/reference/intervals.py > test/results/intervals.json
"""
import json

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20240501)


def interval(values):
    n = len(values)
    low, high = stats.t.interval(0.95, n - 1, loc=np.mean(values), scale=stats.sem(values))
    return {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1)), "low": float(low), "high": float(high)}


quantiles = [{"df": df, "t": float(stats.t.ppf(0.975, df))} for df in (1, 2, 3, 4, 5, 7, 9, 14, 19, 29, 49, 99, 499)]
samples = []
for n in (3, 4, 5, 8, 10, 25, 100):
    values = [round(float(v), 6) for v in rng.normal(0.43, 0.02, n)]
    samples.append({"values": values, **interval(values)})

pairs = []
for n, shift in ((3, 0.0), (5, 0.01), (5, 0.05), (8, -0.03), (20, 0.004)):
    a = [round(float(v), 6) for v in rng.normal(0.4, 0.03, n)]
    b = [round(x + shift + float(rng.normal(0, 0.01)), 6) for x in a]
    difference = np.array(b) - np.array(a)
    # The paired t-test and the interval of the difference must agree on whether 0 is left out.
    p = float(stats.ttest_rel(b, a).pvalue)
    pairs.append({"a": a, "b": b, "p": p, **interval(difference)})

print(json.dumps({"scipy": scipy.__version__, "numpy": np.__version__, "quantiles": quantiles, "samples": samples, "pairs": pairs}, indent=1))
