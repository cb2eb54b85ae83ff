"""One line of the checklist, answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run says to one symptom of the checklist.

    Attributes:
        symptom: the line of the checklist.
        verdict: `cause: …`, `not this` or `cannot tell`.
        evidence: the numbers, or what is missing.
        codes: rules that found the cause.
    """

    symptom: str
    verdict: str
    evidence: str
    codes: tuple[str, ...] = ()
