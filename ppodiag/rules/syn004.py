"""A number that a double cannot hold.

## What it checks
A number above 1.8e308, or an integer of more than 4,300 digits.

## Why it matters
Parsers turn it into infinity, or fail.

## Instead
A number of a sensible size.

## When not to use
Never suppressed.

## Sources
- IEEE 754, binary64.
- RFC 8259, The JavaScript Object Notation (JSON) Data Interchange Format.
"""

from ppodiag.case import Case
from ppodiag.rule import ERROR, page_only

check = page_only("SYN004", "number-too-large", ERROR, "syntax")

CASES = (
    Case(
        "an exponent of 999",
        source='{"ppo_config": {"lr": 3e999, "epochs": 4, "rollout_len": 128, "minibatch_size": 64}}',
        severity=ERROR,
        text="the number 3e999 is too large",
    ),
    Case(
        "a large number",
        source='{"ppo_config": {"lr": 3e-4, "_n": 1e300, "epochs": 4, "rollout_len": 128, "minibatch_size": 64}}',
    ),
)
