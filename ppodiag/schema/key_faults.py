"""Faults of a key by the schema, in our words: unknown, misspelt, missing, without effect."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ppodiag.finding import Edit, Finding, Fix, Severity
from ppodiag.schema.load import describe, known_keys
from ppodiag.schema.near import (
    AMBIGUOUS,
    SYNONYMS,
    USED_BY_TYPE,
    is_free_text,
    matches,
    near_misses,
    unused_schedule_keys,
)
from ppodiag.schema.value_faults import is_plausible, key_of
from ppodiag.schema.values import show
from ppodiag.source.document import escape

_LRS = "/advanced_optimization/learning_rate_schedule"

Missing = dict[str, list[str]]
"""Pointer of a block to the required keys that it lacks. A rename takes its key out."""

Unread = Callable[[str, str], bool]
"""Whether a key of a block may stand in a part of the file that could not be read."""


def unknown_keys(
    block: str, present: dict[str, Any], missing: Missing, unread: Unread
) -> list[Finding]:
    """SCH104 for the unknown keys of a block that may hold none."""
    known = known_keys(block)
    keys = [k for k in present if k not in known and not is_free_text(k)]
    absent = [k for k in known if k not in present and not unread(block, k)]
    meant = matches(keys, absent)
    found = []
    for key in keys:
        why = f"{show(key)} is no key of {key_of(block)}"
        if key in meant:
            names = (key, meant[key])
            found.append(_renamed("SCH104", Severity.ERROR, block, names, present, why, missing))
            continue
        found.append(
            Finding(
                "SCH104",
                Severity.ERROR,
                f"{block}/{escape(key)}",
                f"{why}; it has no effect",
                f"remove it, or choose one of {', '.join(known)}",
                target="key",
            )
        )
    return found


def near_keys(value: dict[str, Any], missing: Missing, unread: Unread) -> list[Finding]:
    """SCH105 for the keys of the open blocks that are near a known, absent one."""
    found = []
    for path, key, right in near_misses(value):
        block = "".join("/" + escape(part) for part in path)
        if unread(block, right):
            continue
        where = key_of(block) if path else "a configuration"
        why = f"{show(key)} is no known key of {where}"
        required = right in missing.get(block, ())
        severity = Severity.ERROR if required else Severity.WARNING
        present: Any = value
        for part in path:
            present = present[int(part) if isinstance(present, list) else part]
        found.append(_renamed("SCH105", severity, block, (key, right), present, why, missing))
    return found


def _renamed(
    code: str,
    severity: Severity,
    block: str,
    names: tuple[str, str],
    present: dict[str, Any],
    why: str,
    missing: Missing,
) -> Finding:
    wrong, right = names
    gone = missing.get(block, [])
    if right in gone:
        missing[block] = [key for key in gone if key != right]
        why += f", and the required {right} is missing"
    pointer, meant = f"{block}/{escape(wrong)}", f"{block}/{escape(right)}"
    edit = Edit(pointer, json.dumps(right), "key")
    foreign = SYNONYMS.get(wrong) == right and wrong in AMBIGUOUS
    return Finding(
        code,
        severity,
        pointer,
        f"{why}; did you mean {right}?",
        f"write {right} in the place of {wrong}"
        + (f", if the {_title(meant)} is meant" if foreign else ""),
        fix=Fix(f"rename to {right}", (edit,), safe=not foreign)
        if is_plausible(present[wrong], meant)
        else None,
        target="key",
        values={"meant": meant},
    )


def _title(pointer: str) -> str:
    title = str(describe(pointer).get("title", "key"))
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def missing_key(block: str, key: str) -> Finding:
    """SCH103 for one required key."""
    described = describe(f"{block}/{escape(key)}")
    where = f" in {key_of(block)}" if block else ""
    example = json.dumps(described["examples"][0], ensure_ascii=False)
    return Finding(
        "SCH103",
        Severity.ERROR,
        f"{block}/{escape(key)}",
        f"the required key {key} is missing{where} ({_title(f'{block}/{escape(key)}')})",
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
