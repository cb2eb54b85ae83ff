"""Clipping acts in almost every simulated update.

## What it checks
With clipping on and norms that somebody stated, fitted or recorded: more than 90% of the updates
have a mean gradient norm above max_grad_norm.

## Why it matters
The gradient is then normalised rather than clipped: its length tells nothing, and an explosion looks
like any other update. Watch the norm before clipping, not the loss.

## Instead
A max_grad_norm near the upper quantiles of the recorded norms, if it is meant as a guard.

## When not to use
Where the normalisation is wanted: CleanRL's and Stable-Baselines3's 0.5 often does just that, which is
why this is information.

## Sources
- The note's checklist: "gradient explosion despite clipping", check the norm's exports.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import number, percent

ALWAYS: Final = 0.9
"""[judgement] Share of updates that counts as always."""


@rule("TRJ003", "simulated-clipping-always", INFO, stage="trajectory")
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where nearly all norms are above the threshold."""
    trajectory = ctx.simulated
    threshold = ctx.config.max_grad_norm
    if trajectory.norms is None or not ctx.config.clipping or threshold is None:
        return
    if getattr(trajectory.source, "assumed", False):
        return
    from ppodiag.figures import norm_quantiles

    share, _, median, high = norm_quantiles(trajectory, threshold)
    if share <= ALWAYS:
        return
    yield ctx.finding(
        INFO,
        "max_grad_norm",
        f"{percent(share)} of the updates have a gradient norm above max_grad_norm "
        f"{number(threshold)} (median {number(median)}, 95% {number(high)}): every gradient is scaled "
        "down, and an explosion would not show",
        f"watch the norm before clipping; as a guard, set max_grad_norm to about {number(high)}",
        values={"share": share, "median": median, "p95": high},
    )


CASES = (
    Case(
        "norms of 5 at a threshold of 0.5",
        {},
        INFO,
        "/ppo_config/max_grad_norm",
        text="100% of the updates have a gradient norm above max_grad_norm 0.5",
        norms="lognormal:norm=5",
    ),
    Case("norms at the threshold", {}, norms="lognormal:norm=0.5"),
)
