"""The KL divergence is far above its target.

## What it checks
The approximate KL of the updates is above 1.5 times its target in three updates running, a warning. The
target is the configuration's `target_kl`, else 0.02, which is said. And: more than 5% of the updates
have a KL of exactly 0, information: an estimator that is clamped, or updates that did nothing.

## Why it matters
The surrogate of PPO is trusted near the old policy only. Updates that go further learn from samples that
no longer belong to the policy.

## Instead
A lower learning rate, fewer epochs, an early stop by KL.

## When not to use
Algorithms that bound the step in another way.

## Sources
- Schulman et al. 2017, Proximal Policy Optimization, section 4: 1.5 · d_targ is where the adaptive
  penalty doubles.
- Schulman 2020, Approximating KL Divergence: the estimators k1, k2, k3; k3 is never negative.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.diagnosis.context import IGNORED, RunContext, span_text, stretches
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import INFO, WARNING, RunCase, run_rule
from ppodiag.wording import count, number, percent

TIMES: Final = 1.5
RUNNING: Final = 3
ASSUMED: Final = 0.02
"""[judgement] Target where none is given; Stable-Baselines3's examples use 0.01 to 0.03."""

ZEROS: Final = 0.05
"""[judgement] Share of exact zeros that chance does not give."""


@run_rule("RUN931", "kl-above-target", WARNING, "approx_kl")
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding where the KL stays above its target, and one where it is exactly 0."""
    kl = ctx.settled("approx_kl")
    target, given = _target(ctx)
    ranges = stretches(kl.steps, kl.values > TIMES * target, RUNNING)
    if ranges:
        high = float(np.mean(kl.values > TIMES * target))
        yield ctx.finding(
            WARNING,
            f"the approximate KL is above {TIMES} · {number(target)} ({given}) in {percent(high)} of "
            f"{count(len(kl))} updates after the first {IGNORED}, at least {RUNNING} running at "
            f"{span_text(ranges)}; its highest value there is {number(np.nanmax(kl.values))}",
            ranges=ranges,
            columns=("approx_kl", "clip_fraction", "lr"),
            causes=(
                "the learning rate is too high for the number of epochs",
                "too many epochs or minibatches an update",
                "advantages are large because rewards or values are not normalised",
            ),
            next="run with half of epochs: if the KL halves too, it is the number of steps, else the lr",
            values={"target": target, "share": high},
        )
    zeros = float(np.mean(kl.values == 0.0))
    if zeros > ZEROS:
        yield ctx.finding(
            INFO,
            f"the approximate KL is exactly 0 in {percent(zeros)} of {count(len(kl))} updates "
            f"after the first {IGNORED}",
            ranges=stretches(kl.steps, kl.values == 0.0),
            columns=("approx_kl",),
            causes=(
                "the estimator is clamped at 0, so that its negative values are lost",
                "these updates did nothing: skipped, or stopped before their first step",
            ),
            next="log the estimator k3, (r − 1) − log r, which is never negative without a clamp",
            values={"zeros": zeros},
        )


def _target(ctx: RunContext) -> tuple[float, str]:
    if ctx.context is not None:
        try:
            for value in (ctx.config.kl_target, ctx.config.target_kl):
                if value is not None and value > 0:
                    return float(value), "target_kl of the file"
        except DoesNotApply:
            pass
    return ASSUMED, "assumed, for no target_kl is given"


CASES = (
    RunCase(
        "five times the usual KL in a tenth of the run",
        lambda run: run.with_column(
            "approx_kl",
            lambda kl: np.where((np.arange(len(kl)) // 20) == 5, 0.05 + kl, kl),
        ),
        WARNING,
        "above 1.5 · 0.02 (assumed, for no target_kl is given) in 10% of 197 updates",
    ),
    RunCase(
        "every tenth is exactly 0",
        lambda run: run.with_column(
            "approx_kl", lambda kl: np.where(np.arange(len(kl)) % 10 == 0, 0.0, kl)
        ),
        INFO,
        "exactly 0 in 9.6% of 197 updates",
    ),
    RunCase("a KL of about 0.01"),
)
