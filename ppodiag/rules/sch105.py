"""An unknown key that is nearly a known one.

## What it checks
In the blocks that may hold keys of their own: an unknown key near a known one that is absent. A
warning; an error where the known key is required, and the two are one finding.

## Why it matters
It is most likely a misspelling, and the key that is meant keeps its default.

## Instead
The known key; it can be mended safely.

## When not to use
A key of your own that merely looks alike; then suppress it with its reason.

## Sources
- docs/semantics.md, Keys.
- The JSON Schema that `ppodiag schema` prints.
"""

from ppodiag.case import ABSENT, Case
from ppodiag.rule import ERROR, WARNING, page_only

check = page_only("SCH105", "near-miss", ERROR, "schema")

CASES = (
    Case(
        "gama",
        {"ppo_config.gama": 0.9, "ppo_config.gamma": ABSENT},
        WARNING,
        "/ppo_config/gama",
        text="did you mean gamma?",
    ),
    Case(
        "another trainer's name of a required key",
        {"ppo_config.n_epochs": 4, "ppo_config.epochs": ABSENT},
        ERROR,
        "/ppo_config/n_epochs",
        text="the required epochs is missing; did you mean epochs?",
    ),
    Case("a key of one's own", {"ppo_config.revolutionary_features": {}}),
)
