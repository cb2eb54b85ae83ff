"""`ppodiag lint PATH…` without options, and what it shares with the command that has them."""

from __future__ import annotations

import os
import sys

from ppodiag.exits import CLEAN, FINDINGS, USAGE
from ppodiag.files import find_files
from ppodiag.finding import Severity
from ppodiag.options import Options
from ppodiag.report import Style, renderer
from ppodiag.report.summary import summary
from ppodiag.result import Report
from ppodiag.rules.loader import fast_rules
from ppodiag.runner import MANY, Request, lint_targets
from ppodiag.settings import Settings


def lint_plainly(paths: tuple[str, ...]) -> int:
    """Lint with the settings alone and print the text report; the exit code."""
    targets = find_files(paths)
    request = Request(Options())
    jobs = (os.cpu_count() or 1) if len(targets) >= MANY else 1
    report = lint_targets(targets, request, fast_rules(), jobs=jobs)
    settings = settings_of_folder(request)
    if settings.baseline:
        from ppodiag.baseline import apply_baseline

        report = apply_baseline(report, settings.baseline)
    if report.diagnostics or report.unreadable:
        style = Style(settings.severity or Severity.WARNING, colour=wants_colour())
        sys.stdout.write(renderer("text")(report, style))
    else:
        sys.stdout.write("".join(line + "\n" for line in summary(report)))
    return exit_code(report, settings.fail_on or Severity.WARNING)


def settings_of_folder(request: Request) -> Settings:
    """The settings that hold for the whole run: those given, or those nearest to this folder."""
    if request.settings is not None:
        return request.settings
    from ppodiag.settings import find_settings

    return find_settings(os.curdir)


def wants_colour() -> bool:
    """Whether the standard output is a terminal that wants colour."""
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def exit_code(report: Report, fail_on: Severity) -> int:
    """2 where a file could not be read, 1 where something fails, else 0."""
    if report.unreadable:
        return USAGE
    worst = report.worst
    return FINDINGS if worst is not None and worst >= fail_on else CLEAN
