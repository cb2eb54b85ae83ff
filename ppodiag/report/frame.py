"""Code frames: the lines that a finding speaks of, its own and those of its arithmetic."""

from __future__ import annotations

from ppodiag.diagnostic import Diagnostic
from ppodiag.report.wrap import WIDTH, paint, printable
from ppodiag.source.document import Document
from ppodiag.source.spans import Span

_MOST_RELATED = 6


def code_frame(diagnostic: Diagnostic, document: Document, colour: bool) -> list[str]:
    """The lines of the frame: the finding's place marked `^`, the inputs of its arithmetic `-`."""
    marks: dict[int, list[tuple[Span, str, str]]] = {}
    own = diagnostic.span
    marks.setdefault(own.start_line, []).append((own, "^", ""))
    seen = {own.start}
    own_file = [p for p in diagnostic.related if not p.path]
    shown = [p for p in own_file if not p.pointer or document.has(p.pointer)]
    for place in shown[:_MOST_RELATED]:
        if place.span.start not in seen:
            seen.add(place.span.start)
            marks.setdefault(place.span.start_line, []).append((place.span, "-", place.note))
    gutter = len(str(max(marks)))
    bar = " " * gutter + " |"
    lines = [bar]
    previous = 0
    for number in sorted(marks):
        if previous and number > previous + 1:
            lines.append("." * gutter + " |")
        previous = number
        lines += _marked_line(document, number, marks[number], gutter, diagnostic, colour)
    return lines


def _marked_line(
    document: Document,
    number: int,
    marks: list[tuple[Span, str, str]],
    gutter: int,
    diagnostic: Diagnostic,
    colour: bool,
) -> list[str]:
    raw = document.lines.line(number)
    room = WIDTH - gutter - 3
    first = min(span.start_column for span, _, _ in marks)
    shift = max(0, first - room // 2) if len(raw) > room else 0
    text = printable(raw[shift : shift + room].expandtabs(1))[:room]  # a line may be a whole file
    pointer = [" "] * (len(text) + 1)
    notes = []
    for span, mark, note in marks:
        start = span.start_column - 1 - shift
        end = (span.end_column if span.end_line == span.start_line else len(raw) + 1) - 1 - shift
        for column in range(max(0, start), max(start + 1, min(end, len(pointer)))):
            if column < len(pointer) and pointer[column] != "^":
                pointer[column] = mark
        if note:
            notes.append(note)
    under = "".join(pointer).rstrip()
    style = diagnostic.severity.word if "^" in under else "dim"
    under = f"{' ' * gutter} | {paint(under, style, colour)}"
    if notes:
        under += " " + "; ".join(notes)
    return [f"{number:>{gutter}} | {text}", under]
