"""Advantages are normalised over a tiny group.

## What it checks
The smallest group that advantages are normalised over, tails included (a window; a minibatch, or
the rollout, in such a profile), has 1 to 7 samples. At the initial size a warning; reached by
adaptation alone information that names the size. A group of one sample under a profile whose
standard deviation is unbiased and unguarded is an error: it is NaN.

## Why it matters
Mean and deviation of a handful of samples are noise: with 2 samples the normalised advantages are
always +1 and −1, whatever they were. The short tail of an epoch does this once an epoch.

## Instead
A minibatch size that divides R, or a larger one; where the batch adapts, normalisation over the
rollout, or a short last minibatch merged into the one before it.

## When not to use
Where advantages are not normalised at all.

## Sources
- Measured: normalising over micro-batches changes the gradient by 9% to 20%, and gives NaN for one
  sample.
- Stable-Baselines3 guards a single sample; CleanRL does not.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import ERROR, WARNING, rule
from ppodiag.wording import count, division

TINY: Final = 8
"""[judgement] Samples from which a mean and a deviation say something."""


REACH: Final = 1024
"""Sizes on either side of the present one in which the remedy looks for a divisor of the rollout."""


@rule("BS204", "tiny-normalisation-group", ERROR, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the smallest group has fewer than `TINY` samples."""
    rollout, profile = ctx.rollout, ctx.profile
    smallest = {
        "window": rollout.smallest_window,
        "minibatch": rollout.smallest,
        "rollout": rollout.samples,
    }[profile.advantages_per]
    if smallest >= TINY:
        return
    undefined = smallest == 1 and profile.advantage_std == "unguarded" and ctx is ctx.initial
    tail = smallest < rollout.size
    # Sequences are shuffled: how many short ones meet in the last minibatch is chance.
    fewest = f"can have as few as {smallest}" if _cut(ctx) else f"has {smallest}"
    how = (
        f"the last {profile.advantages_per} of an epoch {fewest} of {count(rollout.samples)} "
        f"samples ({division(rollout)})"
        if tail and rollout.minibatches > 1
        else f"a {profile.advantages_per} {fewest} sample{'' if smallest == 1 else 's'}"
    )
    what = "their deviation is NaN" if undefined else "their mean and deviation are noise"
    yield ctx.finding(
        ERROR if undefined else WARNING,
        "rollout_len" if profile.advantages_per == "rollout" else "minibatch_size",
        f"advantages are normalised over a tiny group: {how}; {what}",
        _remedy(ctx),
        inputs=("rollout_len", "num_envs", "accumulation_steps"),
        values={"smallest": smallest, "rollout_samples": rollout.samples},
    )


def _cut(ctx: Context) -> bool:
    """Whether the last sequence of an environment is shorter than the others."""
    steps = ctx.config.rollout_len
    return steps % min(ctx.config.sequence_length, steps) != 0


def _remedy(ctx: Context) -> str:
    """A minibatch size that leaves no tail, the nearest there is, or another way out."""
    samples, size = ctx.rollout.samples, ctx.size
    if samples < TINY:
        return f"collect longer rollouts: {TINY} samples or more"
    if ctx is not ctx.initial:
        return "normalise over the rollout, or merge the short last minibatch into the one before"
    if ctx.config.sequence_length == 1:
        for distance in range(REACH):
            for near in (size + distance, size - distance):
                if near >= TINY and samples % near == 0:
                    return f"set minibatch_size to {count(near)}, which divides {count(samples)}"
    return "choose a minibatch size that divides the rollout, or a larger one"


CASES = (
    Case(
        "a tail of one window with four samples: 1,024 = 15 × 68 + 4, windows of one minibatch",
        {
            "ppo_config.minibatch_size": 68,
            "advanced_optimization.gradient_optimization.accumulation_steps": 1,
            "advanced_optimization.learning_rate_schedule.warmup_steps": 0,
        },
        WARNING,
        "/ppo_config/minibatch_size",
        text="the last window of an epoch has 4 of 1,024 samples (1,024 = 15 × 68 + 4)",
        others=("LR104",),
    ),
    Case(
        "a tail of one sample, unguarded: 1,024 = 31 × 33 + 1",
        {
            "ppo_config.minibatch_size": 33,
            "advanced_optimization.learning_rate_schedule": {"type": "linear"},
        },
        ERROR,
        "/ppo_config/minibatch_size",
        text="their deviation is NaN",
        profile="cleanrl",
    ),
    Case(
        "rollouts of four samples, normalised whole",
        {
            "ppo_config.rollout_len": 1,
            "parallel_training.num_envs": 4,
            "ppo_config.minibatch_size": 2,
            "advanced_optimization.learning_rate_schedule": {"type": "constant"},
            "advanced_optimization.gradient_optimization.accumulation_steps": 1,
        },
        WARNING,
        "/ppo_config/rollout_len",
        text="a rollout has 4 samples",
        profile="note,advantages_per=rollout",
    ),
    Case(
        "sequences of 32 of 33 steps: the last has one",
        {
            "parallel_training.num_envs": 1,
            "ppo_config.rollout_len": 33,
            "ppo_config.minibatch_size": 32,
            "actor_critic_architecture.sequence_length": 32,
            "advanced_optimization.learning_rate_schedule": {"type": "constant"},
            "advanced_optimization.gradient_optimization.accumulation_steps": 1,
        },
        WARNING,
        "/ppo_config/minibatch_size",
        text="the last window of an epoch can have as few as 1 of 33 samples",
        others=("BS211",),
    ),
    Case("a tail of eight samples: 1,024 = 127 × 8 + 8", {"ppo_config.minibatch_size": 8}),
    Case(
        "a tail of four, normalised over the rollout",
        {"ppo_config.minibatch_size": 68},
        profile="note,advantages_per=rollout",
    ),
)
