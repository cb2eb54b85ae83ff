"""The stabilization window defers nothing.

## What it checks
0 < S < R, and at least one rollout fits into the run where its length is known. Only whole
rollouts are deferred: D = floor(S / R) = 0.

## Why it matters
The author believes that the normalizers settle before the first update. They do not: the first
update trains on statistics of its own rollout alone.

## Instead
S of at least R, or 0 if no window is wanted.

## When not to use
No exception is known.

## Sources
- The note: `stabilization_steps` defers optimizer updates until the normalizers settle.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import WARNING, rule
from ppodiag.wording import count


@rule("STB601", "stabilization-defers-nothing", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where 0 < S < R."""
    config = ctx.config
    window = config.stabilization_steps
    if window == 0 or window >= ctx.rollout.samples:
        return
    if config.total_env_steps is not None and ctx.budget.rollouts < 1:
        return
    samples = ctx.rollout.samples
    yield ctx.finding(
        WARNING,
        "stabilization_steps",
        f"stabilization_steps {count(window)} defers nothing: a rollout is {count(samples)} samples "
        f"({count(config.rollout_len)} × {count(config.num_envs)} environments), and "
        f"floor({count(window)} / {count(samples)}) = 0 updates are skipped",
        f"set stabilization_steps to {count(samples)} to defer one update, or to 0",
        inputs=("rollout_len", "num_envs"),
        values={"stabilization_env_steps": window, "rollout_samples": samples},
        fix=Fix(
            f"set stabilization_steps to {samples}, one rollout",
            (Edit("/ppo_config/stabilization_steps", str(samples)),),
        ),
    )


CASES = (
    Case(
        "100 steps, a rollout of 1,024 samples",
        {"ppo_config.stabilization_steps": 100},
        WARNING,
        "/ppo_config/stabilization_steps",
        text="a rollout is 1,024 samples (128 × 8 environments), and floor(100 / 1,024) = 0",
        others=("LR104",),
    ),
    Case("one rollout", {"ppo_config.stabilization_steps": 1024}),
    Case("no window", {"ppo_config.stabilization_steps": 0}),
)
