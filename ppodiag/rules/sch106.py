"""An unknown choice.

## What it checks
Keys that take one of a few words, such as the type of the learning-rate schedule.

## Why it matters
A runtime falls back on another choice, or fails.

## Instead
One of the words that the message lists.

## When not to use
No exception is known.

## Sources
- docs/semantics.md, Keys.
- The JSON Schema that `ppodiag schema` prints.
"""

from ppodiag.case import Case
from ppodiag.rule import ERROR, page_only

check = page_only("SCH106", "unknown-choice", ERROR, "schema")

CASES = (
    Case(
        "a misspelt type",
        {"advanced_optimization.learning_rate_schedule.type": "cosine_annealing_with_warmups"},
        ERROR,
        "/advanced_optimization/learning_rate_schedule/type",
        text="expected one of cosine_annealing_with_warmup, linear, constant",
    ),
    Case("a known type", {"advanced_optimization.learning_rate_schedule": {"type": "linear"}}),
)
