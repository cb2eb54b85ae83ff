"""Memory that more than doubles over the batch range.

## What it checks
With adaptation enabled, and `actor_critic_architecture` given: the estimated memory of training at
max_batch_size is more than twice that at min_batch_size. A warning; information where the most fits
into the memory given on the command line. Silent where the networks cannot be estimated.

## Why it matters
The gradient norm decides, in mid-run, how much memory the next update needs. A run that was tried at
its first size dies hours later, when the batch has grown.

## Instead
Try the run at max_batch_size first, narrow the range, or say how much memory there is (`--memory`).

## When not to use
Where the largest size is known to fit.

## Sources
- The estimate and what it leaves out: docs/memory.md.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, WARNING, rule
from ppodiag.wording import count, number

MOST_RATIO: Final = 2
"""[judgement] Memory at the upper bound, over that at the lower, from which it is a surprise."""


@rule("BS212", "memory-moves-with-the-batch", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the total at the upper bound is more than twice that at the lower."""
    config = ctx.config
    if not config.adaptive_batch or config.architecture is None:
        return
    from ppodiag.bytesize import size_text  # not needed for most files
    from ppodiag.memory import estimate_for

    sizes = ctx.range_contexts[0].rollout.size, ctx.range_contexts[-1].rollout.size
    low, high = (estimate_for(config, size) for size in sizes)
    if low is None or high is None or high.total <= MOST_RATIO * low.total:
        return
    room = ctx.memory_bytes
    fits = room is not None and high.total <= room
    given = "" if room is None else f", of {size_text(room)} given"
    yield ctx.finding(
        INFO if fits else WARNING,
        "max_batch_size",
        f"training needs an estimated {size_text(high.total)} at minibatch size {count(sizes[1])} "
        f"and {size_text(low.total)} at {count(sizes[0])}, a ratio of "
        f"{number(high.total / low.total)}{given}; expected at most {MOST_RATIO}",
        "try the run at max_batch_size first, or narrow the range",
        inputs=("min_batch_size", "rollout_len", "num_envs", "state_dim", "architecture"),
        values={"bytes_at_min": low.total, "bytes_at_max": high.total},
    )


_CASE_ON = {
    "advanced_optimization.adaptive_batch_size": {
        "enable": True,
        "min_batch_size": 32,
        "max_batch_size": 128,
        "adaptation_rate": 0.1,
    },
}
_CASE_WIDE = {
    **_CASE_ON,
    "actor_critic_architecture": {
        "enable_cross_replica_attention": True,
        "num_replicas": 64,
        "hidden_size": 16,
        "cross_replica_attention": {"feature_dim": 256, "num_heads": 4},
    },
}

CASES = (
    Case(
        "attention over 64 replicas",
        _CASE_WIDE,
        WARNING,
        "/advanced_optimization/adaptive_batch_size/max_batch_size",
        text="at minibatch size 128 and",
    ),
    Case(
        "the same where there is room",
        _CASE_WIDE,
        INFO,
        "/advanced_optimization/adaptive_batch_size/max_batch_size",
        text="of 16.0 GB given",
        memory="16GB",
    ),
    Case(
        "long, narrow networks",
        {
            **_CASE_ON,
            "model_dimensions.state_dim": 4,
            "actor_critic_architecture": {"hidden_size": 4, "num_layers": 64},
        },
        WARNING,
        "/advanced_optimization/adaptive_batch_size/max_batch_size",
        text="a ratio of",
    ),
    Case("nobody says what the networks are", _CASE_ON),
    Case(
        "weights far outweigh activations",
        {**_CASE_ON, "actor_critic_architecture": {"hidden_size": 1024, "num_layers": 4}},
    ),
    Case(
        "a fixed batch",
        {"actor_critic_architecture": {"hidden_size": 64}},
    ),
)
