"""An expired suppression.

## What it checks
The date `until` of a suppression lies in the past; the suppression then has no effect.

## Why it matters
What was to be mended by then was not.

## Instead
Mend the finding, or set a later date.

## When not to use
No exception is known.

## Sources
- docs/configuration.md
"""

from ppodiag.case import Case
from ppodiag.rule import WARNING, page_only

check = page_only("SUP002", "suppression-expired", WARNING, "suppression")

CASES = (
    Case(
        "until 2020",
        {
            "ppo_config.lr": 0.01,
            "$ppodiag": {
                "profile": "note",
                "ignore": {"LR111": {"reason": "as in the paper", "until": "2020-01-01"}},
            },
        },
        WARNING,
        "/$ppodiag/ignore/LR111",
        text="expired on 2020-01-01",
        others=("LR111",),
    ),
    Case(
        "until 2999",
        {
            "ppo_config.lr": 0.01,
            "$ppodiag": {
                "profile": "note",
                "ignore": {"LR111": {"reason": "as in the paper", "until": "2999-01-01"}},
            },
        },
    ),
)
