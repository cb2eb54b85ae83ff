"""What is wrong with a configuration by its schema: jsonschema's verdict in our words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ppodiag.diagnostic import Edit, Finding, Fix, Severity
from ppodiag.schema.load import schema, schema_at
from ppodiag.schema.near import (
    USED_BY_TYPE,
    is_free_text,
    near_misses,
    nearest,
    unused_schedule_keys,
)
from ppodiag.schema.values import kind_of, prune, show
from ppodiag.source.document import escape, split_pointer

_LRS = "/advanced_optimization/learning_rate_schedule"
_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a string",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "null": "null",
}


def explain(
    value: dict[str, Any], damaged: frozenset[str] = frozenset(), lost: frozenset[str] = frozenset()
) -> list[Finding]:
    """Every finding that the schema makes, one for each faulty value or key.

    Args:
        value: the configuration.
        damaged: pointers of blocks of which members may be missing; no key is missed there.
        lost: pointers of members that could not be read.
    """
    from jsonschema import Draft202012Validator

    pruned = prune(value)
    missing: dict[str, list[str]] = {}
    unknown: dict[str, list[str]] = {}
    findings: dict[str, Finding] = {}
    for error in Draft202012Validator(schema()).iter_errors(pruned):
        pointer = _pointer(error.absolute_path)
        if pointer == "/$ppodiag" or pointer.startswith("/$ppodiag/"):
            findings.setdefault(pointer, _malformed(pointer, error))
        elif error.validator == "required":
            gone = [k for k in error.validator_value if k not in error.instance]
            missing.setdefault(pointer, []).extend(
                k for k in gone if pointer not in damaged and f"{pointer}/{escape(k)}" not in lost
            )
        elif error.validator == "additionalProperties":
            known = error.schema["properties"]
            unknown[pointer] = [k for k in error.instance if k not in known and not is_free_text(k)]
        else:
            findings.setdefault(pointer, _faulty_value(pointer, error))
    found = list(findings.values())
    for pointer, keys in unknown.items():
        found += _unknown_keys(pointer, keys, value, missing.get(pointer, []))
    found += _near_keys(value, missing)
    for pointer, keys in missing.items():
        found += [_missing(pointer, key) for key in dict.fromkeys(keys)]
    return found + unused_keys(value)


def unused_keys(value: dict[str, Any]) -> list[Finding]:
    """SCH107: keys of the schedule that its type never uses."""
    found = []
    for key in unused_schedule_keys(value):
        kind = value["advanced_optimization"]["learning_rate_schedule"]["type"]
        used = [name for name in USED_BY_TYPE[kind] if name != "type"]
        found.append(
            Finding(
                "SCH107",
                Severity.WARNING,
                f"{_LRS}/{key}",
                f"{key} has no effect: a schedule of type {kind} uses {' and '.join(used)} only",
                f"remove {key}, or choose the type that uses it",
                target="key",
            )
        )
    return found


def _pointer(path: Iterable[str | int]) -> str:
    return "".join("/" + escape(str(part)) for part in path)


def _key(pointer: str) -> str:
    parts = split_pointer(pointer)
    return parts[-1] if parts else "the file"


def _unit(pointer: str) -> str:
    described = schema_at(split_pointer(pointer)) or {}
    unit = described.get("x-unit", "1")
    return "" if unit == "1" else f" ({unit})"


def _faulty_value(pointer: str, error: Any) -> Finding:
    key, seen = _key(pointer), show(error.instance)
    if error.validator == "type":
        kinds = error.validator_value
        kinds = [kinds] if isinstance(kinds, str) else kinds
        expected = " or ".join(_KINDS[kind] for kind in kinds)
        message = f"{key} must be {expected}{_unit(pointer)}, not {kind_of(error.instance)} {seen}"
        remedy, fix = f"write {expected}", None
        number = _number_in(error.instance)
        if number is not None and {"number", "integer"} & set(kinds):
            remedy = f"write {number} without quotes"
            fix = Fix(remedy, (Edit(pointer, number),), safe=True)
        elif isinstance(error.instance, str) and "boolean" in kinds:
            word = error.instance.strip().lower()
            if word in ("true", "false"):
                remedy = f"write {word} without quotes"
                fix = Fix(remedy, (Edit(pointer, word),), safe=True)
        return Finding("SCH101", Severity.ERROR, pointer, message, remedy, fix=fix)
    if error.validator == "enum":
        choices = [str(choice) for choice in error.validator_value]
        near = nearest(str(error.instance), choices)
        hint = f"did you mean {near}?" if near else f"choose one of {', '.join(choices)}"
        fix = Fix(f"write {near}", (Edit(pointer, json.dumps(near)),), safe=True) if near else None
        return Finding(
            "SCH106",
            Severity.ERROR,
            pointer,
            f"{key} is {seen}; expected one of {', '.join(choices)}",
            hint,
            fix=fix,
        )
    limit = error.validator_value
    relation = {
        "minimum": f"at least {limit}",
        "maximum": f"at most {limit}",
        "exclusiveMinimum": f"above {limit}",
    }.get(str(error.validator), f"{error.validator} {limit}")
    return Finding(
        "SCH102",
        Severity.ERROR,
        pointer,
        f"{key} is {seen}; it must be {relation}{_unit(pointer)}",
        f"write a value that is {relation}",
    )


def _number_in(value: object) -> str | None:
    """The number that a string holds, as JSON would write it."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        number = json.loads(value)
    except ValueError:
        return None
    return value.strip() if type(number) in (int, float) else None


def _malformed(pointer: str, error: Any) -> Finding:
    wrong = error.validator == "additionalProperties"
    what = "holds an unknown key" if wrong else f"is {show(error.instance)}"
    if error.validator == "pattern":
        what += ", which has not the right form"
    return Finding(
        "SCH108",
        Severity.ERROR,
        pointer,
        f'{_key(pointer)} in "$ppodiag" {what}',
        'write {"profile": "…", "ignore": {"CODE": {"reason": "…", "until": "YYYY-MM-DD", '
        '"at": "/pointer"}}}; only the reason is needed',
    )


def _rename(code: str, severity: Severity, block: str, wrong: str, right: str, why: str) -> Finding:
    pointer = f"{block}/{escape(wrong)}"
    return Finding(
        code,
        severity,
        pointer,
        f"{why}; did you mean {right}?",
        f"write {right} in the place of {wrong}",
        fix=Fix(f"rename to {right}", (Edit(pointer, json.dumps(right), "key"),), safe=True),
        target="key",
        values={"meant": f"{block}/{escape(right)}"},
    )


def _unknown_keys(
    block: str, keys: list[str], value: dict[str, Any], missing: list[str]
) -> list[Finding]:
    found = []
    described = schema_at(split_pointer(block)) or {}
    present: Any = value
    for part in split_pointer(block):
        present = present[part] if isinstance(present, dict) else {}
    absent = [key for key in described.get("properties", {}) if key not in present]
    for key in keys:
        right = nearest(key, absent)
        why = f"{show(key)} is no key of {_key(block)}"
        if right is None:
            known = ", ".join(described.get("properties", {}))
            found.append(
                Finding(
                    "SCH104",
                    Severity.ERROR,
                    f"{block}/{escape(key)}",
                    f"{why}; it has no effect",
                    f"remove it, or choose one of {known}",
                    target="key",
                )
            )
            continue
        if right in missing:
            missing[:] = [k for k in missing if k != right]
            why += f", and the required {right} is missing"
        found.append(_rename("SCH104", Severity.ERROR, block, key, right, why))
    return found


def _near_keys(value: dict[str, Any], missing: dict[str, list[str]]) -> list[Finding]:
    found = []
    for path, key, right in near_misses(value):
        block = "".join("/" + escape(part) for part in path)
        where = path[-1] if path else "a configuration"
        why, severity = f"{show(key)} is no known key of {where}", Severity.WARNING
        if right in missing.get(block, ()):
            missing[block] = [k for k in missing[block] if k != right]
            why, severity = f"{why}, and the required {right} is missing", Severity.ERROR
        found.append(_rename("SCH105", severity, block, key, right, why))
    return found


def _missing(block: str, key: str) -> Finding:
    described = schema_at([*split_pointer(block), key]) or {}
    examples = described.get("examples") or [None]
    where = f" in {_key(block)}" if block else ""
    title = str(described.get("title", key)).lower()
    example = json.dumps(examples[0], ensure_ascii=False)
    return Finding(
        "SCH103",
        Severity.ERROR,
        f"{block}/{escape(key)}",
        f"the required key {key} is missing{where} ({title})",
        f'add "{key}": {example}, with the value that you mean'
        if len(example) < 60
        else f'add the block "{key}"',
        target="key",
    )


def malformed_profile(message: str, remedy: str) -> Finding:
    """SCH108 for a profile that does not exist."""
    return Finding("SCH108", Severity.ERROR, "/$ppodiag/profile", message, remedy)
