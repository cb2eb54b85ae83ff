"""What is wrong with a configuration by its schema: jsonschema's verdict in our words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ppodiag.finding import Finding, Severity
from ppodiag.schema.key_faults import (
    Missing,
    missing_key,
    near_keys,
    unknown_keys,
    unused_keys,
)
from ppodiag.schema.load import schema
from ppodiag.schema.value_faults import malformed, value_fault
from ppodiag.schema.values import prune
from ppodiag.source.document import escape


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

    def unread(block: str, key: str) -> bool:
        return block in damaged or f"{block}/{escape(key)}" in lost

    missing: Missing = {}
    faults: dict[str, Finding] = {}
    found: list[Finding] = []
    unknown: list[tuple[str, dict[str, Any]]] = []
    for error in Draft202012Validator(schema()).iter_errors(prune(value)):
        for leaf in _leaves(error):
            pointer = _pointer(leaf.absolute_path)
            if pointer.startswith("/$ppodiag/") or pointer == "/$ppodiag":
                faults.setdefault(pointer, malformed(pointer, leaf))
            elif leaf.validator == "required":
                gone = missing.setdefault(pointer, [])
                for key in leaf.validator_value:
                    if key not in leaf.instance and key not in gone:
                        gone.append(key)
            elif leaf.validator == "additionalProperties":
                unknown.append((pointer, leaf.instance))
            elif pointer not in faults or leaf.validator == "type":
                faults[pointer] = value_fault(pointer, leaf)
    for pointer, block in unknown:
        found += unknown_keys(pointer, block, missing, unread)
    found += near_keys(value, missing, unread)
    for pointer, keys in missing.items():
        found += [missing_key(pointer, key) for key in keys if not unread(pointer, key)]
    return [*faults.values(), *found, *unused_keys(value)]


def _pointer(path: Iterable[str | int]) -> str:
    return "".join("/" + escape(str(part)) for part in path)


def _leaves(error: Any) -> Iterator[Any]:
    """The errors behind an `anyOf`: those of the option that has the value's type, if one has."""
    if error.validator != "anyOf":
        yield error
        return
    options: dict[int, list[Any]] = {}
    for inner in error.context:
        options.setdefault(inner.schema_path[0], []).append(inner)
    for inners in options.values():
        if not any(inner.validator == "type" and not inner.path for inner in inners):
            for inner in inners:
                yield from _leaves(inner)
            return
    yield error


def malformed_profile(message: str, remedy: str) -> Finding:
    """SCH108 for a profile that does not exist."""
    return Finding("SCH108", Severity.ERROR, "/$ppodiag/profile", message, remedy)
