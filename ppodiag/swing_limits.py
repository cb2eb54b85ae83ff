"""From where on a batch size swings: for the linter, the simulation and the diagnosis."""

from __future__ import annotations

SWING = 0.2
"""[judgement] Standard deviation of Δ log B from which the size swings."""

FLIPS = 0.6
"""[judgement] Share of turns above which the size goes to and fro."""

VISIBLE = 0.05
"""[judgement] Standard deviation below which turns are rounding."""


def swings(deviation: float, flips: float) -> bool:
    """Whether a size swings: by the standard deviation of Δ log B, and the share of turns."""
    return deviation > SWING or (flips > FLIPS and deviation > VISIBLE)
