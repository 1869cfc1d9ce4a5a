"""Known answers for the classic judge, from scipy: python3 scripts/oracles/classic_judge.py

Writes test/core/analysis/classic/vectors.json. Needs numpy and scipy. The interval of the shift is found here by asking
the sign of the test at every place where it can change, and not by a root search.
"""

import json
import pathlib

import numpy as np
from scipy import stats

rng = np.random.default_rng(20261122)
out = pathlib.Path(__file__).parents[2] / "test/core/analysis/classic/vectors.json"


def z_at(x, y, shift):
    m, n = len(x), len(y)
    ranks = stats.rankdata(np.concatenate([x - shift, y]))
    u = ranks[:m].sum() - m * (m + 1) / 2
    ties = stats.tiecorrect(ranks)
    sigma = np.sqrt(m * n * (m + n + 1) / 12 * ties)
    d = u - m * n / 2
    return (d - 0.5 * np.sign(d)) / sigma


def crossing(x, y, wanted):
    """Between which places z falls through `wanted`: it only changes at differences of pairs, and may stand on it."""
    steps = np.unique(np.round(np.subtract.outer(x, y).ravel(), 9))
    between = (steps[1:] + steps[:-1]) / 2
    above = [z_at(x, y, steps[0])] + [z_at(x, y, place) for place in between] + [z_at(x, y, steps[-1])]
    first = next(i for i, z in enumerate(above) if z <= wanted or i == len(above) - 1)
    last = next(i for i, z in reversed(list(enumerate(above))) if z >= wanted or i == 0)
    return [float(steps[max(0, first - 1)]), float(steps[min(last, len(steps) - 1)])]


def arms():
    yield "30 and 30, the same", rng.normal(10, 2, 30), rng.normal(10, 2, 30)
    yield "30 and 30, twice as high", rng.normal(20, 2, 30), rng.normal(10, 2, 30)
    yield "12 and 20, lower", rng.normal(7, 1, 12), rng.normal(10, 2, 20)
    yield "5 and 5, far apart", np.array([20.0, 22, 21, 25, 30]), np.array([1.0, 2.25, 1.5, 2.5, 3])
    yield "3 and 4, few", np.array([3.0, 1.5, 4.25]), np.array([2.0, 5.5, 1, 3.75])
    yield "60 and 90, skewed", rng.exponential(50, 60), rng.exponential(30, 90)
    yield "80 and 80, counts with ties", rng.poisson(4, 80).astype(float), rng.poisson(3, 80).astype(float)
    yield "40 and 50, mostly zero", rng.poisson(0.4, 40).astype(float), rng.poisson(0.1, 50).astype(float)


def sample(name, x, y):
    x, y = np.round(x, 6), np.round(y, 6)
    m, n = len(x), len(y)
    q = stats.norm.isf(0.01)
    tied = len(np.unique(np.concatenate([x, y]))) < m + n
    exact = not tied and m * n <= 625
    test = stats.mannwhitneyu(x, y, method="exact" if exact else "asymptotic")
    return {
        "name": name,
        "x": x.tolist(),
        "y": y.tolist(),
        "u": float(test.statistic),
        "p": float(test.pvalue),
        "method": "exact" if exact else "normal",
        "cles": float(test.statistic) / (m * n),
        "low": crossing(x, y, q),
        "high": crossing(x, y, -q),
        "estimate": crossing(x, y, 0),
    }


values = np.round(np.concatenate([rng.normal(10, 1, 200), [40, -30, 17]]), 6)
q1, q3, p1, p99 = np.percentile(values, [25, 75, 1, 99])
fences = [min(p1, q1 - 3 * (q3 - q1)), max(p99, q3 + 3 * (q3 - q1))]
tails = [1e-30, 1e-9, 1e-4, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.4, 0.499]
vectors = {
    "quantiles": [[t, float(stats.norm.isf(t))] for t in tails],
    "tails": [[x, float(stats.norm.sf(x))] for x in [-3.5, -1, -0.01, 0, 0.3, 1, 2.9, 3, 3.1, 6, 12, 30]],
    "outliers": {"values": values.tolist(), "kept": values[(values >= fences[0]) & (values <= fences[1])].tolist()},
    "samples": [sample(*each) for each in arms()],
    "fisher": [
        [above, canary, baseline, float(stats.fisher_exact([[above, canary - above], [0, baseline]], "greater")[1])]
        for above, canary, baseline in [(5, 10, 10), (1, 10, 10), (3, 60, 60), (7, 60, 60), (2, 4, 100)]
    ],
}
out.write_text(json.dumps(vectors) + "\n")
print(f"wrote {out}: {len(vectors['samples'])} samples")
