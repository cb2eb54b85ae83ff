"""The project's settings: `[tool.ppodiag]` in pyproject.toml, or ppodiag.toml; the nearest upwards."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ppodiag.errors import UsageError
from ppodiag.finding import Severity
from ppodiag.profile import Profile, parse_profile

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any


MOST_DOTS = 2000
"""In one line: a key takes the parser memory by the square of its parts, 1.6 GB for 20,000 of them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the settings say; None where they say nothing.

    Attributes:
        path: the file; empty where there is none.
    """

    path: str = ""
    profile: Profile | None = None
    severity: Severity | None = None
    fail_on: Severity | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    baseline: str | None = None


def find_settings(start: str) -> Settings:
    """The settings for a folder: those of the nearest file at or above it.

    In one folder ppodiag.toml counts before pyproject.toml; a pyproject.toml without the table is
    passed over.

    Raises:
        UsageError: the file is unreadable, no TOML, or has an unknown or ill-typed key.
    """
    folder = os.path.abspath(start)
    while True:
        for name in ("ppodiag.toml", "pyproject.toml"):
            path = os.path.join(folder, name)
            try:
                with open(path, "rb") as file:
                    data = file.read()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise UsageError(f"{path}: {error.strerror}", "make it readable") from None
            if name == "ppodiag.toml" or _may_have_table(data):
                table = _table(data, path, whole=name == "ppodiag.toml")
                if table is not None:
                    return _parse(table, path)
        parent = os.path.dirname(folder)
        if parent == folder:
            return Settings()
        folder = parent


def _may_have_table(data: bytes) -> bool:
    """Whether a pyproject.toml can hold `tool.ppodiag`; importing the parser costs 7 ms."""
    if b"ppodiag" not in data:
        return False
    plain = data.translate(None, b" \t\"'")
    return any(piece in plain for piece in (b"tool.ppodiag", b"[tool]", b"tool="))


def _table(data: bytes, path: str, *, whole: bool) -> dict[str, Any] | None:
    import tomllib

    for number, line in enumerate(data.split(b"\n"), 1):
        if line.count(b".") > MOST_DOTS:
            raise UsageError(
                f"{path}: line {number} has more than {MOST_DOTS:,} dots",
                "write it as several lines",
            )
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except RecursionError:
        raise UsageError(f"{path}: it is nested too deeply", "nest less deeply") from None
    except ValueError as error:  # of TOML, of UTF-8, or of a number with too many digits
        raise UsageError(f"{path}: no TOML: {error}", "mend the file") from None
    if whole:
        return document
    tool = document.get("tool")
    table = tool.get("ppodiag") if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise UsageError(f"{path}: tool.ppodiag is no table", "write [tool.ppodiag]")
    return table


def settings_schema() -> dict[str, Any]:
    """The JSON Schema of the settings."""
    codes = {"type": "array", "items": {"type": "string", "pattern": "^[A-Z]{2,5}[0-9]*$"}}
    severity = {"enum": [s.word for s in Severity]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:ppodiag:schema:settings:1",
        "title": "ppodiag settings",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "profile": {"type": "string", "description": "Conventions of the runtime."},
            "severity": {**severity, "description": "Lowest severity that is shown."},
            "fail-on": {**severity, "description": "Lowest severity that fails the run."},
            "select": {**codes, "description": "Codes or prefixes that count; empty: all."},
            "ignore": {**codes, "description": "Codes or prefixes that do not count."},
            "extend-select": {**codes, "description": "Codes or prefixes that count as well."},
            "exclude": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Patterns of paths that are not linted in folders.",
            },
            "baseline": {"type": "string", "description": "Baseline, relative to this file."},
        },
    }


def _parse(table: dict[str, Any], path: str) -> Settings:
    from jsonschema import Draft202012Validator

    schema = settings_schema()
    for error in Draft202012Validator(schema).iter_errors(table):
        where = ".".join(str(part) for part in error.absolute_path) or "[tool.ppodiag]"
        if error.validator == "additionalProperties":
            unknown = sorted(set(table) - set(schema["properties"]))
            raise UsageError(
                f"{path}: unknown key {', '.join(unknown)}",
                f"choose of {', '.join(schema['properties'])}",
            )
        raise UsageError(f"{path}: {where}: {error.message}", "mend the setting")
    folder = os.path.dirname(path)
    severity, fail_on = table.get("severity"), table.get("fail-on")
    try:
        profile = parse_profile(table["profile"]) if "profile" in table else None
    except UsageError as error:
        raise UsageError(f"{path}: profile: {error.message}", error.remedy) from None
    return Settings(
        path=path,
        profile=profile,
        severity=Severity.parse(severity) if severity else None,
        fail_on=Severity.parse(fail_on) if fail_on else None,
        select=tuple(table.get("select", ())),
        ignore=tuple(table.get("ignore", ())),
        extend_select=tuple(table.get("extend-select", ())),
        exclude=tuple(table.get("exclude", ())),
        baseline=os.path.join(folder, table["baseline"]) if "baseline" in table else None,
    )
