"""The report that a person reads."""

from __future__ import annotations

from ppodiag.diagnostic import Diagnostic
from ppodiag.report import Style
from ppodiag.report.frame import code_frame
from ppodiag.report.statistics import statistics
from ppodiag.report.summary import summary
from ppodiag.report.wrap import paint, printable, wrap
from ppodiag.result import FileReport, Report
from ppodiag.source.document import Document


def render(report: Report, style: Style) -> str:
    """Each finding with its code frame, its arithmetic and its remedy; a summary at the end."""
    colour = style.colour
    lines: list[str] = []
    for file in report.files:
        if file.error:
            lines += wrap(f"{printable(file.path)}: {file.error}", "error: ", "  ")
            if file.remedy:
                lines += wrap(file.remedy, "  = help: ", "          ")
            lines.append("")
        if style.statistics:
            continue
        for diagnostic in file.diagnostics:
            lines += [*_finding(diagnostic, file.document, colour), ""]
        if file.diagnostics and file.below:
            lines += [*_below(file), ""]
    if style.statistics:
        lines += statistics(report)
    lines += summary(report)
    return "\n".join(lines) + "\n"


def _finding(d: Diagnostic, document: Document | None, colour: bool) -> list[str]:
    place = f"{printable(d.path)}:{d.span.start_line}:{d.span.start_column}"
    label = f"{d.severity.word}[{d.code}]"
    lines = wrap(f"{place}: {label} {printable(d.message)}", "", "    ")
    if colour:
        lines[0] = lines[0].replace(label, paint(label, d.severity.word, True), 1)
        lines[0] = lines[0].replace(place, paint(place, "bold", True), 1)
    if document is not None and document.text:
        lines += code_frame(d, document, colour)
    for related in d.related:
        if related.path:
            where = f"{related.path}:{related.span.start_line}:{related.span.start_column}"
            lines += wrap(printable(f"{where}: {related.note}"), "  = note: ", "          ")
        elif related.note and document is not None and not document.has(related.pointer):
            lines += wrap(printable(related.note), "  = note: ", "          ")
    if d.remedy:
        lines += wrap(printable(d.remedy), "  = help: ", "          ")
    if d.fix is not None:
        option = "--fix" if d.fix.safe else "--unsafe-fixes"
        lines += wrap(f"{d.fix.title} ({option})", "  = fix: ", "         ")
    if d.elsewhere:
        said = ", ".join(f"{verdict} under {name}" for name, verdict in d.elsewhere.items())
        lines += wrap(f"{d.profile}; {said}", "  = profile: ", "             ")
    return lines


def _below(file: FileReport) -> list[str]:
    """What the shown severity leaves out: one line each, so that nothing is hidden."""
    lines = ["Below the shown severity (--severity info shows these in full):"]
    for d in file.below:
        place = f"{d.span.start_line}:{d.span.start_column}"
        title = d.rule_name.replace("-", " ")
        lines += wrap(f"{place} {d.severity.word}[{d.code}] {title}", "  ", "      ")
    return lines
