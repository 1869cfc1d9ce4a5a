#!/usr/bin/env python3
"""Known answers for the decision engine, from scipy: writes test/core/analysis/vectors/decision-engine.json.

  pip install numpy scipy && python3 scripts/oracles/decision-engine.py
"""
import json
import pathlib

import numpy as np
from scipy import interpolate, stats

rng = np.random.default_rng(7)
OUT = pathlib.Path(__file__).parents[2] / "test/core/analysis/vectors/decision-engine.json"


def pairs(count, healthy, ratio):
    rows = []
    for _ in range(count):
        canary, control = int(rng.integers(5, 80)), int(rng.integers(50, 500))
        rows.append([int(rng.binomial(canary, healthy * ratio)), int(rng.binomial(control, healthy)), canary, control])
    return rows


def counts(rows, margin, ratios):
    """Sums of conditional binomial log-likelihood ratios, from the probabilities themselves."""
    sums = np.zeros(len(ratios))
    for kc, kb, nc, nb in rows:
        q0 = stats.binom.logpmf(kc, kc + kb, nc * margin / (nc * margin + nb))
        for j, ratio in enumerate(ratios):
            sums[j] += stats.binom.logpmf(kc, kc + kb, nc * margin * ratio / (nc * margin * ratio + nb)) - q0
    return sums.tolist()


def late(gains, horizon):
    """ln of the average over ticks at which one alternative may begin, each with chance 0.9 / horizon, the rest still unspent."""
    total = 1 - 0.9 * len(gains) / horizon
    for begin in range(len(gains)):
        total += 0.9 / horizon * np.exp(np.sum(gains[begin:]))
    return float(np.log(total))


def buckets():
    """One tick of histograms: who had the requests of each bucket, under the odds of an alternative and of what is tolerated."""
    canary, control = rng.poisson([0, 8, 20, 6, 1]), rng.poisson([3, 80, 180, 40, 4])
    slower, tolerated = rng.uniform(0.6, 3, 5), rng.uniform(0.9, 1.2, 5)
    odds = rng.uniform(0.08, 0.15, 5)
    share = lambda tilt: odds * tilt / (1 + odds * tilt)
    both = canary + control
    nats = np.sum(stats.binom.logpmf(canary, both, share(slower)) - stats.binom.logpmf(canary, both, share(tolerated)))
    return dict(canary=canary.tolist(), control=control.tolist(), slower=slower.tolist(), tolerated=tolerated.tolist(),
                odds=odds.tolist(), nats=float(nats))


def main():
    ratios = [1.4, 2, 4, 14, 200]
    out = {}
    out["counts"] = [dict(pairs=r, margin=1.05, sums=counts(r, 1.05, ratios)) for r in (pairs(12, 0.02, 1), pairs(12, 0.02, 5))]
    gains = rng.normal(0, 0.4, 10).round(6).tolist()
    out["late"] = dict(gains=gains, horizon=40, log=late(gains, 40))
    out["knownRate"] = []
    for events, exposure, rate in ((3, 100, 0.01), (40, 1000, 0.02), (0, 500, 0.01)):
        mean = rate * 1.05 * exposure
        out["knownRate"].append(dict(events=events, exposure=exposure, rate=rate,
                                     gains=[float(stats.poisson.logpmf(events, mean * r) - stats.poisson.logpmf(events, mean)) for r in ratios]))
    out["highestRate"] = [dict(events=k, exposure=1000, rate=float(stats.gamma.ppf(0.99, k + 1) / 1000)) for k in (0, 1, 5, 40, 1000)]
    out["safety"] = []
    for total, bad in ((300, 0), (1000, 4), (1000, 10)):
        parts = [stats.binom.logpmf(bad, total, 0.01 * p) - stats.binom.logpmf(bad, total, 0.01) for p in (0.1, 0.3, 0.6)]
        out["safety"].append(dict(total=total, bad=bad, log=float(np.log(np.mean(np.exp(parts))))))
    rows = pairs(30, 0.02, 2)
    out["ratio"] = dict(pairs=rows, fisher=[float(v) for v in ratio_interval(rows)])
    bounds = [0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.1, 0.13, 0.17, 0.25]
    shares = np.diff(np.concatenate([[0], stats.lognorm.cdf(bounds, 0.35, scale=0.06), [1]]))
    slower = np.diff(np.concatenate([[0], stats.lognorm.cdf(bounds, 0.35, scale=0.06 * 1.3), [1]]))
    out["tilt"] = dict(bounds=bounds, histogram=[round(float(v)) for v in shares * 1e6], factor=1.3,
                       tilt=[float(v) for v in np.log(np.maximum(slower, 1e-7) / np.maximum(shares, 1e-7))])
    out["buckets"] = [buckets() for _ in range(3)]
    # The share slower than x between bounds: scipy's monotone cubic in logit and logarithm, away from the ends.
    slow = stats.lognorm.sf(bounds, 0.35, scale=0.06)
    curve = interpolate.PchipInterpolator(np.log(bounds), np.log(slow / (1 - slow)))
    inside = np.exp(np.linspace(np.log(0.031), np.log(0.165), 12))
    out["curve"] = dict(bounds=bounds, slower=slow.tolist(), at=inside.tolist(), logits=curve(np.log(inside)).tolist())
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(out, indent=1) + "\n")


def ratio_interval(rows):
    """Exact 95 % interval of the ratio of two Poisson rates from the pooled totals (Clopper and Pearson), a fixed-time answer."""
    kc, kb, nc, nb = np.sum(rows, axis=0)
    low, high = stats.beta.ppf(0.025, kc, kb + 1), stats.beta.ppf(0.975, kc + 1, kb)
    return low / (1 - low) * nb / nc, high / (1 - high) * nb / nc


main()
