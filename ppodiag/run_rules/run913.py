"""The gradient explodes.

## What it checks
A gradient norm that is not finite; or one that doubles over five updates twice running: the median of
five norms is more than twice the median of the five before, which is more than twice that of the five
before those.

## Why it matters
Growth at that rate ends in inf or nan within a few dozen updates. Clipping bounds each step and does not
stop it: the direction is already lost.

## Instead
A lower learning rate, a longer warm-up, smaller value targets. Check that clipping is really on.

## When not to use
A log of norms after clipping.

## Sources
- Pascanu, Mikolov and Bengio 2013, On the difficulty of training recurrent neural networks.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.diagnosis.context import RunContext, span_text, stretches
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import ERROR, Plant, RunCase, run_rule
from ppodiag.wording import count, number

SPAN: Final = 5
"""[judgement] Updates over which a norm doubles."""

TIMES: Final = 2.0
"""[judgement] Growth over that span, twice running."""


@run_rule("RUN913", "gradient-explosion", ERROR, "pg_grad_norm")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where a norm is not finite, or grows without end."""
    whole = ctx.column("pg_grad_norm")
    broken = ~np.isfinite(whole.values)
    if broken.any():
        ranges = stretches(whole.steps, broken)
        yield ctx.finding(
            ERROR,
            f"{count(broken.sum())} of {count(len(whole))} gradient norms are not finite, "
            f"{span_text(ranges)}",
            ranges=ranges,
            columns=("pg_grad_norm", "value_loss"),
            causes=_CAUSES,
            next=_NEXT,
            values={"not_finite": int(broken.sum())},
        )
        return
    norms = ctx.settled("pg_grad_norm", 3 * SPAN)
    values = norms.values
    medians = np.median(np.lib.stride_tricks.sliding_window_view(values, SPAN), axis=1)
    now, before, earlier = medians[2 * SPAN :], medians[SPAN:-SPAN], medians[: -2 * SPAN]
    growing = (now > TIMES * before) & (before > TIMES * earlier)
    if not growing.any():
        return
    mask = np.zeros(len(values), dtype=bool)
    for index in np.flatnonzero(growing).tolist():
        mask[index : index + 3 * SPAN] = True
    ranges = stretches(norms.steps, mask)
    at = int(np.flatnonzero(growing)[0])
    yield ctx.finding(
        ERROR,
        f"the gradient norm doubles over {SPAN} updates twice running: {number(earlier[at])}, then "
        f"{number(before[at])}, then {number(now[at])} (medians of {SPAN}); the highest is "
        f"{number(values.max())}, {span_text(ranges)}",
        ranges=ranges,
        columns=("pg_grad_norm", "approx_kl", "value_loss"),
        causes=_CAUSES,
        next=_NEXT,
        values={"medians": [float(earlier[at]), float(before[at]), float(now[at])]},
    )


_CAUSES = (
    "the learning rate is too high, or its warm-up is too short",
    "value targets or rewards grow without bound, and nothing normalises them",
    "clipping is off, or the runtime does not read clip_by_global_norm",
)
_NEXT = "run a tenth of lr for as many updates: if the growth goes on, it comes from the targets"


def _case_growth(rate: float) -> Plant:
    return lambda run: run.with_column(
        "pg_grad_norm", lambda norm: norm * rate ** np.clip(np.arange(len(norm)) - 150, 0, 40)
    )


CASES = (
    RunCase("it grows by a quarter an update", _case_growth(1.25), ERROR, "twice running"),
    RunCase(
        "a norm that is not finite",
        lambda run: run.with_column(
            "pg_grad_norm", lambda norm: np.where(np.arange(len(norm)) == 150, np.inf, norm)
        ),
        ERROR,
        "1 of 200 gradient norms are not finite",
    ),
    RunCase("it grows by a hundredth an update", _case_growth(1.01)),
)
