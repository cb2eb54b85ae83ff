"""Whether what lies in a result's file is a result, as it may not be where somebody has changed it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from ppodiag.ablate.run_summary import RunSummary

Check = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return type(value) is int and abs(value) < 2**63


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or _is_whole(value)


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def _has(value: Any, checks: Mapping[str, Check]) -> bool:
    return isinstance(value, dict) and all(
        name in value and check(value[name]) for name, check in checks.items()
    )


_RUN: dict[str, Check] = {
    "env_steps": _list_of(_is_number),
    "returns": _list_of(_is_number),
    "digest": _is_text,
    "rows": _is_whole,
    "speeds": _list_of(_is_number),
    "peak_bytes": _or_none(_is_number),
    "totals": lambda found: isinstance(found, dict) and all(map(_is_number, found.values())),
    "notes": _list_of(_is_text),
    "episodes": _list_of(_is_number),
    "seed": _is_whole,
}


def _is_run(value: Any) -> bool:
    return (
        _has(value, _RUN)
        and set(value) <= {"seed", *(field.name for field in fields(RunSummary))}
        and len(value["env_steps"]) == len(value["returns"])
        and len(value["episodes"]) in (0, len(value["returns"]))
    )


_FAILURE: dict[str, Check] = {"attempt": _is_whole, "failure": _is_text, "tail": _is_text}
_MEASURED: dict[str, Check] = {
    "seconds": _is_number,
    "peak_process_bytes": _or_none(_is_number),
    "machine": _or_none(_is_text),
    "platform": _or_none(_is_text),
    "cores": _or_none(_is_whole),
}
_RESULT: dict[str, Check] = {
    "unit": _is_text,
    "kind": lambda value: value in ("learning", "timing", "probe"),
    "round": _is_whole,
    "arm": _is_text,
    "seeds": lambda value: bool(value) and _list_of(_is_whole)(value),
    "digest": _is_text,
    "status": lambda value: value in ("complete", "failed"),
    "failures": _list_of(lambda value: _has(value, _FAILURE)),
    "runs": _list_of(_is_run),
    "measured": lambda value: (
        _has(value, _MEASURED) and _or_none(_is_number)(value.get("load"))  # later than the others
    ),
}


def is_result(value: Any) -> bool:
    """Whether a JSON value has the form that `ppodiag.ablate.unit.run_unit` gives a result."""
    if not _has(value, _RESULT):
        return False
    if value["status"] == "failed":
        return bool(value["failures"])
    return bool([run["seed"] for run in value["runs"]] == value["seeds"])
