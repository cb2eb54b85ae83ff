"""A large entropy coefficient.

## What it checks
The entropy coefficient that counts (the initial one of an enabled entropy schedule, else
entropy_coef) is above 0.05.

## Why it matters
The bonus then outweighs the advantages, which are normalised to a deviation of 1, and the policy
stays random.

## Instead
0 to 0.01.

## When not to use
Sparse rewards, where exploration is all that matters at first.

## Sources
- rl-baselines3-zoo, hyperparams/ppo.yml: 44 entries, up to 0.01.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import number

LARGE: Final = 0.05
"""[judgement] Five times the largest among the 44 PPO entries of rl-baselines3-zoo."""

INITIAL = "/ppo_config/entropy_schedule/initial"


@rule("PPO006", "entropy-coefficient-large", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the entropy coefficient that counts is above `LARGE`."""
    if ctx.config.entropy_schedule:
        pointer, value = INITIAL, ctx.value["ppo_config"]["entropy_schedule"].get("initial", 0)
    else:
        pointer, value = "entropy_coef", ctx.config.entropy_coef
    if type(value) not in (int, float):
        return  # the schema speaks of it
    if value <= LARGE:
        return
    yield ctx.finding(
        INFO,
        pointer,
        f"the entropy coefficient {value:.15g} is {number(min(value / 0.01, 1e308))} times the largest (0.01) of "
        "44 published PPO configurations",
        "set it to 0.01 or less",
        values={"entropy_coef": value},
    )


CASES = (
    Case(
        "0.1",
        {"ppo_config.entropy_coef": 0.1},
        INFO,
        "/ppo_config/entropy_coef",
        text="0.1 is 10 times the largest",
    ),
    Case(
        "the schedule's initial value counts",
        {
            "ppo_config.entropy_coef": 0.0,
            "ppo_config.entropy_schedule": {"enable": True, "initial": 0.2, "decay_steps": 1000},
        },
        INFO,
        "/ppo_config/entropy_schedule/initial",
        text="0.2 is 20 times the largest",
    ),
    Case("0.05", {"ppo_config.entropy_coef": 0.05}),
    Case(
        "an initial value of the wrong type is the schema's",
        {"ppo_config.entropy_schedule": {"enable": True, "initial": "0.2", "decay_steps": 1000}},
    ),
    Case(
        "an enabled schedule overrides it",
        {
            "ppo_config.entropy_coef": 0.5,
            "ppo_config.entropy_schedule": {"enable": True, "initial": 0.01, "decay_steps": 1000},
        },
    ),
)
