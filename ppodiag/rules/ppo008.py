"""The value clip range depends on a scale that nobody sets.

## What it checks
clip_range_vf is given, equal to clip_ratio, and there is no reward scaling.

## Why it matters
clip_ratio bounds a ratio of probabilities and has no unit; clip_range_vf bounds a change of the
value, in units of the return. A value function whose returns are in the hundreds cannot move by
more than 0.2 an update.

## Instead
Leave clip_range_vf out, or scale the rewards.

## When not to use
Rewards of a scale of 1.

## Sources
- Andrychowicz and others 2021, What Matters in On-Policy Reinforcement Learning: value clipping
  does not help.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import number


@rule("PPO008", "value-clip-without-scale", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where clip_range_vf repeats clip_ratio and rewards are not scaled."""
    config = ctx.config
    value = config.clip_range_vf
    if value is None or value != config.clip_ratio:
        return
    if config.reward_scaling and not _disabled(ctx.value["reward_config"]["reward_scaling"]):
        return
    yield ctx.finding(
        INFO,
        "clip_range_vf",
        f"clip_range_vf {number(value)} is the same number as clip_ratio, but in units of the value: "
        f"without reward scaling the value function moves by at most {number(value)} an update",
        "remove clip_range_vf, or scale the rewards",
        inputs=("clip_ratio",),
        values={"clip_range_vf": value},
    )


def _disabled(scaling: object) -> bool:
    """Whether a block of reward scaling is there and switched off."""
    return isinstance(scaling, dict) and scaling.get("enable") is False


CASES = (
    Case(
        "both 0.2",
        {"ppo_config.clip_range_vf": 0.2},
        INFO,
        "/ppo_config/clip_range_vf",
        text="clip_range_vf 0.2 is the same number as clip_ratio",
    ),
    Case(
        "reward scaling is there, and disabled",
        {
            "ppo_config.clip_range_vf": 0.2,
            "reward_config.reward_scaling": {"type": "adaptive", "enable": False},
        },
        INFO,
        "/ppo_config/clip_range_vf",
        text="without reward scaling",
    ),
    Case(
        "rewards are scaled",
        {"ppo_config.clip_range_vf": 0.2, "reward_config.reward_scaling": {"type": "adaptive"}},
    ),
    Case("another value", {"ppo_config.clip_range_vf": 10.0}),
)
