"""The diagnosis of runs as a person reads it, in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from ppodiag.diagnosis.comparison import basis, compare
from ppodiag.diagnosis.context import RunContext, span_text
from ppodiag.diagnosis.engine import Diagnosis
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.verdicts import verdicts
from ppodiag.finding import Severity
from ppodiag.report.wrap import paint, printable, wrap
from ppodiag.wording import count

MARKS = {Severity.ERROR: "E", Severity.WARNING: "W", Severity.INFO: "i"}


def render_diagnoses(diagnoses: Sequence[Diagnosis], severity: Severity, colour: bool) -> str:
    """A table of runs × symptoms where there are several, then each run."""
    lines = [*symptom_table(diagnoses), ""] if len(diagnoses) > 1 else []
    for diagnosis in diagnoses:
        lines += [*_run(diagnosis, severity, colour), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def symptom_table(diagnoses: Sequence[Diagnosis]) -> list[str]:
    """One row a run, one column a symptom: E error, W warning, i information, · not this."""
    codes = sorted({f.code for d in diagnoses for f in d.findings})
    width = min(max(len(d.run.path) for d in diagnoses), 40)
    lines = []
    for start in range(0, len(codes), 8):
        part = codes[start : start + 8]
        lines.append(" " * (width + 2) + "".join(f"{code:>7}" for code in part))
        for d in diagnoses:
            cells = "".join(f"{_mark(d, code):>7}" for code in part)
            path = d.run.path if len(d.run.path) <= width else "…" + d.run.path[1 - width :]
            lines.append(f"{printable(path):<{width}}  {cells}")
        lines.append("")
    if not codes:
        lines = [f"{count(len(diagnoses))} runs without a finding", ""]
    lines.append("E error, W warning, i information, · not this, ? could not be checked")
    return lines


def _mark(diagnosis: Diagnosis, code: str) -> str:
    worst = max((f.severity for f in diagnosis.findings if f.code == code), default=None)
    if worst is not None:
        return MARKS[worst]
    return "?" if code in diagnosis.unchecked else "·"


def _run(diagnosis: Diagnosis, severity: Severity, colour: bool) -> list[str]:
    lines = [paint(printable(diagnosis.run.path), "bold", colour), *_about(diagnosis), ""]
    shown = [f for f in diagnosis.findings if f.severity >= severity]
    for finding in shown:
        lines += [*finding_lines(finding, diagnosis, colour), ""]
    hidden = [f for f in diagnosis.findings if f.severity < severity]
    if hidden:
        lines.append("Below the shown severity (--severity info shows these in full):")
        lines += [f"  {f.severity.word}[{f.code}] {_name(diagnosis, f.code)}" for f in hidden]
        lines.append("")
    lines += ["The checklist", *_checklist(diagnosis, colour)]
    lines += _comparison(diagnosis)
    lines += _unchecked(diagnosis)
    for note in diagnosis.run.notes:
        place = f"{printable(note.place)}: " if note.place else ""
        text = f"note: {place}{printable(note.message)}"
        lines += wrap(text, "", "      ")
    return lines


def _name(diagnosis: Diagnosis, code: str) -> str:
    return diagnosis.names.get(code, "").replace("-", " ")


def _about(diagnosis: Diagnosis) -> list[str]:
    run = diagnosis.run
    about = RunContext(run, diagnosis.context)
    steps = about.update_steps
    names = f", names of {run.trainer}" if run.trainer else ""
    covered = ""
    if len(steps):
        covered = (
            f"; {count(len(steps))} updates at steps {steps[0]:,} to {steps[-1]:,}{about.settling}"
        )
    tally = []
    for severity in reversed(Severity):
        number = sum(f.severity is severity for f in diagnosis.findings)
        if number:
            tally.append(
                f"{number} {severity.word}{'s' if number > 1 and severity.word != 'info' else ''}"
            )
    return [
        *wrap(f"{run.kind} log, {count(len(run.series))} tags{names}{covered}", "", "  "),
        ", ".join(tally) or "no findings",
    ]


def finding_lines(finding: RunFinding, diagnosis: Diagnosis, colour: bool) -> list[str]:
    """A finding with its causes and what would tell them apart."""
    label = f"{finding.severity.word}[{finding.code}]"
    lines = wrap(f"{label} {_name(diagnosis, finding.code)}: {finding.message}", "", "    ")
    lines[0] = lines[0].replace(label, paint(label, finding.severity.word, colour), 1)
    if len(finding.ranges) > 3:
        lines += wrap(span_text(finding.ranges, 8), "  = where: ", "           ")
    for place, cause in enumerate(finding.causes, 1):
        lines += wrap(f"{place}. {printable(cause)}", "  = cause: ", "             ")
    if finding.next:
        lines += wrap(printable(finding.next), "  = next: ", "          ")
    return lines


def _checklist(diagnosis: Diagnosis, colour: bool) -> list[str]:
    lines = []
    for verdict in verdicts(diagnosis):
        style = "error" if verdict.verdict.startswith("cause") else "bold"
        head = f"  {verdict.symptom:<37}"
        text = wrap(f"{verdict.verdict}: {verdict.evidence}", head, " " * 6)
        text[0] = text[0].replace(verdict.verdict, paint(verdict.verdict, style, colour), 1)
        lines += text
    return lines


def _comparison(diagnosis: Diagnosis) -> list[str]:
    about = RunContext(diagnosis.run, diagnosis.context)
    rows = compare(about)
    if not rows:
        return []
    assert diagnosis.context is not None
    lines = ["", f"Against the configuration, profile {diagnosis.context.profile.name}"]
    lines.append(f"    {'':<24}{'logged':<32}planned")
    for row in rows:
        mark = {True: " ", False: "!", None: " "}[row.agrees]
        lines += wrap(row.planned, f"  {mark} {row.name:<24}{row.logged:<32}", " " * 60)
    lines += wrap(basis(about), "    ", "      ") if basis(about) else []
    return [line.rstrip() for line in lines]


def _unchecked(diagnosis: Diagnosis) -> list[str]:
    if not diagnosis.unchecked:
        return []
    by_reason: dict[str, list[str]] = {}
    for code, reason in diagnosis.unchecked.items():
        by_reason.setdefault(reason, []).append(f"{code} {_name(diagnosis, code)}".rstrip())
    lines = ["", "Not checked"]
    for reason, codes in by_reason.items():
        lines += wrap(f"{', '.join(codes)}: {reason}", "  ", "      ")
    return lines
