"""The page of one diagnosis or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files

from ppodiag import __version__
from ppodiag.diagnosis.engine import Diagnosis
from ppodiag.diagnosis.verdict_type import Verdict
from ppodiag.finding import Severity
from ppodiag.report.html.escaping import escape
from ppodiag.report.html.run_section import run_section

_MARKS = {Severity.ERROR: "E", Severity.WARNING: "W", Severity.INFO: "i"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def render_html(
    diagnoses: Sequence[Diagnosis], verdicts: Mapping[int, Sequence[Verdict]] | None = None
) -> str:
    """The whole page, with style and script in it.

    Args:
        diagnoses: one a run.
        verdicts: the checklist of each run, by its place.
    """
    answers = verdicts or {}
    sections = "".join(
        run_section(diagnosis, answers.get(index, ()), index)
        for index, diagnosis in enumerate(diagnoses)
    )
    table = _symptoms(diagnoses) if len(diagnoses) > 1 else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(_title(diagnoses))}</title><style>{asset('style.css')}</style></head><body>"
        f"<header><h1>{escape(_title(diagnoses))}</h1>"
        '<button type="button" id="scheme" hidden>Light or dark</button></header>'
        f"<main>{_verdict(diagnoses)}{table}{sections}</main>"
        f'<footer class="soft">ppodiag {escape(__version__)}. Drag over a plot to look closer, double '
        "click or Escape for all of it; with the keyboard: arrows, + and −.</footer>"
        f"<script>{asset('script.js')}</script></body></html>\n"
    )


def asset(name: str) -> str:
    """The text of a file beside this one."""
    return files("ppodiag.report.html").joinpath(name).read_text(encoding="utf-8")


def _title(diagnoses: Sequence[Diagnosis]) -> str:
    if len(diagnoses) == 1:
        return f"Diagnosis of {diagnoses[0].run.path}"
    return f"Diagnosis of {len(diagnoses)} runs"


def _verdict(diagnoses: Sequence[Diagnosis]) -> str:
    """One sentence: how much was found, and the worst of it."""
    found = [(f, d) for d in diagnoses for f in d.findings]
    errors = sum(f.severity is Severity.ERROR for f, _ in found)
    warnings = sum(f.severity is Severity.WARNING for f, _ in found)
    if not errors and not warnings:
        return '<p class="verdict clean">Nothing at warning or above was found.</p>'
    worst, diagnosis = max(found, key=lambda pair: pair[0].severity)
    parts = [_count(errors, "error"), _count(warnings, "warning")]
    counts = " and ".join(part for part in parts if part)
    name = diagnosis.names.get(worst.code, "").replace("-", " ")
    style = "error" if errors else "warning"
    return (
        f'<p class="verdict {style}"><strong>{counts}.</strong> '
        f"The worst is {escape(worst.code)}, {escape(name)}: {escape(worst.message)}</p>"
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}" if number else ""


def _symptoms(diagnoses: Sequence[Diagnosis]) -> str:
    """Runs × symptoms."""
    codes = sorted({f.code for d in diagnoses for f in d.findings})
    if not codes:
        return ""
    head = "".join(f'<th scope="col">{escape(code)}</th>' for code in codes)
    rows = []
    for index, diagnosis in enumerate(diagnoses):
        cells = "".join(_cell(diagnosis, code) for code in codes)
        link = f'<a href="#run-{index}">{escape(diagnosis.run.path)}</a>'
        rows.append(f'<tr><th scope="row">{link}</th>{cells}</tr>')
    return (
        '<h2>Runs and symptoms</h2><div class="scroll"><table><thead><tr><th scope="col">run</th>'
        f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        '<p class="soft">E error, W warning, i information, · not this, ? could not be checked</p>'
    )


def _cell(diagnosis: Diagnosis, code: str) -> str:
    worst = max((f.severity for f in diagnosis.findings if f.code == code), default=None)
    if worst is None:
        return f'<td class="mark">{"?" if code in diagnosis.unchecked else "·"}</td>'
    return f'<td class="mark {worst.word}">{_MARKS[worst]}</td>'
