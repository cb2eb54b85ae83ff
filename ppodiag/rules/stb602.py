"""The stabilization window defers everything, or too much.

## What it checks
S > 0 and at least one rollout: D = U is an error, for nothing ever trains; D/U above 0.2 is a
warning. U and D are whole rollouts, so it can happen although S < T.

## Why it matters
Deferred rollouts are discarded. A window of a fifth of the run costs a fifth of the samples, for
statistics that settle within some thousand.

## Instead
A window of a few rollouts.

## When not to use
No exception is known.

## Sources
- The definitions: D = min(U, floor(S / R)).
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import ERROR, WARNING, rule
from ppodiag.wording import count, percent

MUCH: Final = 0.2
"""[judgement] Share of the rollouts above which the window costs too much."""


@rule("STB602", "stabilization-defers-too-much", ERROR)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where D/U is above `MUCH`."""
    window = ctx.config.stabilization_steps
    if window == 0:
        return
    budget, samples = ctx.budget, ctx.rollout.samples
    if budget.rollouts == 0 or budget.skipped <= MUCH * budget.rollouts:
        return
    everything = budget.skipped == budget.rollouts
    # One rollout of fewer than five is itself more than a fifth.
    fewest = 1 if budget.rollouts * MUCH >= 1 else 0
    advised = max(fewest, budget.rollouts // 20) * samples
    yield ctx.finding(
        ERROR if everything else WARNING,
        "stabilization_steps",
        (
            "nothing ever trains: stabilization_steps "
            if everything
            else f"stabilization takes {percent(budget.skipped / budget.rollouts)} of the run: "
            "stabilization_steps "
        )
        + f"{count(window)} skips {count(budget.skipped)} of {count(budget.rollouts)} updates of "
        f"{count(samples)} samples",
        f"set stabilization_steps to {count(advised)}"
        + (" or less" if advised else ", or shorten the rollout, or train longer"),
        inputs=("total_env_steps", "rollout_len", "num_envs"),
        values={"skipped_updates": budget.skipped, "rollouts": budget.rollouts},
        silences=("UNIT703",) if everything else (),
    )


CASES = (
    Case(
        "1,000 rollouts, all of them skipped",
        {"ppo_config.stabilization_steps": 1024000},
        ERROR,
        "/ppo_config/stabilization_steps",
        text="nothing ever trains: stabilization_steps 1,024,000 skips 1,000 of 1,000 updates",
    ),
    Case(
        "nothing trains although S < T",
        {
            "training.ppo_requests": 20000,
            "ppo_config.rollout_len": 64,
            "ppo_config.stabilization_steps": 19968,
        },
        ERROR,
        "/ppo_config/stabilization_steps",
        text="skips 39 of 39 updates",
    ),
    Case(
        "201 of 1,000",
        {
            "ppo_config.stabilization_steps": 205824,
            "advanced_optimization.learning_rate_schedule": {"type": "constant"},
        },
        WARNING,
        "/ppo_config/stabilization_steps",
        text="takes 20% of the run: stabilization_steps 205,824 skips 201 of 1,000",
    ),
    Case(
        "two of four: even one would be more than a fifth",
        {
            "training.ppo_requests": 4096,
            "ppo_config.stabilization_steps": 2048,
            "advanced_optimization.learning_rate_schedule": {"type": "constant"},
        },
        WARNING,
        "/ppo_config/stabilization_steps",
        text="takes 50% of the run",
        others=("UNIT703",),
    ),
    Case(
        "a fifth",
        {
            "ppo_config.stabilization_steps": 204800,
            "advanced_optimization.learning_rate_schedule": {"type": "constant"},
        },
    ),
)
