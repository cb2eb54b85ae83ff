"""The floor is not a ratio.

## What it checks
`min_lr_ratio` r outside [0, 1]: an error. r = 1, with which the schedule never falls, and 0 < r ≤
lr, which looks like an absolute learning rate: warnings.

## Why it matters
r multiplies the peak. An absolute learning rate such as 1e-5 written there gives a floor of lr ·
1e-5, which is no learning at all; a value above 1 makes the schedule climb.

## Instead
The ratio of the lowest to the peak learning rate: 0.1 for a tenth.

## When not to use
A floor that is meant to be as small as the learning rate itself; write 0.

## Sources
- Hugging Face transformers and timm both have an absolute and a relative floor (`min_lr`,
  `min_lr_rate`), which is how the two get mixed up.
"""

from collections.abc import Iterator

from ppodiag.case import Case
from ppodiag.context import Context
from ppodiag.finding import Edit, Finding, Fix
from ppodiag.rule import ERROR, WARNING, rule
from ppodiag.wording import number

SILENCED = ("LR104", "LR106", "LR112", "LR113", "LR116")


@rule("LR109", "floor-is-not-a-ratio", ERROR)
def check(ctx: Context) -> Iterator[Finding]:
    """A finding where r is outside [0, 1], is 1, or is positive and at most lr."""
    if "min_lr_ratio" not in ctx.config.given or ctx.config.schedule_kind == "constant":
        return
    r = ctx.raw("min_lr_ratio")
    if not 0 <= r <= 1:
        yield ctx.finding(
            ERROR,
            "min_lr_ratio",
            f"min_lr_ratio is {number(r)}; it is the ratio of the floor to the peak, from 0 to 1",
            "write a ratio, for example 0.1 for a tenth of the peak",
            inputs=("lr",),
            values={"ratio": r},
            silences=SILENCED,
        )
        return
    lr = ctx.config.lr
    if r == 1:
        yield ctx.finding(
            WARNING,
            "min_lr_ratio",
            "min_lr_ratio is 1: the floor is the peak, so the learning rate never falls",
            "write a ratio below 1, or use type constant",
            values={"ratio": r},
            silences=SILENCED,
        )
    elif 0 < r <= lr:
        relative = float(f"{r / lr:.3g}")
        meant = lr < relative < 1
        yield ctx.finding(
            WARNING,
            "min_lr_ratio",
            f"min_lr_ratio {number(r)} looks like an absolute learning rate: as a ratio it makes "
            f"the floor lr · r = {number(lr)} · {number(r)} = {number(lr * r)}",
            f"write {number(relative)} if {number(r)} was meant as the lowest learning rate"
            if meant
            else "write a ratio, for example 0.1 for a tenth of the peak",
            inputs=("lr",),
            values={"ratio": r, "floor": lr * r, "meant_ratio": relative},
            fix=Fix(
                f"write {number(relative)} = {number(r)} / lr",
                (
                    Edit(
                        "/advanced_optimization/learning_rate_schedule/min_lr_ratio",
                        f"{relative!r}",
                    ),
                ),
            )
            if meant
            else None,
            silences=SILENCED,
        )


CASES = (
    Case(
        "above 1",
        {"advanced_optimization.learning_rate_schedule.min_lr_ratio": 10},
        ERROR,
        "/advanced_optimization/learning_rate_schedule/min_lr_ratio",
        text="min_lr_ratio is 10; it is the ratio",
    ),
    Case(
        "an absolute learning rate",
        {"advanced_optimization.learning_rate_schedule.min_lr_ratio": 3e-5},
        WARNING,
        "/advanced_optimization/learning_rate_schedule/min_lr_ratio",
        text="0.0003 · 3e-05 = 9e-09",
    ),
    Case(
        "1: the schedule never falls",
        {"advanced_optimization.learning_rate_schedule.min_lr_ratio": 1},
        WARNING,
        "/advanced_optimization/learning_rate_schedule/min_lr_ratio",
        text="never falls",
    ),
    Case(
        "as small beside lr as lr is beside 1: the quotient would look absolute too",
        {
            "ppo_config.lr": 0.001,
            "advanced_optimization.learning_rate_schedule.min_lr_ratio": 1e-6,
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule/min_lr_ratio",
        text="0.001 · 1e-06 = 1e-09",
    ),
    Case("zero", {"advanced_optimization.learning_rate_schedule.min_lr_ratio": 0}),
)
