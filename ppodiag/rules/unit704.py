"""The length of the run is not known.

## What it checks
`training.ppo_requests` is absent and the command line gives no length. The finding names the rules
that did not apply.

## Why it matters
Whether a warm-up is long, or a cycle is completed, depends on the length of the run.

## Instead
Give it in the file, or with --total-env-steps.

## When not to use
Where the length is decided elsewhere; then give it on the command line.

## Sources
- The definitions: T.
"""

from ppodiag.case import ABSENT, Case
from ppodiag.rule import INFO, page_only

check = page_only("UNIT704", "no-run-length", INFO, "run_length")

CASES = (
    Case(
        "no length",
        {"training.ppo_requests": ABSENT},
        INFO,
        "/training/ppo_requests",
        text="the length of the run is not known, so",
    ),
    Case("a length", {}),
)
