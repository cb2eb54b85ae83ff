"""`ppodiag diff`."""

from __future__ import annotations

from typing import Any

import click

from ppodiag.commands.completing import complete_files
from ppodiag.commands.output import emit
from ppodiag.commands.overrides import parse_overrides
from ppodiag.commands.shared import (
    exit_zero_option,
    fail_on_option,
    format_option,
    output_option,
    override_options,
    profile_option,
    severity_option,
)
from ppodiag.commands.thresholds import failing, lowest_shown
from ppodiag.commands.verb import FOUND, Example, Exit, Verb
from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN, FINDINGS
from ppodiag.options import Options
from ppodiag.profile import parse_profile


@click.command(
    "diff",
    cls=Verb,
    examples=(
        Example("Two files", "ppodiag diff old.json new.json"),
        Example("A comment for a pull request",
                "git show main:ppo.json | ppodiag diff - ppo.json --format markdown"),
        Example("Fail where the change adds an error",
                "ppodiag diff old.json new.json --fail-on error"),
    ),
    exits=(
        Exit(0, "the change adds no finding at or above --fail-on, or --exit-zero"),
        Exit(1, "it adds one, or makes one worse"),
        *FOUND[2:],
    ),
)  # fmt: skip
@click.argument("before", metavar="BEFORE", shell_complete=complete_files)
@click.argument("after", metavar="AFTER", shell_complete=complete_files)
@format_option("text", "markdown", "json", more="Markdown is for a pull-request comment.")
@output_option
@profile_option
@override_options
@severity_option
@fail_on_option
@exit_zero_option
def command(before: str, after: str, **given: Any) -> int:
    """Say what a change of a configuration does: figures and findings, before and after.

    --set and --total-env-steps count for both files.
    """
    from ppodiag.diff import compare
    from ppodiag.report.change import render
    from ppodiag.runner import Request, read_target, settings_for

    if before == after == "-":
        raise UsageError("standard input is named twice", "name it once, or write a file")
    options = Options(
        profile=parse_profile(given["profile"]) if given["profile"] else None,
        overrides=tuple(parse_overrides(given["settings"], given["total_env_steps"])),
    )
    request = Request(options, severity=lowest_shown(given["severity"], after))
    options = request.options_for(settings_for(after), True)
    change = compare(read_target(before), read_target(after), before, after, options)
    emit(render(change, before, after, given["format_"]), given["output"])
    if given["exit_zero"]:
        return CLEAN
    threshold = failing(given["fail_on"], after)
    worse = [new for old, new in change.altered if new.severity > old.severity]
    return FINDINGS if any(d.severity >= threshold for d in [*change.added, *worse]) else CLEAN
