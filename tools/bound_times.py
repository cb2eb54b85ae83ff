"""Count the updates until an adaptive batch reaches a bound: simulated, and predicted.

Prints rows of a Markdown table for docs/batch-law.md. Run by `make docs`.
"""

from __future__ import annotations

import math

import numpy as np

from ppodiag.batch import BatchLaw, adapt, minibatch_size
from ppodiag.feedback import analyse
from ppodiag.norms.model import NormModel

LOW, BEGIN, HIGH, SIGMA, UPDATES, SEEDS = 32, 128, 512, 0.15, 12_000, 300

SETTINGS = (
    (0.1, 0.5, 1.0), (0.1, 0.95, 1.0), (0.2, 0.5, 1.0), (0.5, 0.0, 1.0),
    (0.2, 0.0, None), (0.2, 0.5, None), (0.2, 0.95, None), (0.3, 0.5, None), (0.3, 0.95, None),
    (0.5, 0.5, None), (0.5, 0.95, None),
)  # fmt: skip
"""Rate, share of noise, and reference: 1 is fixed at the level of the norm, None moves."""


def simulated(law: BatchLaw, model: NormModel) -> float:
    """Median over the seeds of the updates until a bound; inf: half never get there."""
    state, reference = np.full(SEEDS, law.initial), np.zeros(SEEDS)
    first = np.full(SEEDS, math.inf)
    for update, factor in zip(range(UPDATES), model.factors(range(SEEDS)), strict=False):
        size = minibatch_size(law, state)
        first[((state <= law.low) | (state >= law.high)) & np.isinf(first)] = update
        if np.isfinite(first).mean() > 0.5:
            break
        state, reference = adapt(law, state, reference, model.level(size / law.initial) * factor)
    return float(np.median(first))


def times_table() -> str:
    """The table with its head, one row a setting."""
    rows = ["| rate | ν | reference | simulated median | predicted |\n|---:|---:|---|---:|---:|\n"]
    for rate, share, reference in SETTINGS:
        law = BatchLaw(float(BEGIN), LOW, HIGH, rate, 10**9, reference, False)
        model = NormModel("noise", 1.0, share, SIGMA)
        predicted = analyse(law, model, 0.2).median_to_bound
        kind = "moving" if reference is None else "fixed"
        rows.append(
            f"| {rate} | {share} | {kind} | {simulated(law, model):,.0f} | {predicted:,.0f} |\n"
        )
    return "".join(rows)


if __name__ == "__main__":
    print(times_table(), end="")
