"""Several tests at once: p-values adjusted so that one true null in the family is rarely refused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values, in the order given.

    With p(1) ≤ … ≤ p(k): adjusted p(i) = max over j ≤ i of min(1, (k − j + 1)·p(j)). Refusing where that is at most α
    keeps the chance of one or more false refusals at α or below, however the tests depend on each other.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".

    Args:
        p_values: 0 to 1 each; may be none.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    factors = np.arange(values.size, 0, -1)
    adjusted = np.minimum(1.0, np.maximum.accumulate(factors * values[order]))
    found = np.empty_like(adjusted)
    found[order] = adjusted
    return tuple(float(value) for value in found)
