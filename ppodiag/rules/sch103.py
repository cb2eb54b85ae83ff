"""A required key is missing.

## What it checks
ppo_config with lr, rollout_len, minibatch_size and epochs; the type of a learning-rate schedule;
bounds and rate of an enabled adaptive batch size. Not claimed where a damaged part of the file may
have held it.

## Why it matters
A runtime takes a default that nobody sees, or fails.

## Instead
Add the key.

## When not to use
No exception is known.

## Sources
- docs/semantics.md, Keys.
- The JSON Schema that `ppodiag schema` prints.
"""

from ppodiag.case import ABSENT, Case
from ppodiag.rule import ERROR, page_only

check = page_only("SCH103", "missing-key", ERROR, "schema")

CASES = (
    Case(
        "no epochs",
        {"ppo_config.epochs": ABSENT},
        ERROR,
        "/ppo_config/epochs",
        text="the required key epochs is missing in ppo_config",
    ),
    Case("all there", {}),
)
