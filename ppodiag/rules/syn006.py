"""The file is not UTF-8.

## What it checks
A byte order mark of UTF-16 or UTF-32, or bytes that are no UTF-8. A UTF-8 byte order mark is
accepted.

## Why it matters
JSON is exchanged as UTF-8; a parser fails, or reads other characters.

## Instead
Save the file as UTF-8.

## When not to use
Never suppressed.

## Sources
- RFC 8259, The JavaScript Object Notation (JSON) Data Interchange Format.
"""

from ppodiag.case import Case
from ppodiag.rule import ERROR, page_only

check = page_only("SYN006", "not-utf-8", ERROR, "syntax")

CASES = (
    Case(
        "Latin-1",
        source='{"_": "caf\udce9", "ppo_config": {"lr": 3e-4, "epochs": 4, "rollout_len": 128, "minibatch_size": 64}}',
        severity=ERROR,
        text="byte 0xe9 at byte offset 10",
    ),
    Case(
        "UTF-8",
        source='{"ppo_config": {"_": "café", "lr": 3e-4, "epochs": 4, "rollout_len": 128, "minibatch_size": 64}}',
    ),
)
