"""A suppression without a reason, or of no rule.

## What it checks
A suppression that gives no reason, names a rule that does not exist or cannot be suppressed, or
has no valid date.

## Why it matters
Nobody can later judge whether it still holds.

## Instead
A reason in one sentence; `ppodiag rule` lists the rules.

## When not to use
No exception is known.

## Sources
- docs/configuration.md
"""

from ppodiag.case import Case
from ppodiag.rule import WARNING, page_only

check = page_only("SUP003", "suppression-not-understood", WARNING, "suppression")

CASES = (
    Case(
        "no reason",
        {"ppo_config.lr": 0.01, "$ppodiag": {"profile": "note", "ignore": {"LR111": {}}}},
        WARNING,
        "/$ppodiag/ignore/LR111",
        text="gives no reason",
    ),
    Case(
        "no such rule",
        {"$ppodiag": {"profile": "note", "ignore": {"LR999": {"reason": "?"}}}},
        WARNING,
        "/$ppodiag/ignore/LR999",
        text="LR999 is no rule",
    ),
    Case(
        "a reason",
        {
            "ppo_config.lr": 0.01,
            "$ppodiag": {"profile": "note", "ignore": {"LR111": {"reason": "as in the paper"}}},
        },
    ),
)
