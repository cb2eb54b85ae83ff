"""An unusual clip threshold.

## What it checks
Clipping on, and max_grad_norm above 0 and outside 0.3 to 5: information; above 10: a warning.

## Why it matters
A very small threshold clips every step, so the gradient's size is lost (with Adam mostly
harmless); a very large one never clips, and an explosion passes.

## Instead
0.5, the usual value of PPO.

## When not to use
Losses summed over a batch, or scaled rewards, have other norms.

## Sources
- rl-baselines3-zoo, hyperparams/ppo.yml: 44 entries, 0.3 to 5.
"""

from collections.abc import Iterator
from typing import Final

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, WARNING, rule
from ppodiag.wording import number

LOWEST: Final = 0.3
"""The smallest threshold among the 44 PPO entries of rl-baselines3-zoo."""

HIGHEST: Final = 5.0
"""The largest threshold among the 44 PPO entries of rl-baselines3-zoo."""

FAR_OUT: Final = 10.0
"""[judgement] Twice the largest; an explosion would pass."""


@rule("CLP402", "threshold-unusual", WARNING)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where the threshold is outside the published range."""
    threshold = ctx.config.max_grad_norm
    if threshold is None or LOWEST <= threshold <= HIGHEST or not ctx.config.clipping:
        return
    small = threshold < LOWEST
    yield ctx.finding(
        WARNING if threshold > FAR_OUT else INFO,
        "max_grad_norm",
        f"max_grad_norm is {number(threshold)}; 44 published PPO configurations have {LOWEST} to "
        f"{HIGHEST:g}" + ("" if small else ", and a threshold this large lets an explosion pass"),
        "set max_grad_norm to 0.5"
        + ("; compare it with the logged gradient norms" if small else ""),
        values={"max_grad_norm": threshold},
    )


CASES = (
    Case(
        "40", {"ppo_config.max_grad_norm": 40}, WARNING, "/ppo_config/max_grad_norm", text="is 40;"
    ),
    Case("10", {"ppo_config.max_grad_norm": 10}, INFO, "/ppo_config/max_grad_norm", text="is 10;"),
    Case(
        "0.1", {"ppo_config.max_grad_norm": 0.1}, INFO, "/ppo_config/max_grad_norm", text="is 0.1;"
    ),
    Case("at the upper end", {"ppo_config.max_grad_norm": 5}),
    Case("at the lower end", {"ppo_config.max_grad_norm": 0.3}),
)
