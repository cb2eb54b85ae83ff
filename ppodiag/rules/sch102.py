"""A value out of its range.

## What it checks
The limits that the schema gives for the key. Where a rule of its own speaks about a key's range,
the schema does not.

## Why it matters
The value has no meaning: a discount above 1, an empty minibatch.

## Instead
The message names the limit.

## When not to use
No exception is known.

## Sources
- docs/semantics.md, Keys.
- The JSON Schema that `ppodiag schema` prints.
"""

from ppodiag.case import Case
from ppodiag.rule import ERROR, page_only

check = page_only("SCH102", "out-of-range", ERROR, "schema")

CASES = (
    Case(
        "a discount above 1",
        {"ppo_config.gamma": 1.5},
        ERROR,
        "/ppo_config/gamma",
        text="gamma is 1.5; it must be at most 1",
    ),
    Case("exactly 1", {"ppo_config.gamma": 1}),
)
