"""A gradient spike.

## What it checks
The ratio of a gradient norm to the median of the ten norms around it: its logarithm is above the run's
median of these logarithms by six robust standard deviations (6 · 1.4826 · MAD), and the ratio is at
least three. A series that falls or grows is its own median's neighbour, and no spike.

## Why it matters
A single batch moves the policy further than many others together. With clipping the step is bounded and
its direction is the spike's.

## Instead
Look at the batch: an outlier in rewards or values, an advantage that was not normalised.

## When not to use
Runs with sparse rewards, in which the first reward is a spike for good reason.

## Sources
- Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers: the modified z-score with the MAD.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from ppodiag.diagnosis.context import RunContext, TooShort, span_text
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import WARNING, Plant, RunCase, run_rule
from ppodiag.diagnosis.synthetic import SyntheticRun
from ppodiag.norms.model import FloatArray
from ppodiag.wording import count, number

DEVIATIONS: Final = 6.0
"""[judgement] Robust standard deviations of log g."""

MAD_TO_SIGMA: Final = 1.4826
"""Of a normal distribution."""

TIMES: Final = 3.0
"""[judgement] Ratio to the local median."""

AROUND: Final = 5
"""[judgement] Norms before, and after, that make the local median."""


@run_rule("RUN912", "gradient-spike", WARNING, "pg_grad_norm")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding that names every spike."""
    norms = ctx.settled("pg_grad_norm")
    usable = np.isfinite(norms.values) & (norms.values > 0)
    values, steps = norms.values[usable], norms.steps[usable]
    if len(values) < 10:
        raise TooShort("pg_grad_norm")
    local = _around(values)
    logs = np.log(values / local)
    centre = float(np.median(logs))
    sigma = MAD_TO_SIGMA * float(np.median(np.abs(logs - centre)))
    spikes = (logs > centre + DEVIATIONS * sigma) & (values >= TIMES * local)
    if not spikes.any():
        return
    worst = int(np.argmax(np.where(spikes, values / local, 0)))
    ranges = [(int(s), int(s)) for s in steps[spikes].tolist()]
    yield ctx.finding(
        WARNING,
        f"{count(spikes.sum())} of {count(len(values))} gradient norms are spikes; the highest, "
        f"{number(values[worst])} at step {steps[worst]:,}, is {number(values[worst] / local[worst])} "
        f"times the median around it (run's median {number(np.median(values))}), {span_text(ranges)}",
        ranges=ranges,
        columns=("pg_grad_norm", "value_loss"),
        causes=(
            "an outlier of the reward or of the value target in that rollout",
            "the environment changed there (a stage of a curriculum, a reset of all environments)",
            "numbers that nearly overflowed: look for inf and nan in the logs of that update",
        ),
        next="ppodiag diagnose RUN --plot run.png: does value_loss, or the reward, jump at the same step?",
        values={"spikes": int(spikes.sum()), "highest": float(values[worst])},
    )


def _around(values: Any) -> Any:
    """The median of the norms around each one, without it; at the ends there are fewer."""
    missing = np.full(AROUND, np.nan)
    padded = np.concatenate([missing, values, missing])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1)
    others = np.delete(windows, AROUND, axis=1)
    found = np.nanmedian(others[:AROUND], axis=1), np.nanmedian(others[-AROUND:], axis=1)
    return np.concatenate([found[0], np.median(others[AROUND:-AROUND], axis=1), found[1]])


def _case_spike(times: float) -> Plant:
    def plant(run: SyntheticRun) -> SyntheticRun:
        def column(norm: FloatArray) -> FloatArray:
            norm[120] *= times
            return norm

        return run.with_column("pg_grad_norm", column)

    return plant


CASES = (
    RunCase(
        "a norm of ten times its neighbours", _case_spike(10), WARNING, "1 of 197 gradient norms"
    ),
    RunCase("a norm of twice its neighbours", _case_spike(2)),
    RunCase(
        "a norm that falls by a factor of a thousand over the run",
        lambda run: run.with_column(
            "pg_grad_norm", lambda norm: norm * np.logspace(0, -3, len(norm))
        ),
    ),
)
