"""Interval of a geometric mean, for test/bench/statistics.test.ts. Needs scipy and numpy.

python scripts/reference/bench.py
"""
import numpy as np
from scipy import stats

speeds = [100, 110, 95, 105, 120]
logs = np.log(speeds)
low, high = stats.t.interval(0.95, len(logs) - 1, loc=logs.mean(), scale=stats.sem(logs))
print(stats.gmean(speeds), np.exp(low), np.exp(high))
