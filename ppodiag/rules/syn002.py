"""A key stands twice in one object.

## What it checks
Two members of an object with the same key; the place of the first is shown beside the second.

## Why it matters
Most parsers keep the last one without a word, so the first, which the reader sees, does nothing.

## Instead
Keep one of them.

## When not to use
Never suppressed.

## Sources
- RFC 8259, The JavaScript Object Notation (JSON) Data Interchange Format.
"""

from ppodiag.case import Case
from ppodiag.rule import ERROR, page_only

check = page_only("SYN002", "duplicate-key", ERROR, "syntax")

CASES = (
    Case(
        "lr twice",
        source='{"ppo_config": {"lr": 3e-4, "lr": 2e-4, "epochs": 4, "rollout_len": 128, "minibatch_size": 64}}',
        severity=ERROR,
        text='the key "lr" stands here again (first on line 1)',
    ),
    Case(
        "the same key in two objects",
        source='{"ppo_config": {"lr": 3e-4, "epochs": 4, "rollout_len": 128, "minibatch_size": 64}, "training": {"lr": 1}}',
    ),
)
