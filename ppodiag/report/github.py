"""Workflow commands: annotations on the lines of a pull request on GitHub."""

from __future__ import annotations

from ppodiag.report import Style
from ppodiag.report.places import other_files, portable, sentences
from ppodiag.report.wrap import printable
from ppodiag.result import Report

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report, style: Style) -> str:
    """A `::error file=…` line for each finding."""
    lines = [
        f"::error file={_property(portable(f.path))}::{_data(f.fault)}"
        for f in report.files
        if f.error
    ]
    for d in report.diagnostics:
        lines.append(
            f"::{_LEVELS[d.severity.word]} file={_property(portable(d.path))},line={d.span.start_line},"
            f"endLine={d.span.end_line},col={d.span.start_column},endColumn={d.span.end_column},"
            f"title={_property(d.code)}::{_data(f'{sentences(d)}{other_files(d)}')}"
        )
    return "".join(line + "\n" for line in lines)


def _data(text: str) -> str:
    """Text in which nothing begins another command, nor drives a terminal."""
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
