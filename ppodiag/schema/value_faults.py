"""Faults of a value by the schema, in our words: type, range, choice, and `$ppodiag`."""

from __future__ import annotations

import json
import math
from typing import Any

from ppodiag.finding import Edit, Finding, Fix, Severity
from ppodiag.schema.load import describe, known_keys
from ppodiag.schema.near import is_free_text, nearest
from ppodiag.schema.values import kind_of, show
from ppodiag.source.document import split_pointer

_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a string",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "null": "null",
}
_FORM = (
    'write {"profile": "…", "ignore": {"CODE": {"reason": "…", "until": "YYYY-MM-DD", '
    '"at": "/pointer"}}}; only the reason is needed'
)


def value_fault(pointer: str, error: Any) -> Finding:
    """SCH101, SCH102 or SCH106 for an error of jsonschema at a pointer."""
    if error.validator == "type":
        return _wrong_type(pointer, error)
    if error.validator == "enum":
        return _unknown_choice(pointer, error)
    key, seen, limit = key_of(pointer), show(error.instance), f"{error.validator_value:,}"
    relation = {
        "minimum": f"at least {limit}",
        "maximum": f"at most {limit}",
        "exclusiveMinimum": f"above {limit}",
    }[error.validator]
    return Finding(
        "SCH102",
        Severity.ERROR,
        pointer,
        f"{key} is {seen}; it must be {relation}{_unit(pointer)}",
        f"write a value that is {relation}",
    )


def key_of(pointer: str) -> str:
    """The last part of a pointer that is a key, with an index behind it: `stages[2]`."""
    parts = split_pointer(pointer)
    index = ""
    while len(parts) > 1 and parts[-1].isdigit():
        index = f"[{parts.pop()}]{index}"
    return parts[-1] + index if parts else "the file"


def _unit(pointer: str) -> str:
    unit = describe(pointer).get("x-unit", "1")
    return "" if unit in ("1", key_of(pointer)) else f" ({unit})"


def _wrong_type(pointer: str, error: Any) -> Finding:
    kinds = error.validator_value
    kinds = [kinds] if isinstance(kinds, str) else kinds
    expected = " or ".join(_KINDS[kind] for kind in kinds)
    seen = f"{kind_of(error.instance)} {show(error.instance)}"
    unit = _unit(pointer) if {"integer", "number"} & set(kinds) else ""
    remedy, fix = f"write {expected}", None
    text = _unquoted(error.instance)
    if text is not None and _is_valid(json.loads(text), error.schema):
        remedy = f"write {text} without quotes"
        fix = Fix(remedy, (Edit(pointer, text),), safe=True)
    return Finding(
        "SCH101",
        Severity.ERROR,
        pointer,
        f"{key_of(pointer)} must be {expected}{unit}, not {seen}",
        remedy,
        fix=fix,
    )


def is_plausible(value: object, pointer: str) -> bool:
    """Whether a value could stand at a pointer: a valid scalar, or a container of the right kind."""
    part = describe(pointer)
    if isinstance(value, dict | list):
        return part.get("type") in (None, "object" if isinstance(value, dict) else "array")
    return _is_valid(value, part)


def _is_valid(value: object, part: dict[str, Any]) -> bool:
    from jsonschema import Draft202012Validator

    return bool(Draft202012Validator(part).is_valid(value))


def _unquoted(value: object) -> str | None:
    """The number, true or false that a string holds, as JSON would write it; None for no such."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    text = value.strip()
    if text.lower() in ("true", "false"):
        return text.lower()
    try:
        number = json.loads(text)
    except ValueError:
        return None
    return text if type(number) in (int, float) and math.isfinite(number) else None


def _unknown_choice(pointer: str, error: Any) -> Finding:
    choices = [str(choice) for choice in error.validator_value]
    near = nearest(str(error.instance), choices)
    hint = f"did you mean {near}?" if near else f"choose one of {', '.join(choices)}"
    fix = Fix(f"write {near}", (Edit(pointer, json.dumps(near)),), safe=True) if near else None
    return Finding(
        "SCH106",
        Severity.ERROR,
        pointer,
        f"{key_of(pointer)} is {show(error.instance)}; expected one of {', '.join(choices)}",
        hint,
        fix=fix,
    )


def malformed(pointer: str, error: Any) -> Finding:
    """SCH108 for an error of jsonschema inside `$ppodiag`."""
    name = key_of(pointer)
    where = '"$ppodiag"' if pointer == "/$ppodiag" else f'{name} in "$ppodiag"'
    if error.validator == "additionalProperties":
        known = known_keys(pointer)
        unknown = sorted(k for k in error.instance if k not in known and not is_free_text(k))
        near = nearest(unknown[0], list(known))
        what = f"holds an unknown key: {show(unknown[0])}"
        what += f"; did you mean {near}?" if near else ""
    elif error.validator in ("type", "anyOf"):
        kinds = error.validator_value if error.validator == "type" else "object"
        what = f"must be {_KINDS[kinds]}, not {kind_of(error.instance)} {show(error.instance)}"
    else:
        example = json.dumps(describe(pointer)["examples"][0])
        what = f"is {show(error.instance)}; expected something like {example}"
    return Finding("SCH108", Severity.ERROR, pointer, f"{where} {what}", _FORM)
