"""Clipping is always on.

## What it checks
With a configuration that clips: more than 90% of the updates have a mean gradient norm, before
clipping, above max_grad_norm.

## Why it matters
The gradient is then normalised rather than clipped; its length tells nothing, and an explosion looks
like any other update.

## Instead
A max_grad_norm near the upper quantiles of the norms, if it is meant as a guard.

## When not to use
Where normalising is wanted: CleanRL's and Stable-Baselines3's 0.5 often does just that, which is why
this is information.

## Sources
- The note's checklist: "gradient explosion despite clipping", check the norm's exports.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.diagnosis.context import NotLogged, RunContext
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import INFO, RunCase, run_rule
from ppodiag.wording import number, percent

ALWAYS: Final = 0.9
"""[judgement] Share of updates that counts as always."""


@run_rule("RUN911", "clipping-always-on", INFO, "pg_grad_norm", needs_config=True)
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where nearly all norms are above the threshold."""
    config = ctx.config
    if not config.clipping:
        return
    threshold = config.max_grad_norm
    if threshold is None:
        raise NotLogged("max_grad_norm")
    norms = ctx.settled("pg_grad_norm")
    share = float(np.mean(norms.values > threshold))
    if share <= ALWAYS:
        return
    finite = norms.values[np.isfinite(norms.values)]
    median, high = (float(q) for q in np.quantile(finite, (0.5, 0.95)))
    yield ctx.finding(
        INFO,
        f"{percent(share)} of the updates have a gradient norm above max_grad_norm {number(threshold)} "
        f"(median {number(median)}, 95% {number(high)}): every gradient is scaled down",
        ranges=[(int(norms.steps[0]), int(norms.steps[-1]))],
        columns=("pg_grad_norm",),
        causes=(
            "max_grad_norm is below what the norms of this problem are",
            "rewards or advantages are not normalised, and the norms are large",
        ),
        next=f"try --set ppo_config.max_grad_norm={number(high)} in a short run, and compare the return",
        values={"share": share, "median": median, "p95": high},
    )


CASES = (
    RunCase(
        "norms of about 8 at a threshold of 0.5",
        lambda run: run.with_column("pg_grad_norm", lambda norm: 10 * norm),
        INFO,
        "100% of the updates have a gradient norm above max_grad_norm 0.5",
        config={},
    ),
    RunCase(
        "norms of about 0.1",
        lambda run: run.with_column("pg_grad_norm", lambda norm: 0.1 * norm),
        config={},
    ),
)
