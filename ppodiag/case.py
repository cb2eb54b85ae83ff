"""Examples of a rule, which are its tests too; not loaded when a file is linted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ppodiag.finding import Severity


@dataclass(frozen=True, slots=True)
class Case:
    """An example of a rule, and a test of it.

    Attributes:
        title: what the example shows.
        changes: dotted key to value, over the healthy configuration of `ppodiag.healthy`; a value
            of `ABSENT` removes the key. Values are plain JSON.
        severity: what this rule says of it; None: nothing (a good case).
        pointer: where it says so; needed for a bad case.
        text: a piece that the message must contain; the arithmetic, by hand.
        source: the whole file's text instead of changes, for the rules about the text itself.
        runtime: the text of a source file, train.py, that reads the configuration.
        profile: the profile that the example is read under.
        declared: whether the profile counts as declared.
        norms: gradient norms of the simulated run, for the rules that judge one.
        memory: the memory given on the command line, for example `16GB`; empty: none.
        device: the device given on the command line, `cpu` or `cuda`; empty: none.
        others: codes of other rules that the same change entails, at any severity.
    """

    title: str
    changes: Mapping[str, Any] | None = None
    severity: Severity | None = None
    pointer: str = ""
    text: str = ""
    source: str = ""
    runtime: str = ""
    profile: str = "note"
    declared: bool = True
    norms: str = ""
    memory: str = ""
    device: str = ""
    others: tuple[str, ...] = ()


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
"""Marks a key that a case takes away."""
