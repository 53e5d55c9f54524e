"""Values for test/metrics/stats, from scipy, statsmodels, rliable and numpy.

    pip install scipy statsmodels rliable numpy
    python scripts/reference/stats.py > test/metrics/stats/stats.reference.json
"""
import json

import numpy as np
import scipy
import statsmodels
from rliable import metrics
from scipy import integrate, optimize, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

rng = np.random.default_rng(20251128)


def numbers(values):
    return [round(float(v), 6) for v in values]


def t_interval(values):
    low, high = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    return {"values": values, "mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1)), "low": float(low), "high": float(high)}


def mcnemar_case(first, second):
    return {"first": first, "second": second, "p": float(mcnemar([[50, first], [second, 7]], exact=True).pvalue)}


def holm_case(p):
    return {"p": p, "adjusted": [float(v) for v in multipletests(p, method="holm")[1]]}


def improvement(runs_a, runs_b, tasks):
    a, b = np.round(rng.normal(0.42, 0.03, (runs_a, tasks)), 2), np.round(rng.normal(0.4, 0.03, (runs_b, tasks)), 2)
    return {"a": a.T.tolist(), "b": b.T.tolist(), "iqm": float(metrics.aggregate_iqm(a)), "probability": float(metrics.probability_of_improvement(a, b))}


def quantiles(n, level):
    values = numbers(rng.normal(0.01, 0.02, n))
    low, high = np.quantile(values, [(1 - level) / 2, 1 - (1 - level) / 2])
    return {"values": values, "level": level, "low": float(low), "high": float(high)}


def detectable(n, level, power):
    return {"n": n, "level": level, "power": power, "effect": float(TTestPower().solve_power(nobs=n, alpha=1 - level, power=power))}


def detectable_strict(n, level, power):
    """The same by integration: at strict levels with few seeds statsmodels' solver ends at a wrong place."""
    dof = n - 1
    critical = stats.t.ppf(1 - (1 - level) / 2, dof)

    def found(shift):
        def at(s):
            return stats.chi.pdf(s * np.sqrt(dof), dof) * np.sqrt(dof) * (stats.norm.cdf(shift - critical * s) + stats.norm.cdf(-shift - critical * s))

        return integrate.quad(at, 0, 1 + 9 / np.sqrt(2 * dof), limit=2000, epsabs=1e-13, points=[min(shift / critical, 5)])[0]

    return {"n": n, "level": level, "power": power, "effect": float(optimize.brentq(lambda shift: found(shift) - power, 0.1, 1000, xtol=1e-12) / np.sqrt(n))}


def detectable_share(images, discordant, level, power):
    """Connor's number of images for a difference d, solved for d."""
    alpha, beta = stats.norm.ppf(1 - (1 - level) / 2), stats.norm.ppf(power)

    def excess(d):
        return (alpha * np.sqrt(discordant) + beta * np.sqrt(discordant - d**2)) ** 2 / d**2 - images

    return {"images": images, "discordant": discordant, "level": level, "power": power, "share": float(optimize.brentq(excess, 1e-6, discordant, xtol=1e-14))}


def two_levels(seeds, images, shared, spread):
    """s^2 / S + c, with Cochran and Cox' critical value, and the p at which that interval ends at 0."""
    values = numbers(0.03 + rng.normal(0, spread, seeds))
    common = rng.normal(0, shared, 40)
    replicates = [numbers(v + common + rng.normal(0, 0.01, 40)) for v in values]
    covariance = np.cov(replicates)
    c = max(0.0, float((covariance.sum() - np.trace(covariance)) / (seeds * (seeds - 1))))
    s = float(np.var(values, ddof=1)) / seeds
    se, centre = np.sqrt(s + c), float(np.mean(values))

    def critical(level):
        return (s * stats.t.ppf((1 + level) / 2, seeds - 1) + c * stats.t.ppf((1 + level) / 2, images - 1)) / (s + c)

    p = float(np.exp(optimize.brentq(lambda logp: critical(1 - np.exp(logp)) - centre / se, np.log(1e-10), np.log(0.9999))))
    return {"values": values, "replicates": replicates, "images": images, "seedVariance": s, "imageVariance": c, "p": p, "low": centre - critical(0.95) * se, "high": centre + critical(0.95) * se,
            "low90": centre - critical(0.9) * se}


print(json.dumps({
    "scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "numpy": np.__version__,
    "t": [t_interval(numbers(rng.normal(0.4, 0.02, n))) for n in (2, 3, 5, 12)],
    "mcnemar": [mcnemar_case(*pair) for pair in ((1, 0), (0, 6), (1, 8), (5, 5), (5, 6), (12, 25), (30, 61), (400, 470), (3000, 3190))],
    "holm": [holm_case(p) for p in ([0.03], [0.01, 0.04, 0.03], [0.001, 0.5, 0.012, 0.013, 0.2, 0.0125], [0.3, 0.3, 0.9], numbers(rng.uniform(0, 0.2, 10)))],
    "overTasks": [improvement(*sizes) for sizes in ((5, 5, 8), (3, 5, 4), (1, 2, 3))],
    "quantiles": [quantiles(*case) for case in ((1000, 0.95), (200, 0.9), (7, 0.5))],
    "detectable": [detectable(*case) for case in ((3, 0.95, 0.8), (5, 0.95, 0.8), (10, 0.95, 0.8), (30, 0.95, 0.8), (5, 0.9, 0.8), (5, 0.95, 0.9), (200, 0.95, 0.8))] + [detectable_strict(*case) for case in ((2, 0.95, 0.8), (3, 0.99875, 0.8), (4, 0.9999, 0.8), (200, 0.999, 0.8))],
    "detectableShare": [detectable_share(*case) for case in ((100, 0.3, 0.95, 0.8), (1000, 0.1, 0.95, 0.8), (50000, 0.15, 0.95, 0.9), (60, 0.5, 0.9, 0.8))],
    "hierarchical": [two_levels(*case) for case in ((3, 80, 0.01, 0.02), (5, 200, 0.02, 0.01), (5, 60, 0.0, 0.03), (10, 500, 0.005, 0.005))],
}))
