"""Too much is clipped, or nothing.

## What it checks
The median of the clip fraction is above 0.3, a warning; at least 90% of the updates clip nothing at all,
information.

## Why it matters
A sample that is clipped gives no gradient. If a third of them are, the update has left the region that
its samples describe; if none are, the clip range does nothing, and the steps may be too small to learn.

## Instead
For a high fraction a lower learning rate or fewer epochs; for zeros a higher learning rate, or more
epochs.

## When not to use
The first updates of a run from a pretrained policy.

## Sources
- Schulman et al. 2017, Proximal Policy Optimization, section 3.
- Huang et al. 2022, The 37 Implementation Details of PPO: clipfrac as a debug variable.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import INFO, WARNING, RunCase, run_rule
from ppodiag.wording import number, percent

MUCH: Final = 0.3
"""[judgement] Median share of clipped samples."""

NOTHING: Final = 0.9
"""[judgement] Share of updates that clip nothing."""


@run_rule("RUN932", "clip-fraction", WARNING, "clip_fraction")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where the clip fraction is high, or zero."""
    clip = ctx.settled("clip_fraction")
    whole = [(int(clip.steps[0]), int(clip.steps[-1]))]
    median = float(np.median(clip.values))
    zeros = float(np.mean(clip.values == 0.0))
    if median > MUCH:
        yield ctx.finding(
            WARNING,
            f"half of the updates clip more than {percent(median)} of their samples; expected at most "
            f"{percent(MUCH)}",
            ranges=whole,
            columns=("clip_fraction", "approx_kl"),
            causes=("the learning rate is too high", "too many epochs an update",
                    "clip_ratio is narrow"),
            next="look at the clip fraction by epoch: if the first epoch clips already, it is the lr",
            values={"median": median},
        )  # fmt: skip
    elif zeros >= NOTHING:
        yield ctx.finding(
            INFO,
            f"{percent(zeros)} of the updates clip nothing (highest clip fraction "
            f"{number(clip.values.max())}): the clip range does nothing",
            ranges=whole,
            columns=("clip_fraction", "approx_kl", "lr"),
            causes=(
                "the learning rate is very low",
                "one epoch with one minibatch: the ratio is 1",
            ),
            next="ppodiag simulate CONFIG: what is the learning rate that the updates really use?",
            values={"zeros": zeros},
        )


CASES = (
    RunCase(
        "0.4 throughout",
        lambda run: run.with_column("clip_fraction", lambda clip: clip - np.median(clip) + 0.4),
        WARNING,
        "half of the updates clip more than 40% of their samples",
    ),
    RunCase(
        "zeros",
        lambda run: run.with_column("clip_fraction", lambda clip: 0.0 * clip),
        INFO,
        "100% of the updates clip nothing",
    ),
    RunCase("about a tenth"),
)
