"""The reference of JSON files as Markdown: a table of keys for each schema, and the columns that logs are read into."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ppodiag.runlog.tags import COLUMNS, TRAINERS
from ppodiag.settings import settings_schema

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = "ppo-config.schema.json"
HUGE = 10**15
"""A limit beyond it keeps numbers representable and says nothing to a reader."""
CONFIGURATION_HEAD = """# Keys of a configuration

Made from `schemas/ppo-config.schema.json`, which `ppodiag schema` prints (`tools/build_docs.py`). A key that begins with `_`
or `$`, or is called `comment`, is free text. Blocks that are not on this page may hold anything.

"""
HEAD = "| key | type | default | unit | meaning |\n|---|---|---|---|---|\n"
Node = dict[str, Any]


def configuration_page() -> str:
    """Every key of a configuration, block by block."""
    schema = json.loads((ROOT / "schemas" / CONFIGURATION).read_text(encoding="utf-8"))
    parts = [CONFIGURATION_HEAD]
    for name, block in schema["properties"].items():
        parts.append(_section(name, block, schema))
    return "".join(parts).rstrip() + "\n"


def formats_page() -> str:
    """The settings, and every other schema that is shipped."""
    parts = ["# Other files\n\nMade from their schemas (`tools/build_docs.py`).\n\n"]
    others = sorted((ROOT / "schemas").glob("*.schema.json"))
    found = [("ppodiag schema --settings", settings_schema())]
    found += [
        (f"schemas/{path.name}", json.loads(path.read_text(encoding="utf-8")))
        for path in others
        if path.name != CONFIGURATION
    ]
    for origin, schema in found:
        about = f"{_text(schema.get('description', ''))} The schema: `{origin}`.".strip()
        parts.append(f"## {schema['title']}\n\n{about}\n\n")
        parts.append(HEAD + "".join(_rows(schema, "", schema)) + "\n")
    return "".join(parts).rstrip() + "\n"


def columns_page() -> str:
    """The canonical columns of logs, and under which tags which trainer writes each."""
    parts = [
        "# Columns of logs\n\nWhatever a trainer calls a figure, the rules about runs know it by one name. Made from "
        "`ppodiag/runlog/tags.py`\n(`tools/build_docs.py`); [the logs of a run](../run-logs.md) says how a log is read.\n\n"
        "| column | unit |\n|---|---|\n"
    ]
    parts += [f"| [`{name}`](#{name}) | {unit} |\n" for name, unit in COLUMNS.items()]
    for name in COLUMNS:
        parts.append(f"\n## `{name}`\n\n| trainer | tag | averaging |\n|---|---|---|\n")
        for trainer in TRAINERS:
            for column, tag, averaging, factor in trainer.tags:
                if column == name:
                    times = f"; times {factor:g}" if factor != 1 else ""
                    parts.append(f"| {trainer.name} | `{tag}` | {averaging}{times} |\n")
    return "".join(parts)


def _section(name: str, block: Node, schema: Node) -> str:
    required = " It must be there." if name in schema.get("required", ()) else ""
    text = f"## `{name}`\n\n{_text(block.get('description', ''))}{required}\n\n"
    rows = "".join(_rows(block, "", schema))
    return text + (f"{HEAD}{rows}\n" if rows else "")


def _rows(node: Node, prefix: str, root: Node) -> Iterator[str]:
    """A row for each key below an object, and for those of the objects in it."""
    for key, value in node.get("properties", {}).items():
        if key == "comment":
            continue
        value = _resolved(value, root)
        path = f"{prefix}{key}"
        needed = ", required" if key in node.get("required", ()) else ""
        default = (
            f"`{json.dumps(value['default'], ensure_ascii=False)}`" if "default" in value else ""
        )
        unit = value.get("x-unit", "")
        meaning = _text(str(value.get("description", value.get("title", ""))))
        cells = (
            f"`{path}`",
            _type(value, root) + needed,
            default,
            "" if unit == "1" else unit,
            meaning,
        )
        yield "| " + " | ".join(cell.strip() for cell in cells) + " |\n"
        yield from _rows(value, f"{path}.", root)
        if isinstance(value.get("items"), dict):
            yield from _rows(_resolved(value["items"], root), f"{path}[].", root)
        other = value.get("additionalProperties")
        if isinstance(other, dict):
            for option in other.get("anyOf", [other]):
                yield from _rows(_resolved(option, root), f"{path}.NAME.", root)


def _resolved(node: Node, root: Node) -> Node:
    while "$ref" in node:
        for part in node["$ref"].removeprefix("#/").split("/"):
            root = root[part]
        node = root
    return node


def _type(node: Node, root: Node) -> str:
    """The type in words, with its choices and limits."""
    if "enum" in node:
        return ", ".join(f"`{json.dumps(value)}`" for value in node["enum"])
    if "const" in node:
        return f"`{json.dumps(node['const'])}`"
    if "anyOf" in node:
        return " or ".join(_type(_resolved(option, root), root) for option in node["anyOf"])
    kind = node.get("type", "any")
    words = " or ".join(kind) if isinstance(kind, list) else kind
    if words == "array" and isinstance(node.get("items"), dict):
        words = f"array of {_type(_resolved(node['items'], root), root)}"
    limits = [
        f"{sign} {node[name]:g}"
        for name, sign in (
            ("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"),
        )
        if name in node and abs(node[name]) < HUGE
    ]  # fmt: skip
    return ", ".join([words, *limits]).replace("<", "&lt;")


def _text(text: str) -> str:
    """A description as one line of Markdown."""
    text = text.removesuffix(" No default.")
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
