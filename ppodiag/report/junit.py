"""JUnit XML: one suite a file, one failing case a finding; a clean file is one passing case."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from ppodiag.report import Style
from ppodiag.report.places import other_files, sentences
from ppodiag.report.wrap import printable
from ppodiag.result import FileReport, Report


def render(report: Report, style: Style) -> str:
    """The XML document; what XML cannot hold is shown as the text report shows it."""
    files = [file for file in report.files if file.related]
    tests = sum(max(1, len(file.diagnostics)) for file in files)
    failures = sum(len(file.diagnostics) for file in files)
    errors = sum(1 for file in files if file.error)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="ppodiag" tests="{tests}" failures="{failures}" errors="{errors}">',
    ]
    for file in files:
        lines += _suite(file)
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _suite(file: FileReport) -> list[str]:
    number = len(file.diagnostics)
    name = quoteattr(printable(file.path))
    lines = [
        f'  <testsuite name={name} tests="{max(1, number)}" failures="{number}" '
        f'errors="{1 if file.error else 0}">'
    ]
    if file.error:
        lines.append(f'    <testcase name="read" classname={name}>')
        lines.append(f"      <error message={quoteattr(printable(file.fault))}/>")
        lines.append("    </testcase>")
    elif not number:
        lines.append(f'    <testcase name="clean" classname={name}/>')
    for d in file.diagnostics:
        place = f"{d.span.start_line}:{d.span.start_column}"
        lines += [
            f"    <testcase name={quoteattr(f'{d.code} at {place}')} classname={name}>",
            f"      <failure type={quoteattr(d.severity.word)} message={quoteattr(printable(d.message))}>"
            f"{escape(printable(f'{d.path}:{place}: {sentences(d)}{other_files(d)}'))}</failure>",
            "    </testcase>",
        ]
    lines.append("  </testsuite>")
    return lines
