"""`ppodiag rule`."""

from __future__ import annotations

import json

import click

from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN


@click.command("rule")
@click.argument("code", required=False, metavar="[CODE]")
@click.option("--all", "all_", is_flag=True, help="List every rule.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How."
)
def command(code: str | None, all_: bool, format_: str) -> int:
    """Print a rule's page, or list all rules.

    \b
    Examples:
      ppodiag rule LR102
      ppodiag rule --all --format json
    """
    from ppodiag.rules.pages import describe, page_text

    if code is None or all_:
        from ppodiag.rules.loader import all_rule_files

        described = [describe(name.upper()) for name in all_rule_files()]
        if format_ == "json":
            click.echo(json.dumps(described, indent=2, ensure_ascii=False))
        else:
            for rule in described:
                click.echo(f"{rule['code']:<8} {rule['worst']:<8} {rule['title']}")
        return CLEAN
    try:
        description = describe(code.upper())
    except KeyError:
        raise UsageError(f"there is no rule {code}", "ppodiag rule --all lists them") from None
    if format_ == "json":
        click.echo(json.dumps(description, indent=2, ensure_ascii=False))
    else:
        click.echo(page_text(code.upper()), nl=False)
    return CLEAN
