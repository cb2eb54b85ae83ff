"""Two different KL targets.

## What it checks
`ppo_config.target_kl` and `kl_regularization.target_kl` are both given and differ.

## Why it matters
A reader cannot know which one holds, and runtimes choose differently.

## Instead
One key, or the same value in both.

## When not to use
No exception is known.

## Sources
- The definitions: each is the target of the adaptive coefficient.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import WARNING, rule


@rule("PPO010", "two-kl-targets", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the two targets differ."""
    one, other = ctx.config.target_kl, ctx.config.kl_target
    if one is None or other is None or one == other:
        return
    yield ctx.finding(
        WARNING,
        "target_kl",
        f"two KL targets: {one:.15g} in ppo_config, {other:.15g} in kl_regularization",
        "keep one of the two, or give both the same value",
        inputs=("kl_target",),
        values={"ppo_config": one, "kl_regularization": other},
    )


CASES = (
    Case(
        "0.01 and 0.02",
        {"ppo_config.target_kl": 0.01, "kl_regularization.target_kl": 0.02},
        WARNING,
        "/ppo_config/target_kl",
        text="0.01 in ppo_config, 0.02 in kl_regularization",
    ),
    Case(
        "the same",
        {"ppo_config.target_kl": 0.02, "kl_regularization.target_kl": 0.02},
    ),
    Case(
        "one of them is null", {"ppo_config.target_kl": None, "kl_regularization.target_kl": 0.02}
    ),
)
