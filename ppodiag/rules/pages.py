"""A rule's page: what it checks, why, what to do, with examples from its cases."""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any

from ppodiag.case import ABSENT, Case
from ppodiag.rules.loader import all_rule_files, load_module

WIDTH = 100


def describe(code: str) -> dict[str, Any]:
    """The rule as a JSON value: code, name, title, severity, sections of its page.

    Raises:
        KeyError: there is no such rule.
    """
    module, title, sections = _page(code)
    return {
        "code": code,
        "name": module.check.name,
        "title": title,
        "worst": module.check.worst.word,
        "stage": module.check.stage,
        "over_batch_range": module.check.ranged,
        **{name.lower().replace(" ", "_"): text for name, text in sections.items()},
    }


def page_text(code: str) -> str:
    """The page as plain text, at most 100 columns wide.

    Raises:
        KeyError: there is no such rule.
    """
    module, title, sections = _page(code)
    lines = [f"{code} {module.check.name} (at most {module.check.worst.word})", "", title]
    for name, text in sections.items():
        lines += ["", name.upper(), *_in_columns(text)]
        if name == "Why it matters":
            lines += ["", "EXAMPLES", *_examples(module.CASES)]
    return "\n".join(lines) + "\n"


def _in_columns(text: str) -> list[str]:
    """The lines of a section, its paragraphs and list items filled to 100 columns; code stays as it is."""
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        if lines:
            lines.append("")
        if re.match(r"    |```|\|", paragraph):
            lines += paragraph.splitlines()
            continue
        for item in re.split(r"\n(?=- )", paragraph):
            below = "  " if item.startswith("- ") else ""
            lines += textwrap.wrap(
                item, WIDTH, subsequent_indent=below, break_long_words=False, break_on_hyphens=False
            )
    return lines


def _page(code: str) -> tuple[Any, str, dict[str, str]]:
    """Module, title and sections of a rule; KeyError: there is no such rule."""
    if code.lower() not in all_rule_files():
        raise KeyError(code)
    module = load_module(code.lower())
    title, *parts = (module.__doc__ or "").strip().split("\n## ")
    sections = {}
    for part in parts:
        name, _, text = part.partition("\n")
        sections[name.strip()] = text.strip()
    return module, title.strip(), sections


def _examples(cases: tuple[Any, ...]) -> list[str]:
    """The examples' titles; a configuration's keys below, which the example of a run's log has not."""
    lines = []
    for case in cases:
        verdict = case.severity.word if case.severity else "nothing"
        lines += textwrap.wrap(f"{verdict}: {case.title}", WIDTH, subsequent_indent="    ")
        if isinstance(case, Case):
            lines += [f"    {_cut(line)}" for line in example_lines(case)]
    return lines


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH - 4 else f"{line[: WIDTH - 5]}…"


def example_lines(case: Case) -> list[str]:
    """What an example changes, one key a line, and the profile where it is not the default."""
    if case.source:
        lines = case.source.encode("utf-8", "backslashreplace").decode().splitlines()
        if case.runtime:
            lines += ["", "train.py:", *case.runtime.splitlines()]
        return lines
    lines = []
    for key, value in (case.changes or {}).items():
        text = "(absent)" if value is ABSENT else json.dumps(value, ensure_ascii=False)
        lines.append(f"{key}: {text}" if len(text) < 70 else f"{key}: {text[:67]}…")
    if case.profile != "note":
        lines.append(f"profile: {case.profile}")
    if case.norms:
        lines.append(f"simulated with --norms {case.norms}")
    if case.memory:
        lines.append(f"on the command line: --memory {case.memory}")
    if case.device:
        lines.append(f"on the command line: --device {case.device}")
    return lines
