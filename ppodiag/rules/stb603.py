"""Two stabilization windows.

## What it checks
`statistics_stabilization` is not disabled, both it and `ppo_config` give stabilization_steps, and
the two differ.

## Why it matters
A reader cannot know which one holds. Here only `ppo_config.stabilization_steps` counts.

## Instead
One key, or the same value in both.

## When not to use
Runtimes that use both windows one after the other; it is information.

## Sources
- Real configurations carry both.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Finding
from ppodiag.rule import INFO, rule
from ppodiag.wording import count


@rule("STB603", "two-stabilization-windows", INFO)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where two different windows are given."""
    config = ctx.config
    other = config.stabilization_env_steps_other
    if other is None or "stabilization_steps" not in config.given:
        return
    if not config.statistics_stabilization or other == config.stabilization_steps:
        return
    yield ctx.finding(
        INFO,
        "stabilization_env_steps_other",
        f"a second stabilization window: statistics_stabilization has {count(other)} environment "
        f"steps, ppo_config has {count(config.stabilization_steps)}; only ppo_config's counts here",
        "keep one of the two, or give both the same value",
        inputs=("stabilization_steps",),
        values={"other": other, "counts": config.stabilization_steps},
    )


CASES = (
    Case(
        "200 beside 4,096",
        {"statistics_stabilization.stabilization_steps": 200},
        INFO,
        "/statistics_stabilization/stabilization_steps",
        text="statistics_stabilization has 200 environment steps, ppo_config has 4,096",
    ),
    Case(
        "the block is disabled",
        {
            "statistics_stabilization": {
                "enable_statistics_stabilization": False,
                "stabilization_steps": 200,
            }
        },
    ),
    Case("the same value", {"statistics_stabilization.stabilization_steps": 4096}),
)
