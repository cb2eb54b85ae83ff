"""NaN or Infinity.

## What it checks
The words NaN, Infinity and -Infinity, which Python's parser accepts and JSON does not have.

## Why it matters
Other parsers refuse the file, and no setting of a trainer is meant to be infinite.

## Instead
A finite number, or null where none is meant.

## When not to use
Never suppressed.

## Sources
- RFC 8259, The JavaScript Object Notation (JSON) Data Interchange Format.
"""

from ppodiag.case import Case
from ppodiag.rule import ERROR, page_only

check = page_only("SYN003", "not-a-finite-number", ERROR, "syntax")

CASES = (
    Case(
        "an infinite threshold",
        source='{"ppo_config": {"lr": Infinity, "epochs": 4, "rollout_len": 128, "minibatch_size": 64}}',
        severity=ERROR,
        text="Infinity is not JSON",
    ),
    Case(
        "finite",
        source='{"ppo_config": {"lr": 3e-4, "epochs": 4, "rollout_len": 128, "minibatch_size": 64}}',
    ),
)
