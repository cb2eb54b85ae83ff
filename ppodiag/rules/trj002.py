"""The simulated batch size is pinned to a bound.

## What it checks
In a simulated run whose batch adapts: more than half of the updates that have a norm, over all paths,
use the lower bound, or more than half the upper one (each no larger than the rollout), and the run
begins with another size.

## Why it matters
The run trains at another minibatch size than the file says, and all step counts are others: with the
clock of minibatches the warm-up ends earlier or later, and so does the last cycle.

## Instead
That minibatch size, written as `minibatch_size`, with the adaptation off; or a lower
adaptation_rate, or the moving reference.

## When not to use
Where the norms of the simulation are assumed: fit them to a run first (`--norms fit:PATH`).

## Sources
- The definitions: b is clipped to the bounds after each update.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import WARNING, rule
from ppodiag.wording import count, counted, percent

PINNED: Final = 0.5
"""[judgement] Share of updates at one bound."""


@rule("TRJ002", "simulated-batch-pinned", WARNING, stage="trajectory")
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where more than half of the updates are at one bound."""
    trajectory = ctx.simulated
    low_size, high_size = trajectory.size_bounds if trajectory.sizes is not None else (0, 0)
    if low_size == high_size:
        return
    from ppodiag.figures import bound_shares

    low, high = bound_shares(trajectory)
    share, field, size = max((low, "min_batch_size", low_size), (high, "max_batch_size", high_size))
    if share <= PINNED or size == ctx.size:
        return
    bound = "lower bound" if field == "min_batch_size" else "upper bound"
    if size < getattr(ctx.config, field):
        bound = f"whole rollout, less than the {bound}"
    yield ctx.finding(
        WARNING,
        field,
        f"{percent(share)} of the simulated updates use {count(size)} samples, the "
        f"{bound}, and not the {count(ctx.size)} that the run begins with "
        f"({counted(trajectory.known_updates, 'update')} × {counted(len(trajectory.seeds), 'seed')})",
        f"set minibatch_size to {count(size)} with the adaptation off, or lower adaptation_rate",
        inputs=("minibatch_size", "adaptation_rate"),
        values={"share_lower": low, "share_upper": high},
    )


_CASE_ON = {
    "advanced_optimization.adaptive_batch_size": {
        "enable": True,
        "min_batch_size": 32,
        "max_batch_size": 128,
        "adaptation_rate": 0.1,
    },
}

CASES = (
    Case(
        "a fixed reference, half noise",
        _CASE_ON,
        WARNING,
        "/advanced_optimization/adaptive_batch_size/max_batch_size",
        text="of the simulated updates use 128 samples, the upper bound",
        profile="note,batch_reference=max_grad_norm",
        norms="noise:norm=0.4,share=0.5,sigma=0.15",
    ),
    Case(
        "a fixed reference below the norm",
        _CASE_ON,
        WARNING,
        "/advanced_optimization/adaptive_batch_size/min_batch_size",
        text="of the simulated updates use 32 samples, the lower bound",
        profile="note,batch_reference=max_grad_norm",
        norms="noise:norm=0.6,share=0.5,sigma=0.15",
    ),
    Case(
        "a rollout of 32 samples, below the upper bound: no other size is possible",
        {
            **_CASE_ON,
            "ppo_config.rollout_len": 32,
            "parallel_training.enable": False,
        },
    ),
    Case(
        "a rollout of 32 samples is what the run begins with",
        {
            **_CASE_ON,
            "advanced_optimization.adaptive_batch_size.min_batch_size": 16,
            "ppo_config.rollout_len": 32,
            "parallel_training.enable": False,
        },
    ),
    Case("the moving reference", _CASE_ON, norms="noise:norm=0.6,share=0.5,sigma=0.15"),
)
