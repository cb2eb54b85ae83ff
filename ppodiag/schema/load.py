"""The schema itself, from the wheel or from a checkout."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_NAME = "ppo-config.schema.json"


def schema_text() -> str:
    """The schema as shipped, JSON text.

    Raises:
        FileNotFoundError: the installation is broken.
    """
    inside = os.path.join(_PACKAGE, "schemas", _NAME)
    beside = os.path.join(os.path.dirname(_PACKAGE), "schemas", _NAME)
    with open(inside if os.path.exists(inside) else beside, encoding="utf-8") as file:
        return file.read()


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The schema as a JSON value; not to be changed."""
    loaded: dict[str, Any] = json.loads(schema_text())
    return loaded


def schema_at(pointer_parts: list[str]) -> dict[str, Any] | None:
    """The part of the schema that describes the value at a path; None where nothing does."""
    node: Any = schema()
    for part in pointer_parts:
        if "$ref" in node:
            node = schema()["$defs"][node["$ref"].rsplit("/", 1)[1]]
        if part in node.get("properties", {}):
            node = node["properties"][part]
        elif "items" in node and part.isdigit():
            node = node["items"]
        else:
            return None
    return node if isinstance(node, dict) else None
