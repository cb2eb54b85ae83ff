"""The value loss jumps.

## What it checks
A value loss of more than ten times the median of the twenty updates before it.

## Why it matters
The returns have left the range that the critic knows: the scale of the rewards changed, an environment
was reset, a curriculum moved on. Until the critic has caught up, the advantages are wrong.

## Instead
Normalise the returns, or clip the rewards; after a change of the task, a few updates of the critic alone.

## When not to use
The first large reward of a task with sparse rewards.

## Sources
- van Hasselt et al. 2016, Learning values across many orders of magnitude.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.diagnosis.context import RunContext, span_text, stretches
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import WARNING, RunCase, run_rule
from ppodiag.norms.model import FloatArray
from ppodiag.wording import count, number

TIMES: Final = 10.0
BEFORE: Final = 20
"""[judgement] Updates whose median is the usual loss."""

FEWEST: Final = 5
"""[judgement] Of them that must be there."""


@run_rule("RUN935", "value-loss-jumps", WARNING, "value_loss")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where the value loss is ten times what it was."""
    loss = ctx.settled("value_loss")
    usual = _running_median(loss.values)
    with np.errstate(invalid="ignore"):
        jumps = (loss.values > TIMES * usual) & (usual > 0)
    if not jumps.any():
        return
    ranges = stretches(loss.steps, jumps)
    first = int(np.flatnonzero(jumps)[0])
    yield ctx.finding(
        WARNING,
        f"the value loss jumps to {number(loss.values[first])} at step {int(loss.steps[first]):,}, "
        f"{number(loss.values[first] / usual[first])} times its running median "
        f"{number(usual[first])}; {count(jumps.sum())} such updates, {span_text(ranges)}",
        ranges=ranges,
        columns=("value_loss", "explained_variance", "episode_return"),
        causes=(
            "the scale of the rewards changed: a new stage, a new environment, a bonus",
            "an outlier of the reward in one rollout",
            "the critic diverges",
        ),
        next="does episode_return change its scale at the same step? Then it is the task, else the critic",
        values={"jumps": int(jumps.sum()), "first_step": int(loss.steps[first])},
    )


def _running_median(values: FloatArray) -> FloatArray:
    """The median of the twenty values before each one; nan where fewer than five are there."""
    padded = np.concatenate([np.full(BEFORE, np.nan), values[:-1]])
    windows = np.lib.stride_tricks.sliding_window_view(padded, BEFORE)
    found = np.full(len(values), np.nan)
    found[FEWEST:BEFORE] = np.nanmedian(windows[FEWEST:BEFORE], axis=1)
    found[BEFORE:] = np.median(windows[BEFORE:], axis=1)
    return found


CASES = (
    RunCase(
        "twenty times the loss from one update on",
        lambda run: run.with_column(
            "value_loss", lambda loss: np.where(np.arange(len(loss)) > 120, 20 * loss, loss)
        ),
        WARNING,
        "the value loss jumps to",
    ),
    RunCase(
        "three times the loss",
        lambda run: run.with_column(
            "value_loss", lambda loss: np.where(np.arange(len(loss)) > 120, 3 * loss, loss)
        ),
    ),
)
