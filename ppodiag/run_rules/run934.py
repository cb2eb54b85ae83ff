"""The value function explains nothing.

## What it checks
The median of the explained variance is below 0.1 in the second half of the run, or a value is below −1
in ten updates of it, a warning.

## Why it matters
Advantages are returns minus values. Values that explain nothing leave the advantages as noisy as the
returns; values below −1 make them noisier than without any.

## Instead
A value function that can learn: its own learning rate or network, normalised returns, more epochs, no
value clipping.

## When not to use
Rewards that cannot be foretold, or runs so short that the second half is their beginning.

## Sources
- Huang et al. 2022, The 37 Implementation Details of PPO: explained_variance as a debug variable.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.diagnosis.context import RunContext, span_text, stretches
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import WARNING, RunCase, run_rule
from ppodiag.wording import count, number

LITTLE: Final = 0.1
"""[judgement] Median of the second half."""

HARMFUL: Final = -1.0
"""Below it the values are worse than a constant by more than the variance of the returns."""

OFTEN: Final = 10
"""[judgement] Updates of it."""


@run_rule("RUN934", "explained-variance", WARNING, "explained_variance")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where the values explain little, or less than nothing."""
    explained = ctx.settled("explained_variance")
    half = len(explained) // 2
    median = float(np.median(explained.values[half:]))
    low = explained.values < HARMFUL
    if median >= LITTLE and low.sum() < OFTEN:
        return
    if median < LITTLE:
        ranges = [(int(explained.steps[half]), int(explained.steps[-1]))]
        text = (
            f"the value function explains little: the median of the explained variance in the second "
            f"half, {count(len(explained) - half)} updates, is {number(median)}; expected at least {LITTLE}"
        )
    else:
        ranges = stretches(explained.steps, low)
        text = (
            f"the explained variance is below {HARMFUL:g} in {int(low.sum())} updates, "
            f"{span_text(ranges)}: these values harm the advantages"
        )
    yield ctx.finding(
        WARNING,
        text,
        ranges=ranges,
        columns=("explained_variance", "value_loss", "episode_return"),
        causes=(
            "the critic learns too slowly: its share of the loss, its learning rate, its size",
            "returns are not normalised, or their scale changes during the run",
            "the observation does not hold what the return depends on",
        ),
        next="fit the critic alone to the last rollout: does its loss fall? Then it learns too slowly",
        values={"median_second_half": median, "below_minus_one": int(low.sum())},
    )


CASES = (
    RunCase(
        "a critic that learns nothing",
        lambda run: run.with_column("explained_variance", lambda ev: 0.02 + 0.0 * ev),
        WARNING,
        "in the second half, 99 updates, is 0.02",
    ),
    RunCase(
        "a critic that does harm now and then",
        lambda run: run.with_column(
            "explained_variance", lambda ev: np.where(np.arange(len(ev)) % 8 == 0, -2.0, ev)
        ),
        WARNING,
        "below -1 in 24 updates",
    ),
    RunCase("a critic that learns"),
)
