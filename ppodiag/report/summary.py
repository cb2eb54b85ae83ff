"""The last line of the text report; all of it where there is nothing to show."""

from __future__ import annotations

from ppodiag.finding import Severity

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from ppodiag.result import Report


def plural(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def summary(report: Report) -> list[str]:
    """One line, or none where there is nothing to say."""
    counts = dict.fromkeys(reversed(Severity), 0)
    for diagnostic in report.diagnostics:
        counts[diagnostic.severity] += 1
    linted = [file for file in report.files if file.related and not file.error]
    passed_over = len([file for file in report.files if not file.related])
    parts = []
    total = sum(counts.values())
    files = plural(len(linted), "file")
    if total:
        named = [plural(n, s.word) for s, n in counts.items() if n and s is not Severity.INFO]
        if counts[Severity.INFO]:
            named.append(f"{counts[Severity.INFO]} information")
        parts.append(f"{plural(total, 'finding')} ({', '.join(named)}) in {files}")
    elif linted:
        parts.append(f"{files} clean")
    elif not report.files:
        parts.append("no files to lint")
    if passed_over:
        parts.append(f"{plural(passed_over, 'file')} passed over: no PPO configuration")
    if report.unreadable:
        parts.append(f"{plural(len(report.unreadable), 'file')} not readable")
    for word, number in (
        ("suppressed in the file", sum(file.suppressed for file in report.files)),
        ("known to the baseline", sum(file.baselined for file in report.files)),
    ):
        if number:
            parts.append(f"{number} {word}")
    return ["; ".join(parts)] if parts else []
