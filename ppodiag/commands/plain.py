"""`ppodiag lint PATH…` without options, and what it shares with the command that has them."""

from __future__ import annotations

import os
import sys

from ppodiag.exits import CLEAN, FINDINGS, USAGE
from ppodiag.files import Target, find_files, without_unreadable_yaml
from ppodiag.finding import Severity
from ppodiag.options import Options
from ppodiag.report import Style, renderer
from ppodiag.report.summary import plural, summary
from ppodiag.result import Report
from ppodiag.rules.loader import fast_rules
from ppodiag.runner import MANY, Request, lint_targets
from ppodiag.settings import Settings

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ppodiag.rule import Rule

HUGE = 8 * 1024 * 1024
"""Bytes from which a file takes seconds, so that a person is told what is going on."""


def lint_plainly(paths: tuple[str, ...]) -> int:
    """Lint with the settings alone and print the text report; the exit code."""
    targets = find_readable(paths)
    tell_of_huge(targets)
    request = Request(Options())
    if len(targets) >= MANY:
        from ppodiag.commands.progress import counter

        with counter("files") as progress:
            report = lint_targets(
                targets, request, fast_rules(), jobs=os.cpu_count() or 1, progress=progress
            )
    else:
        report = lint_targets(targets, request, fast_rules())
    settings = settings_of_folder(request)
    if settings.baseline:
        report = without_known(report, settings.baseline, request, fast_rules())
    if report.diagnostics or report.unreadable:
        from ppodiag.commands.console import wants_colour

        style = Style(settings.severity or Severity.WARNING, colour=wants_colour())
        sys.stdout.write(renderer("text")(report, style))
    else:
        sys.stdout.write("".join(line + "\n" for line in summary(report)))
    return exit_code(report, settings.fail_on or Severity.WARNING)


def find_readable(paths: tuple[str, ...]) -> list[Target]:
    """The files that the arguments mean; a note says where YAML that nobody asked for is passed over.

    Raises:
        UsageError: as `find_files`.
    """
    targets, left_out = without_unreadable_yaml(find_files(paths))
    if left_out:
        from ppodiag.commands.console import warning

        warning(
            f"note: {plural(left_out, 'YAML file')} passed over: reading them needs PyYAML "
            "(pip install 'ppodiag[yaml]')"
        )
    return targets


def tell_of_huge(targets: list[Target]) -> None:
    """Name the files that take seconds, to a person who watches."""
    if not sys.stderr.isatty():
        return
    from ppodiag.commands.console import note

    for target in targets:
        size = os.path.getsize(target.path) if os.path.isfile(target.path) else 0
        if size > HUGE:
            note(f"linting {target.path}, {size >> 20} MB …", path=target.path)


def without_known(
    report: Report, baseline: str, request: Request, rules: Mapping[str, Rule]
) -> Report:
    """The report without what the baseline knows; a note says how many entries are no longer found."""
    from ppodiag.baseline import apply_baseline
    from ppodiag.commands.console import note

    report, unfound = apply_baseline(report, baseline, request, rules)
    if unfound:
        entries, are, them = ("entry", "is", "it") if unfound == 1 else ("entries", "are", "them")
        note(
            f"note: {unfound:,} {entries} of the baseline {are} no longer found; "
            f"--update-baseline drops {them}"
        )
    return report


def settings_of_folder(request: Request) -> Settings:
    """The settings that hold for the whole run: those given, or those nearest to this folder."""
    if request.settings is not None:
        return request.settings
    from ppodiag.settings import find_settings

    return find_settings(os.curdir)


def exit_code(report: Report, fail_on: Severity) -> int:
    """2 where a file could not be read, 1 where something fails, else 0."""
    if report.unreadable:
        return USAGE
    worst = report.worst
    return FINDINGS if worst is not None and worst >= fail_on else CLEAN
