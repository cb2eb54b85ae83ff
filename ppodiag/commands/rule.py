"""`ppodiag rule`."""

from __future__ import annotations

import json
from typing import Any

import click

from ppodiag.commands.completing import complete_codes
from ppodiag.commands.output import emit
from ppodiag.commands.shared import format_option, output_option
from ppodiag.commands.verb import PRINTED, Example, Verb
from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN


@click.command(
    "rule",
    cls=Verb,
    examples=(
        Example("What a code means, why it matters, what to write instead", "ppodiag rule LR102"),
        Example("All rules, a line each", "ppodiag rule --all"),
        Example("The same for a program", "ppodiag rule --all --format json"),
    ),
    exits=PRINTED,
)
@click.argument("code", required=False, metavar="[CODE]", shell_complete=complete_codes)
@click.option("--all", "all_", is_flag=True, help="List every rule.")
@format_option("text", "json")
@output_option
def command(code: str | None, all_: bool, format_: str, output: str | None) -> int:
    """Print a rule's page, or list all rules."""
    if code is not None and all_:
        raise UsageError("CODE and --all do not go together", "leave one of them out")
    described = _every() if code is None else _one(code)
    if format_ == "json":
        text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    elif isinstance(described, list):
        text = "".join(f"{r['code']:<8} {r['worst']:<8} {r['title']}\n" for r in described)
    else:
        from ppodiag.rules.pages import page_text

        text = page_text(described["code"])
    emit(text, output)
    return CLEAN


def _every() -> list[dict[str, Any]]:
    from ppodiag.rules.loader import all_rule_files
    from ppodiag.rules.pages import describe

    return [describe(name.upper()) for name in all_rule_files()]


def _one(code: str) -> dict[str, Any]:
    from ppodiag.commands.usage import did_you_mean
    from ppodiag.rules.loader import all_rule_files
    from ppodiag.rules.pages import describe

    try:
        return describe(code.upper())
    except KeyError:
        known = [name.upper() for name in all_rule_files()]
        raise UsageError(
            f"there is no rule {code}",
            did_you_mean(code.upper(), known, "ppodiag rule --all lists them"),
        ) from None
