"""Known answers of the forecast, by scipy: writes test/core/analysis/vectors/forecast.json.

The smallest share of bad events that any rule can find in a time: the root of
seconds * rate * canary * (kl(p, m) + r * kl(b, m)) / dispersion = kl(power, alpha), m = (p + r * b) / (1 + r).
Run: python3 scripts/oracles/forecast.py   (needs scipy)
"""
import json
import random
from pathlib import Path

from scipy.optimize import brentq
from scipy.special import rel_entr


def kl(p, q):
    return float(rel_entr(p, q) + rel_entr(1 - p, 1 - q))


def nats(p, b, r):
    m = (p + r * b) / (1 + r)
    return kl(p, m) + r * kl(b, m)


def main():
    draw = random.Random(20261122)
    rows = []
    for _ in range(40):
        row = {
            "requestsPerSecond": round(10 ** draw.uniform(-0.7, 3.7), 3),
            "badShare": round(10 ** draw.uniform(-4, -1), 6),
            "dispersion": round(draw.uniform(1, 3), 3),
            "canaryShare": round(draw.uniform(0.01, 0.5), 3),
            "seconds": draw.randrange(60, 7200),
            "alpha": draw.choice([0.01, 0.05]),
            "power": draw.choice([0.8, 0.95]),
        }
        canary, control = row["canaryShare"], round(1 - row["canaryShare"], 3)
        rate = row["requestsPerSecond"] * canary / row["dispersion"] * row["seconds"]
        needed = kl(row["power"], row["alpha"])

        def lack(p):
            return rate * nats(p, row["badShare"], control / canary) - needed

        found = brentq(lack, row["badShare"], 1, xtol=1e-14) if lack(1) >= 0 else None
        rows.append({**row, "controlShare": control, "smallest": found})
    out = Path(__file__).resolve().parents[2] / "test/core/analysis/vectors/forecast.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(rows, indent=2) + "\n")


main()
