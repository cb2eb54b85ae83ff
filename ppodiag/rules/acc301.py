"""An accumulation window longer than an epoch.

## What it checks
a > 1 and a > M: more minibatches are to be accumulated than an epoch has.

## Why it matters
A window never fills. Depending on the runtime the optimizer steps once an epoch with a fraction of
the intended batch, carries gradients over into the next epoch, or never steps at all.

## Instead
a ≤ M / 2, or a larger rollout.

## When not to use
No exception is known.

## Sources
- The definitions: windows end with the epoch.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import ERROR, rule
from ppodiag.wording import across, count


@rule("ACC301", "window-longer-than-an-epoch", ERROR, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where a > M and a > 1."""
    a = ctx.config.accumulation_steps
    if a == 1 or a <= ctx.rollout.minibatches:
        return
    m, samples = ctx.rollout.minibatches, ctx.rollout.samples
    advised = max(1, m // 2)
    spread = across(ctx, lambda c: c.rollout.minibatches, count)
    yield ctx.finding(
        ERROR,
        "accumulation_steps",
        f"accumulation_steps {count(a)} is longer than an epoch of {count(m)} "
        f"minibatch{'' if m == 1 else 'es'} ({count(samples)} samples / {count(ctx.rollout.size)})"
        f"{spread}; no window ever fills",
        f"set accumulation_steps to {count(advised)}{' or less' if advised > 1 else ''}, or collect "
        "longer rollouts",
        inputs=("minibatch_size", "rollout_len", "num_envs"),
        values={"accumulation_steps": a, "minibatches": m},
        silences=("ACC302", "ACC304", "ACC306"),
    )


CASES = (
    Case(
        "17 of 16",
        {"advanced_optimization.gradient_optimization.accumulation_steps": 17},
        ERROR,
        "/advanced_optimization/gradient_optimization/accumulation_steps",
        text="accumulation_steps 17 is longer than an epoch of 16 minibatches (1,024 samples / 64)",
    ),
    Case(
        "as long as an epoch is another rule's",
        {"advanced_optimization.gradient_optimization.accumulation_steps": 16},
    ),
)
