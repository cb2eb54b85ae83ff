"""The effective batch is the whole rollout.

## What it checks
a > 1 and a = M: one window holds a whole epoch, so there is one optimizer step an epoch.

## Why it matters
PPO's several epochs of many minibatch steps become E full-batch steps on ever staler data; the
number of optimizer steps, and the progress, falls by the factor M.

## Instead
a ≤ M / 2, or a smaller minibatch.

## When not to use
Where full-batch steps are wanted.

## Sources
- The definitions: G = ceil(M / a).
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import WARNING, rule
from ppodiag.wording import count


@rule("ACC304", "effective-batch-is-the-rollout", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where a = M > 1."""
    a, rollout = ctx.config.accumulation_steps, ctx.rollout
    if a == 1 or a != rollout.minibatches:
        return
    yield ctx.finding(
        WARNING,
        "accumulation_steps",
        f"the effective batch is the whole rollout: {count(a)} minibatches of "
        f"{count(rollout.size)} make {count(rollout.samples)} samples, one optimizer step an epoch",
        f"set accumulation_steps to {count(a // 2)}" + (" or less" if a > 3 else ""),
        inputs=("minibatch_size", "rollout_len", "num_envs"),
        values={"accumulation_steps": a, "minibatches": rollout.minibatches},
        silences=("ACC306",),
    )


CASES = (
    Case(
        "16 of 16",
        {"advanced_optimization.gradient_optimization.accumulation_steps": 16},
        WARNING,
        "/advanced_optimization/gradient_optimization/accumulation_steps",
        text="16 minibatches of 64 make 1,024 samples, one optimizer step an epoch",
    ),
    Case("8 of 16", {"advanced_optimization.gradient_optimization.accumulation_steps": 8}),
    Case(
        "one minibatch an epoch, nothing accumulated",
        {
            "ppo_config.minibatch_size": 1024,
            "advanced_optimization.gradient_optimization.accumulation_steps": 1,
        },
    ),
)
