"""The schema itself, from the wheel or from a checkout, and what it says about a place."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any

from ppodiag.source.document import split_pointer

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_NAME = "ppo-config.schema.json"
LOG_LINE = "log-line.schema.json"
"""The file of the schema of a line of `--log-format json`."""


def schema_text(name: str = _NAME) -> str:
    """A schema as shipped, JSON text; that of a configuration where no other is named.

    Raises:
        FileNotFoundError: the installation is broken.
    """
    inside = os.path.join(_PACKAGE, "schemas", name)
    beside = os.path.join(os.path.dirname(_PACKAGE), "schemas", name)
    with open(inside if os.path.exists(inside) else beside, encoding="utf-8") as file:
        return file.read()


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The schema as a JSON value; not to be changed."""
    loaded: dict[str, Any] = json.loads(schema_text())
    return loaded


def describe(pointer: str) -> dict[str, Any]:
    """The part of the schema that describes the value at a pointer; empty where nothing does."""
    nodes = [schema()]
    for part in split_pointer(pointer):
        nodes = [below for node in nodes for below in _below(node, part)]
        nodes = [option for node in nodes for option in _options(node)]
    return nodes[0] if nodes else {}


def known_keys(pointer: str) -> tuple[str, ...]:
    """The keys that the schema knows in the object at a pointer, `comment` left out."""
    return tuple(key for key in describe(pointer).get("properties", ()) if key != "comment")


def _below(node: dict[str, Any], part: str) -> list[dict[str, Any]]:
    if part in node.get("properties", ()):
        return [node["properties"][part]]
    found = []
    if isinstance(node.get("additionalProperties"), dict):
        found.append(node["additionalProperties"])
    if "items" in node and part.isdigit():
        found.append(node["items"])
    return found


def _options(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema itself, or those that it refers to or leaves to choose from."""
    if "anyOf" in node:
        return [found for option in node["anyOf"] for found in _options(option)]
    if "$ref" in node:
        return _options(schema()["$defs"][node["$ref"].rsplit("/", 1)[1]])
    return [node]
