"""`ppodiag diff`."""

from __future__ import annotations

from typing import Any

import click

from ppodiag.exits import CLEAN, FINDINGS
from ppodiag.finding import Severity
from ppodiag.options import Options
from ppodiag.profile import parse_profile


@click.command("diff")
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="How the change is written; markdown for a pull-request comment.",
)
@click.option("--profile", metavar="NAME", help="Conventions of the runtime, e.g. sb3.")
@click.option(
    "--severity",
    type=click.Choice([severity.word for severity in Severity]),
    default="warning",
    help="Lowest severity compared.",
)
@click.option(
    "--fail-on",
    type=click.Choice([severity.word for severity in Severity]),
    default="warning",
    help="Lowest severity of an added finding that fails.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
def command(before: str, after: str, **given: Any) -> int:
    """Say what a change of a configuration does: figures and findings, before and after.

    Exit code 1 where the change adds a finding.

    \b
    Examples:
      ppodiag diff old.json new.json
      git show main:ppo.json | ppodiag diff - ppo.json --format markdown
    """
    from ppodiag.diff import compare
    from ppodiag.report.change import render
    from ppodiag.runner import read_target

    options = Options(
        severity=Severity.parse(given["severity"]),
        profile=parse_profile(given["profile"]) if given["profile"] else None,
    )
    change = compare(read_target(before), read_target(after), before, after, options)
    click.echo(render(change, before, after, given["format_"]), nl=False)
    if given["exit_zero"]:
        return CLEAN
    threshold = Severity.parse(given["fail_on"])
    worse = [new for old, new in change.altered if new.severity > old.severity]
    return FINDINGS if any(d.severity >= threshold for d in [*change.added, *worse]) else CLEAN
