"""A malformed `$ppodiag` object.

## What it checks
The reserved object in which the author talks to ppodiag: the profile, and suppressions.

## Why it matters
A suppression that is not understood suppresses nothing, and a profile that does not exist cannot
be used.

## Instead
The form that the message shows.

## When not to use
No exception is known.

## Sources
- docs/semantics.md, Keys.
- The JSON Schema that `ppodiag schema` prints.
"""

from ppodiag.case import Case
from ppodiag.rule import ERROR, page_only

check = page_only("SCH108", "malformed-ppodiag-object", ERROR, "schema")

CASES = (
    Case(
        "an unknown profile",
        {"$ppodiag": {"profile": "sb4"}},
        ERROR,
        "/$ppodiag/profile",
        text="no profile is called 'sb4'",
    ),
    Case(
        "an unknown key",
        {"$ppodiag": {"profil": "note"}},
        ERROR,
        "/$ppodiag",
        text="holds an unknown key",
    ),
    Case("a known profile", {"$ppodiag": {"profile": "note"}}),
)
