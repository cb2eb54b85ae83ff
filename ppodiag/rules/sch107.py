"""A key that the chosen type never uses.

## What it checks
Keys of the learning-rate schedule that its type does not use: restart_period with linear or
constant, min_lr_ratio with constant.

## Why it matters
The reader believes in restarts, or in a floor, that never come.

## Instead
Remove the key, or choose the type that uses it.

## When not to use
No exception is known.

## Sources
- docs/semantics.md, Keys.
- The JSON Schema that `ppodiag schema` prints.
"""

from ppodiag.case import Case
from ppodiag.rule import WARNING, page_only

check = page_only("SCH107", "key-without-effect", WARNING, "schema")

CASES = (
    Case(
        "restarts of a linear schedule",
        {
            "advanced_optimization.learning_rate_schedule": {
                "type": "linear",
                "restart_period": 1000,
            }
        },
        WARNING,
        "/advanced_optimization/learning_rate_schedule/restart_period",
        text="a schedule of type linear uses warmup_steps and min_lr_ratio only",
    ),
    Case(
        "a floor of a linear schedule",
        {"advanced_optimization.learning_rate_schedule": {"type": "linear", "min_lr_ratio": 0.1}},
    ),
)
