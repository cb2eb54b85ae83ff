"""Compile the JSON Schema into `ppodiag/_generated/accept.py`: a verdict without jsonschema.

Importing jsonschema costs more than linting a file, so a clean file is accepted by this code, and
jsonschema explains the others. Only the keywords that the schema uses are understood; any other is
refused, so the two can never differ in silence. Run by `make generate`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "schemas" / "ppo-config.schema.json"
TARGET = ROOT / "ppodiag" / "_generated" / "accept.py"
KEYS_TARGET = ROOT / "ppodiag" / "_generated" / "keys.py"

ANNOTATIONS = {"title", "description", "default", "examples", "x-unit", "$schema", "$id", "$defs"}
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
        self.patterns: dict[str, str] = {}
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

    def pattern(self, pattern: str) -> str:
        if pattern not in self.patterns:
            self.patterns[pattern] = f"_p{len(self.patterns)}"
        return self.patterns[pattern]

    def body(self, schema: dict[str, Any], v: str) -> list[str]:
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
            name = self.pattern(schema["pattern"])
            lines += [f"if isinstance({v}, str) and not {name}({v}):", "    return False"]
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
        lines = []
        guard = "" if types in ("number", "integer") else f"{v}.__class__ in (int, float) and "
        for keyword, sign in (("minimum", "<"), ("maximum", ">"), ("exclusiveMinimum", "<=")):
            if keyword in schema:
                lines += [f"if {guard}{v} {sign} {schema[keyword]!r}:", "    return False"]
        return lines

    def members(self, schema: dict[str, Any], v: str) -> list[str]:
        lines: list[str] = []
        properties = schema.get("properties", {})
        for key in schema.get("required", ()):
            lines += [f"if {key!r} not in {v}:", "    return False"]
        for key, below in properties.items():
            name = self.function(below)
            lines += [f"if {key!r} in {v} and not {name}({v}[{key!r}]):", "    return False"]
        extra = schema.get("additionalProperties", True)
        patterns = schema.get("patternProperties", {})
        if any(below is not True for below in patterns.values()):
            raise SystemExit("only patternProperties that allow anything are understood")
        if extra is not True:
            free = "".join(f" and not {self.pattern(p)}(k)" for p in patterns)
            verdict = "True" if extra is False else f"not {self.function(extra)}({v}[k])"
            lines += [
                f"for k in {v}:",
                f"    if k not in {set_of(properties)}{free} and {verdict}:",
                "        return False",
            ]
        if not lines:
            return []
        if schema.get("type") == "object":
            return lines
        return [f"if isinstance({v}, dict):", *("    " + line for line in lines)]


def set_of(keys: dict[str, Any]) -> str:
    """A literal that membership is tested in."""
    return repr(tuple(keys)) if keys else "()"


def strip(schema: Any) -> Any:
    """The schema without what only people read, so that equal constraints compare equal."""
    if isinstance(schema, dict):
        named = {"properties", "patternProperties"}
        return {
            key: {k: strip(s) for k, s in value.items()} if key in named else strip(value)
            for key, value in schema.items()
            if key not in ANNOTATIONS
        }
    if isinstance(schema, list):
        return [strip(item) for item in schema]
    return schema


def generate() -> str:
    """The text of `accept.py`."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    compiler = Compiler(schema)
    top = compiler.function(schema)
    patterns = "\n".join(
        f"{name} = re.compile({pattern!r}).search" for pattern, name in compiler.patterns.items()
    )
    functions = "\n\n\n".join(compiler.functions)
    return (
        '"""Generated from schemas/ppo-config.schema.json by tools/generate_validator.py."""\n\n'
        f"import re\n\n{patterns}\n\n\n{functions}\n\n\n"
        f"def accept(value: object) -> bool:\n"
        f'    """Whether the schema holds for a JSON value."""\n'
        f"    return {top}(value)  # type: ignore[no-any-return, no-untyped-call]\n"
    )


def open_blocks(schema: dict[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Known keys of every block that allows unknown ones, by the block's path."""
    found: dict[tuple[str, ...], Any] = {}
    properties = schema.get("properties", {})
    if schema.get("additionalProperties") is not False and properties:
        found[path] = tuple(properties)
        for key, below in properties.items():
            found |= open_blocks(below, (*path, key))
    return found


def generate_keys() -> str:
    """The text of `keys.py`."""
    blocks = open_blocks(json.loads(SCHEMA.read_text(encoding="utf-8")))
    rows = "".join(f"    {path!r}: {keys!r},\n" for path, keys in blocks.items())
    return (
        '"""Generated from schemas/ppo-config.schema.json by tools/generate_validator.py."""\n\n'
        "OPEN_BLOCKS: dict[tuple[str, ...], tuple[str, ...]] = {\n"
        f"{rows}}}\n"
        '"""Known keys of the blocks that may hold others, by path."""\n'
    )


if __name__ == "__main__":
    for target, text in ((TARGET, generate()), (KEYS_TARGET, generate_keys())):
        target.write_text(text, encoding="utf-8")
        print(f"wrote {target.relative_to(ROOT)}")
