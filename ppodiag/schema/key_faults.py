"""Faults of a key by the schema, in our words: unknown, misspelt, missing, without effect."""

from __future__ import annotations

import json
from typing import Any

from ppodiag.diagnostic import Edit, Finding, Fix, Severity
from ppodiag.schema.load import describe, known_keys
from ppodiag.schema.near import (
    AMBIGUOUS,
    SYNONYMS,
    USED_BY_TYPE,
    matches,
    near_misses,
    unused_schedule_keys,
)
from ppodiag.schema.value_faults import key_of
from ppodiag.schema.values import show
from ppodiag.source.document import escape

_LRS = "/advanced_optimization/learning_rate_schedule"

Missing = dict[str, list[str]]
"""Pointer of a block to the required keys that it lacks. A rename takes its key out."""


def unknown_keys(
    block: str, keys: list[str], present: dict[str, Any], missing: Missing, lost: frozenset[str]
) -> list[Finding]:
    """SCH104 for the unknown keys of a block that may hold none."""
    absent = [
        key
        for key in known_keys(block)
        if key not in present and f"{block}/{escape(key)}" not in lost
    ]
    meant = matches(keys, absent)
    found = []
    for key in keys:
        why = f"{show(key)} is no key of {key_of(block)}"
        if key in meant:
            found.append(_renamed("SCH104", Severity.ERROR, block, key, meant[key], why, missing))
            continue
        found.append(
            Finding(
                "SCH104",
                Severity.ERROR,
                f"{block}/{escape(key)}",
                f"{why}; it has no effect",
                f"remove it, or choose one of {', '.join(known_keys(block))}",
                target="key",
            )
        )
    return found


def near_keys(
    value: dict[str, Any], missing: Missing, damaged: frozenset[str], lost: frozenset[str]
) -> list[Finding]:
    """SCH105 for the keys of the open blocks that are near a known, absent one."""
    found = []
    for path, key, right in near_misses(value):
        block = "".join("/" + escape(part) for part in path)
        if block in damaged or f"{block}/{escape(right)}" in lost:
            continue  # the known key may well stand in the part that could not be read
        where = key_of(block) if path else "a configuration"
        why = f"{show(key)} is no known key of {where}"
        required = right in missing.get(block, ())
        severity = Severity.ERROR if required else Severity.WARNING
        found.append(_renamed("SCH105", severity, block, key, right, why, missing))
    return found


def _renamed(
    code: str, severity: Severity, block: str, wrong: str, right: str, why: str, missing: Missing
) -> Finding:
    gone = missing.get(block, [])
    if right in gone:
        missing[block] = [key for key in gone if key != right]
        why += f", and the required {right} is missing"
    pointer = f"{block}/{escape(wrong)}"
    foreign = SYNONYMS.get(wrong) == right and wrong in AMBIGUOUS
    return Finding(
        code,
        severity,
        pointer,
        f"{why}; did you mean {right}?",
        f"write {right} in the place of {wrong}"
        + (f", if {_title(f'{block}/{escape(right)}')} is meant" if foreign else ""),
        fix=Fix(f"rename to {right}", (Edit(pointer, json.dumps(right), "key"),), safe=not foreign),
        target="key",
        values={"meant": f"{block}/{escape(right)}"},
    )


def _title(pointer: str) -> str:
    return "the " + str(describe(pointer).get("title", "key")).lower()


def missing_key(block: str, key: str) -> Finding:
    """SCH103 for one required key."""
    described = describe(f"{block}/{escape(key)}")
    where = f" in {key_of(block)}" if block else ""
    example = json.dumps(described["examples"][0], ensure_ascii=False)
    return Finding(
        "SCH103",
        Severity.ERROR,
        f"{block}/{escape(key)}",
        f"the required key {key} is missing{where} ({str(described['title']).lower()})",
        f'add "{key}": {example}, with the value that you mean'
        if len(example) < 60
        else f'add the block "{key}"',
        target="key",
    )


def unused_keys(value: dict[str, Any]) -> list[Finding]:
    """SCH107 for the keys of the learning-rate schedule that its type never uses."""
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
