"""The file holds no object.

## What it checks
The top level is an array, a string, a number, true, false or null.

## Why it matters
A configuration is an object with named blocks.

## Instead
An object: { … }.

## When not to use
Never suppressed.

## Sources
- RFC 8259, The JavaScript Object Notation (JSON) Data Interchange Format.
"""

from ppodiag.case import Case
from ppodiag.rule import ERROR, page_only

check = page_only("SYN005", "not-an-object", ERROR, "syntax")

CASES = (
    Case(
        "an array", source="[1, 2]", severity=ERROR, text="the file holds an array, not an object"
    ),
    Case(
        "an object",
        source='{"ppo_config": {"lr": 3e-4, "epochs": 4, "rollout_len": 128, "minibatch_size": 64}}',
    ),
)
