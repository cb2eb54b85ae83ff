"""The gradient has vanished.

## What it checks
Gradient norms below 1e-7, or below 1% of the run's median for ten updates running.

## Why it matters
Nothing is learned from then on, whatever the learning rate. A policy that has collapsed, a ratio that is
clipped everywhere, or a loss of zeros look like this.

## Instead
Look at entropy and clip fraction at the same steps.

## When not to use
A run that has solved its task to the last digit.

## Sources
- Schulman et al. 2017, Proximal Policy Optimization, section 3: outside the clip range the surrogate's
  gradient is zero.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.diagnosis.context import RunContext, span_text, stretches
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import WARNING, RunCase, run_rule
from ppodiag.wording import number, percent

NOTHING: Final = 1e-7
"""About the precision of a float32: no step of it changes a weight."""

LITTLE: Final = 0.01
"""[judgement] Share of the run's median."""

LONG: Final = 10
"""[judgement] Updates of it."""


@run_rule("RUN914", "gradient-vanished", WARNING, "pg_grad_norm")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where the norm is next to nothing."""
    norms = ctx.settled("pg_grad_norm")
    finite = norms.values[np.isfinite(norms.values)]
    if not len(finite):
        return
    median = float(np.median(finite))
    ranges = stretches(norms.steps, norms.values < LITTLE * median, LONG)
    nothing = stretches(norms.steps, norms.values < NOTHING)
    found = sorted({*ranges, *nothing})
    if not found:
        return
    low = norms.values < max(NOTHING, LITTLE * median)
    yield ctx.finding(
        WARNING,
        f"the gradient has vanished: {percent(float(np.mean(low)))} of the updates have a norm below "
        f"{number(max(NOTHING, LITTLE * median))}, the least is {number(finite.min())} (median "
        f"{number(median)}), {span_text(found)}",
        ranges=found,
        columns=("pg_grad_norm", "entropy", "clip_fraction"),
        causes=(
            "the policy has collapsed: its entropy is near 0 there",
            "every ratio is clipped, so that the surrogate is flat",
            "the loss is not connected to the parameters (a detach too many)",
        ),
        next="ppodiag diagnose RUN --plot run.png: are entropy and clip_fraction flat at the same steps?",
        values={"median": median, "least": float(finite.min())},
    )


CASES = (
    RunCase(
        "a hundredth of a percent of it in the last fifth",
        lambda run: run.with_column(
            "pg_grad_norm", lambda norm: np.where(np.arange(len(norm)) > 160, 1e-4 * norm, norm)
        ),
        WARNING,
        "the gradient has vanished: 20% of the updates",
    ),
    RunCase(
        "a fall to a twentieth",
        lambda run: run.with_column(
            "pg_grad_norm", lambda norm: np.where(np.arange(len(norm)) > 160, 0.05 * norm, norm)
        ),
    ),
)
