"""How often a t-interval over few seeds is narrower than the normal one of their own image noise, and what such ones cover (docs/statistics.md).

Values of seeds are noise of images of their own, variance 1, and nothing else. Needs numpy and scipy.
"""
import numpy as np
from scipy import stats

draws = np.random.default_rng(0)
times = 1_000_000
for seeds in (3, 5):
    quantile = stats.t.ppf(0.975, seeds - 1)
    mean = np.abs(draws.standard_normal(times))
    half = quantile * np.sqrt(draws.chisquare(seeds - 1, times) / (seeds - 1))
    known = stats.norm.ppf(0.975)
    narrow = half < known
    print(f'{seeds} seeds: {narrow.mean():.3f} are narrower, of which {(mean <= half)[narrow].mean():.3f} hold the truth; of all {(mean <= half).mean():.3f}; with a floor {(mean <= np.maximum(half, known)).mean():.3f}')
