"""A value of the wrong type.

## What it checks
The type that the schema gives for the key: a string where a number belongs, true for a whole
number, 2.5 for a count.

## Why it matters
Some runtimes fail, some convert, some compare a string with a number.

## Instead
The message names the type; a number in quotes can be mended safely.

## When not to use
Keys that are free text: `comment`, and those that begin with _ or $.

## Sources
- docs/semantics.md, Keys.
- The JSON Schema that `ppodiag schema` prints.
"""

from ppodiag.case import Case
from ppodiag.rule import ERROR, page_only

check = page_only("SCH101", "wrong-type", ERROR, "schema")

CASES = (
    Case(
        "a number in quotes",
        {"ppo_config.lr": "3e-4"},
        ERROR,
        "/ppo_config/lr",
        text='lr must be a number, not the string "3e-4"',
    ),
    Case(
        "true for a count",
        {"ppo_config.epochs": True},
        ERROR,
        "/ppo_config/epochs",
        text="not the boolean true",
    ),
    Case("1000.0 is a whole number", {"ppo_config.epochs": 10.0}),
)
