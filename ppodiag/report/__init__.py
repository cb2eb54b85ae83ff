"""Writing a report: for people (text, concise) and for machines (the others)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ppodiag.finding import Severity

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from ppodiag.result import Report

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")


@dataclass(frozen=True, slots=True)
class Style:
    """How a report is written.

    Attributes:
        severity: the shown severity, for the line that says what is not shown.
        colour: whether ANSI colours are used; never in a pipe.
        statistics: count the findings by rule instead of listing them.
    """

    severity: Severity = Severity.WARNING
    colour: bool = False
    statistics: bool = False


def renderer(format: str) -> Callable[[Report, Style], str]:
    """The function that writes a report in one of `FORMATS`; each is imported when it is asked for."""
    if format == "text":
        from ppodiag.report.text import render
    elif format == "concise":
        from ppodiag.report.concise import render
    elif format == "json":
        from ppodiag.report.json import render
    elif format == "sarif":
        from ppodiag.report.sarif import render
    elif format == "github":
        from ppodiag.report.github import render
    elif format == "gitlab":
        from ppodiag.report.gitlab import render
    else:
        from ppodiag.report.junit import render
    return render
