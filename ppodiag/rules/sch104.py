"""An unknown key in advanced_optimization.

## What it checks
Every key below advanced_optimization must be a known one.

## Why it matters
A misspelt key does nothing, and the default that holds instead is seen by nobody: the commonest
silent failure of such a block.

## Instead
The known key that is meant; a misspelling can be mended safely.

## When not to use
Keys that are free text: `comment`, and those that begin with _ or $.

## Sources
- docs/semantics.md, Keys.
- The JSON Schema that `ppodiag schema` prints.
"""

from ppodiag.case import ABSENT, Case
from ppodiag.rule import ERROR, page_only

check = page_only("SCH104", "unknown-key", ERROR, "schema")

CASES = (
    Case(
        "a misspelling",
        {
            "advanced_optimization.gradient_optimization.acumulation_steps": 2,
            "advanced_optimization.gradient_optimization.accumulation_steps": ABSENT,
        },
        ERROR,
        "/advanced_optimization/gradient_optimization/acumulation_steps",
        text="did you mean accumulation_steps?",
    ),
    Case("free text", {"advanced_optimization._why": "a long story"}),
)
