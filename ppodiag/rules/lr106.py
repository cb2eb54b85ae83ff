"""A restart multiplies the learning rate at once.

## What it checks
A restart after the warm-up falls into the run, and the learning rate after it is more than 10.5
times the one just before: 1/λ(W + P − 1) > 10.5. Where the clock counts environment steps and an
update reads one value, the two values are those of the update before and the update after.

## Why it matters
PPO's clipped objective is a trust region for small steps. Adam's moments were gathered at the
small learning rate; a step with ten times the rate in the same direction leaves the region where
the clipped ratio still restrains the policy, and the KL divergence spikes.

## Instead
r ≥ 0.2, or no restart.

## When not to use
Where the collapse after a restart is wanted and only the ends of cycles count. With the KL early
stop this is information.

## Sources
- Loshchilov and Hutter 2017, SGDR, section 3: warm restarts.
- Schulman and others 2017, Proximal Policy Optimization Algorithms, section 3: the clipped
  objective.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import WARNING, rule
from ppodiag.schedule import first_restart
from ppodiag.wording import count, number, ratio

JUMP: Final = 10.5
"""[judgement] Factor of a restart above which it is a finding; the note's r = 0.1 stays below."""


MANY: Final = 1_000_000
"""A factor that the message does not tell more exactly; a floor of 0 is reached by rounding."""


@rule("LR106", "restart-jump", WARNING, ranged=True)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where a restart in the run multiplies the learning rate by more than `JUMP`."""
    period = ctx.config.restart_period
    if period is None or ctx.config.schedule_kind != "cosine_annealing_with_warmup":
        return
    schedule, every = ctx.schedule, 1
    if ctx.profile.clock == "env_step":
        every = ctx.rollout.ticks
    earlier = (first_restart(schedule) - 1) // every * every
    later = earlier + every
    if earlier < schedule.warmup or later > ctx.run.final_tick:
        return
    before, after = ctx.lr_ratio(earlier), ctx.lr_ratio(later)
    if before * JUMP >= after:
        return
    lr = ctx.config.lr
    which = "each" if every == 1 else "the first"
    factor = count(after / before) if before * MANY > after else f"more than {count(MANY)}"
    yield ctx.finding(
        ctx.capped(WARNING),
        "min_lr_ratio",
        f"{which} restart multiplies the learning rate by {factor}: from {number(lr * before)} "
        f"({ratio(before)} of the peak) to {number(lr * after)} at t = {count(later)}; "
        f"min_lr_ratio is {number(schedule.floor)}",
        "set min_lr_ratio to 0.2 or more, or remove restart_period",
        inputs=("restart_period", "warmup_steps", "lr"),
        values={"ratio_before": before, "ratio_after": after, "tick": later},
    )


CASES = (
    Case(
        "a floor of 0.02 and two cycles",
        {
            "advanced_optimization.learning_rate_schedule.restart_period": 78880,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.02,
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule/min_lr_ratio",
        text="multiplies the learning rate by 50",
    ),
    Case(
        "the note's own floor of 0.1",
        {"advanced_optimization.learning_rate_schedule.restart_period": 78880},
    ),
    Case(
        "down to nothing in a very long cycle",
        {
            "training.ppo_requests": 1000000000000000,
            "advanced_optimization.learning_rate_schedule.restart_period": 1000000000,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0,
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule/min_lr_ratio",
        text="multiplies the learning rate by more than 1,000,000: from 0 ",
    ),
    Case(
        "one value an update: from 0.146 to 1 within one update of four",
        {
            "advanced_optimization.learning_rate_schedule.warmup_steps": 0,
            "advanced_optimization.learning_rate_schedule.restart_period": 4096,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 0,
        },
        profile="sb3",
    ),
    Case(
        "no restart in the run",
        {"advanced_optimization.learning_rate_schedule.min_lr_ratio": 0.02},
    ),
)
