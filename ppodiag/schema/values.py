"""JSON values in messages, and values too deep or too long to be handed on."""

from __future__ import annotations

import json
from typing import Any

MOST_DEPTH = 32
"""Nesting below which nothing is known, so nothing needs to be looked at."""

MOST_BITS = 13_000
"""Size of a whole number that Python still prints (its limit is 4,300 digits)."""


def show(value: object) -> str:
    """A value as JSON in at most 40 characters; containers by their kind."""
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return "of thousands of digits"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:38] + "…" + text[-1:]


def kind_of(value: object) -> str:
    """The JSON kind of a value with its article, for `not the string "8"`."""
    if value is None or isinstance(value, bool):
        return "the boolean" if isinstance(value, bool) else "the value"
    if isinstance(value, str):
        return "the string"
    if isinstance(value, dict):
        return "the object"
    return "the array" if isinstance(value, list) else "the number"


def prune(value: dict[str, Any]) -> dict[str, Any]:
    """The value, or a copy cut below `MOST_DEPTH` and at `MOST_BITS` where need be; no recursion."""
    if not _is_unwieldy(value):
        return value
    top: dict[str, Any] = {}
    stack: list[tuple[Any, Any, int]] = [(value, top, 0)]
    while stack:
        source, target, depth = stack.pop()
        items = source.items() if isinstance(source, dict) else enumerate(source)
        for key, below in items:
            copied: Any = below
            if isinstance(below, dict | list):
                copied = {} if isinstance(below, dict) else []
                if depth < MOST_DEPTH:
                    stack.append((below, copied, depth + 1))
            elif _is_long(below):
                copied = (2 << MOST_BITS) * (1 if below > 0 else -1)
            if isinstance(target, dict):
                target[key] = copied
            else:
                target.append(copied)
    return top


def _is_long(value: object) -> bool:
    return value.__class__ is int and value.bit_length() > MOST_BITS


def _is_unwieldy(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_DEPTH):
        below = []
        for item in level:
            for member in item.values() if isinstance(item, dict) else item:
                if isinstance(member, dict | list):
                    below.append(member)
                elif _is_long(member):
                    return True
        if not below:
            return False
        level = below
    return True
