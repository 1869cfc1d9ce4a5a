#!/usr/bin/env python3
"""Known answers for the charts: writes test/core/analysis/vectors/charts.json.

  pip install numpy scipy && python3 scripts/oracles/charts.py
"""
import json
import pathlib

import numpy as np
from scipy import stats

OUT = pathlib.Path(__file__).parents[2] / "test/core/analysis/vectors/charts.json"
STATES = 600


def cusum(level, reference=0.5):
    """Average run length of a one-sided CUSUM of standard normal steps from 0, by the Markov chain of Brook and Evans (1972)."""
    width = 2 * level / (2 * STATES - 1)
    at = np.arange(STATES) * width
    edges = at[None, :] - at[:, None] + reference
    chain = stats.norm.cdf(edges + width / 2) - stats.norm.cdf(edges - width / 2)
    chain[:, 0] = stats.norm.cdf(width / 2 - at + reference)
    return float(np.linalg.solve(np.eye(STATES) - chain, np.ones(STATES))[0])


def ewma(value, weight=0.1):
    """The same for a one-sided EWMA from 0; what lies ten deviations below 0 counts as that far."""
    lowest = -10 * np.sqrt(weight / (2 - weight))
    width = (value - lowest) / STATES
    at = lowest + (np.arange(STATES) + 0.5) * width
    edges = (at[None, :] - (1 - weight) * at[:, None]) / weight
    half = width / weight / 2
    chain = stats.norm.cdf(edges + half) - stats.norm.cdf(edges - half)
    chain[:, 0] = stats.norm.cdf(edges[:, 0] + half)
    return float(np.interp(0, at, np.linalg.solve(np.eye(STATES) - chain, np.ones(STATES))))


def main():
    out = dict(
        cusum=[dict(level=h, length=cusum(h)) for h in (1.5, 3, 4.39, 5.07, 7.36, 10.2)],
        ewma=[dict(value=v, length=ewma(v)) for v in (0.35, 0.5, 0.646, 0.75, 0.9, 1.05)],
        # 20 of 100 events where a tenth was expected: the signed root of the deviance.
        surprise=float(np.sqrt(2 * (stats.binom.logpmf(20, 100, 0.2) - stats.binom.logpmf(20, 100, 0.1)))),
    )
    OUT.write_text(json.dumps(out, indent=1) + "\n")


main()
