"""Compile the JSON Schema into `ppodiag/_generated/accept.py`: a verdict without jsonschema.

Importing jsonschema costs more than linting a file, so a clean file is accepted by this code, and
jsonschema explains the others. Only the keywords that the schema uses are understood; any other is
refused, so the two can never differ in silence. The known keys of the blocks that may hold others go
into `keys.py`, for the search for misspelt ones. Run by `make generate`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "schemas" / "ppo-config.schema.json"
TARGET = ROOT / "ppodiag" / "_generated" / "accept.py"
KEYS_TARGET = ROOT / "ppodiag" / "_generated" / "keys.py"

ANNOTATIONS = {
    "title", "description", "default", "examples", "x-unit", "format", "$schema", "$id", "$defs",
}  # fmt: skip
"""Keywords that decide nothing; `format` is one of them in the 2020-12 vocabulary."""
KNOWN = ANNOTATIONS | {
    "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "properties", "required",
    "additionalProperties", "patternProperties", "items", "anyOf", "$ref", "if", "then", "pattern",
}  # fmt: skip

TYPE_TESTS = {
    "object": "isinstance({v}, dict)",
    "array": "isinstance({v}, list)",
    "string": "isinstance({v}, str)",
    "boolean": "({v} is True or {v} is False)",
    "null": "{v} is None",
    "number": "({v}.__class__ is float or {v}.__class__ is int)",
    "integer": "({v}.__class__ is int or ({v}.__class__ is float and {v}.is_integer()))",
}


class Compiler:
    """Turns schemas into functions that return False at the first fault."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self.functions: list[str] = []
        self.names: dict[str, str] = {}

    def function(self, schema: dict[str, Any]) -> str:
        """The name of a function `f(v) -> bool` for the schema; equal schemas share one."""
        key = json.dumps(strip(schema), sort_keys=True)
        if key not in self.names:
            name = f"_f{len(self.names)}"
            self.names[key] = name
            body = self.body(schema, "v")
            lines = [f"def {name}(v):", *("    " + line for line in body), "    return True"]
            self.functions.append("\n".join(lines))
        return self.names[key]

    def body(self, schema: dict[str, Any], v: str) -> list[str]:
        """The statements that return False where the value named `v` breaks the schema.

        Raises:
            SystemExit: a keyword, or a use of one, that is not understood.
        """
        unknown = set(schema) - KNOWN
        if unknown:
            raise SystemExit(f"the validator generator does not understand {sorted(unknown)}")
        lines: list[str] = []
        types = schema.get("type")
        if types is not None:
            names = [types] if isinstance(types, str) else types
            test = " or ".join(TYPE_TESTS[name].format(v=v) for name in names)
            lines += [f"if not ({test}):", "    return False"]
        if "$ref" in schema:
            target: Any = self.schema
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            lines += [f"if not {self.function(target)}({v}):", "    return False"]
        if "enum" in schema:
            if not all(isinstance(value, str) for value in schema["enum"]):
                raise SystemExit("only enumerations of strings are understood")
            lines += [f"if {v} not in {tuple(schema['enum'])!r}:", "    return False"]
        if "const" in schema:
            if schema["const"] is not True:
                raise SystemExit("the only constant understood is true")
            lines += [f"if {v} is not True:", "    return False"]
        lines += self.numbers(schema, v, types)
        if "pattern" in schema:
            test = pattern_test(schema["pattern"], v)
            lines += [f"if isinstance({v}, str) and not {test}:", "    return False"]
        if "anyOf" in schema:
            tests = " or ".join(f"{self.function(option)}({v})" for option in schema["anyOf"])
            lines += [f"if not ({tests}):", "    return False"]
        lines += self.members(schema, v)
        if "items" in schema:
            item = self.function(schema["items"])
            lines += [
                f"if isinstance({v}, list):",
                f"    for w in {v}:",
                f"        if not {item}(w):",
                "            return False",
            ]
        if "if" in schema:
            condition, consequence = self.function(schema["if"]), self.function(schema["then"])
            lines += [f"if {condition}({v}) and not {consequence}({v}):", "    return False"]
        return lines

    def numbers(self, schema: dict[str, Any], v: str, types: Any) -> list[str]:
        """The statements for the limits of a number."""
        lines = []
        guard = "" if types in ("number", "integer") else f"{v}.__class__ in (int, float) and "
        for keyword, sign in (("minimum", "<"), ("maximum", ">"), ("exclusiveMinimum", "<=")):
            if keyword in schema:
                lines += [f"if {guard}{v} {sign} {schema[keyword]!r}:", "    return False"]
        return lines

    def members(self, schema: dict[str, Any], v: str) -> list[str]:
        """The statements for the members of an object."""
        lines: list[str] = []
        properties = schema.get("properties", {})
        for key in schema.get("required", ()):
            lines += [f"if {key!r} not in {v}:", "    return False"]
        for key, below in properties.items():
            if below is True or not strip(below):
                continue
            name = self.function(below)
            lines += [f"if {key!r} in {v} and not {name}({v}[{key!r}]):", "    return False"]
        extra = schema.get("additionalProperties", True)
        patterns = schema.get("patternProperties", {})
        if any(below is not True for below in patterns.values()):
            raise SystemExit("only patternProperties that allow anything are understood")
        if extra is not True:
            free = "".join(f" and not {pattern_test(p, 'k')}" for p in patterns)
            verdict = "" if extra is False else f" and not {self.function(extra)}({v}[k])"
            lines += [
                f"for k in {v}:",
                f"    if k not in {tuple(properties)!r}{free}{verdict}:",
                "        return False",
            ]
        if not lines:
            return []
        if schema.get("type") == "object":
            return lines
        return [f"if isinstance({v}, dict):", *("    " + line for line in lines)]


PATTERNS = {
    "^[_$]": "{v}[:1] in ('_', '$')",
    "^(?:/|$)": "({v}[:1] in ('/', '') or {v} == '\\n')",
}
"""Pattern to the same test without `re`: importing and compiling would cost more than the verdict.

(`$` also matches before a last line feed, as it does in `re.search`.)
"""


def pattern_test(pattern: str, v: str) -> str:
    """The expression for `re.search(pattern, v)` on a string.

    Raises:
        SystemExit: the pattern is not in the table.
    """
    if pattern not in PATTERNS:
        raise SystemExit(f"the validator generator does not understand the pattern {pattern}")
    return PATTERNS[pattern].format(v=v)


def strip(schema: Any) -> Any:
    """The schema without what only people read, so that equal constraints compare equal."""
    if isinstance(schema, dict):
        named = ("properties", "patternProperties")
        return {
            key: {k: strip(s) for k, s in value.items()} if key in named else strip(value)
            for key, value in schema.items()
            if key not in ANNOTATIONS
        }
    if isinstance(schema, list):
        return [strip(item) for item in schema]
    return schema


def read_schema() -> dict[str, Any]:
    """The schema of the checkout."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


def generate(schema: dict[str, Any]) -> str:
    """The text of `accept.py`."""
    compiler = Compiler(schema)
    top = compiler.function(schema)
    functions = "\n\n\n".join(compiler.functions)
    return (
        '"""Generated from schemas/ppo-config.schema.json by tools/generate_validator.py."""\n\n\n'
        f"{functions}\n\n\n"
        f"def accept(value: object) -> bool:\n"
        f'    """Whether the schema holds for a JSON value."""\n'
        f"    return {top}(value)  # type: ignore[no-any-return, no-untyped-call]\n"
    )


def shape(schema: dict[str, Any]) -> str:
    """What a value of the schema looks like: object, array, value, or any of these."""
    kind = schema.get("type", "any")
    return kind if kind in ("object", "array", "any") else "value"


def open_blocks(schema: dict[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Known keys, each with its shape, of every block that allows unknown ones, by the block's path.

    The items of an array are one block, with `*` as the last part of the path.
    """
    found: dict[tuple[str, ...], Any] = {}
    if "items" in schema:
        found |= open_blocks(schema["items"], (*path, "*"))
    properties = schema.get("properties", {})
    if schema.get("additionalProperties") is not False and properties and path[:1] != ("$ppodiag",):
        found[path] = {key: shape(below) for key, below in properties.items()}
        for key, below in properties.items():
            found |= open_blocks(below, (*path, key))
    return found


def generate_keys(schema: dict[str, Any]) -> str:
    """The text of `keys.py`."""
    blocks = open_blocks(schema)
    if any("*" in path[:-1] for path in blocks):
        raise SystemExit("only blocks that are themselves the items of an array are understood")
    plain = {path: keys for path, keys in blocks.items() if path[-1:] != ("*",)}
    items = {path[:-1]: keys for path, keys in blocks.items() if path[-1:] == ("*",)}
    return (
        '"""Generated from schemas/ppo-config.schema.json by tools/generate_validator.py."""\n\n'
        f"OPEN_BLOCKS: dict[tuple[str, ...], dict[str, str]] = {table(plain)}\n"
        '"""Known keys of the blocks that may hold others, each with its shape, by path."""\n\n'
        f"OPEN_ITEMS: dict[tuple[str, ...], dict[str, str]] = {table(items)}\n"
        '"""The same for blocks that are the items of an array, by the path of the array."""\n'
    )


def table(rows: dict[tuple[str, ...], Any]) -> str:
    """A dictionary literal, one row a line."""
    return "{\n" + "".join(f"    {path!r}: {keys!r},\n" for path, keys in rows.items()) + "}"


def outputs() -> dict[Path, str]:
    """Every generated file, with the text that it should have."""
    schema = read_schema()
    return {TARGET: generate(schema), KEYS_TARGET: generate_keys(schema)}


if __name__ == "__main__":
    for target, text in outputs().items():
        target.write_text(text, encoding="utf-8")
        print(f"wrote {target.relative_to(ROOT)}")
