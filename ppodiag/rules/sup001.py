"""A suppression that suppresses nothing.

## What it checks
An entry of `$ppodiag.ignore`, or a comment on the line, whose rule finds nothing there.

## Why it matters
It outlives the fault that it was written for, and would hide the next one.

## Instead
Remove it.

## When not to use
Rules that are not selected are not looked for, and their suppressions not judged.

## Sources
- docs/configuration.md
"""

from ppodiag.case import Case
from ppodiag.rule import WARNING, page_only

check = page_only("SUP001", "suppresses-nothing", WARNING, "suppression")

CASES = (
    Case(
        "nothing to suppress",
        {"$ppodiag": {"profile": "note", "ignore": {"LR111": {"reason": "as in the paper"}}}},
        WARNING,
        "/$ppodiag/ignore/LR111",
        text="LR111 finds nothing",
    ),
    Case(
        "something to suppress",
        {
            "ppo_config.lr": 0.01,
            "$ppodiag": {"profile": "note", "ignore": {"LR111": {"reason": "as in the paper"}}},
        },
    ),
)
