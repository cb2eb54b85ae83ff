"""Invalid syntax.

## What it checks
The text against the grammar of JSON (JSONC and YAML 1.2 by the file's name): commas, colons,
brackets, quotes, escapes, numbers, comments. All faults of a file are found in one run, and what
can still be read is judged by the other rules.

## Why it matters
No parser reads the file, or a lenient one reads something else than the author sees.

## Instead
The message names what was expected and where.

## When not to use
Never suppressed.

## Sources
- RFC 8259, The JavaScript Object Notation (JSON) Data Interchange Format.
"""

from ppodiag.case import Case
from ppodiag.rule import ERROR, page_only

check = page_only("SYN001", "invalid-syntax", ERROR, "syntax")

CASES = (
    Case(
        "a missing comma",
        source='{"ppo_config": {"lr": 3e-4 "epochs": 4, "rollout_len": 128, "minibatch_size": 64}}',
        severity=ERROR,
        text="a comma is missing here",
    ),
    Case(
        "a comma too many at the end",
        source='{"ppo_config": {"lr": 3e-4, "epochs": 4, "rollout_len": 128, "minibatch_size": 64,}}',
        severity=ERROR,
        text="a comma before the closing }",
    ),
    Case(
        "valid",
        source='{"ppo_config": {"lr": 3e-4, "epochs": 4, "rollout_len": 128, "minibatch_size": 64}}',
    ),
)
