"""The part of the page that is about one run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ppodiag.config import DoesNotApply
from ppodiag.curves import lr_curve, size_curve
from ppodiag.diagnosis.comparison import basis, compare
from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.engine import Diagnosis
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.verdict_type import Verdict
from ppodiag.report.html.escaping import escape
from ppodiag.report.html.plot import Line, figure
from ppodiag.runlog.tags import COLUMNS

PER_FINDING = 2
"""Plots beside a finding."""

ORDER = (
    "lr", "minibatch_size", "pg_grad_norm", "approx_kl", "clip_fraction", "entropy",
    "explained_variance", "value_loss", "policy_loss", "episode_return", "env_steps_per_second",
    "minibatch_steps", "optimizer_steps",
)  # fmt: skip
"""Columns in the order in which they are drawn; a counter of steps says nothing."""


def run_section(diagnosis: Diagnosis, answers: Sequence[Verdict], index: int) -> str:
    """Checklist, findings beside their plots, all columns, comparison, what was not checked."""
    run = diagnosis.run
    about = RunContext(run, diagnosis.context)
    steps = about.update_steps
    covered = (
        f"; {len(steps):,} updates at steps {steps[0]:,} to {steps[-1]:,}{about.settling}"
        if len(steps)
        else ""
    )
    names = f", names of {run.trainer}" if run.trainer else ""
    parts = [
        f'<section id="run-{index}"><h2>{escape(run.path)}</h2>',
        f'<p class="soft">{escape(run.kind)} log, {len(run.series)} tags{escape(names)}{covered}</p>',
        _checklist(answers),
        "<h3>Findings</h3>",
        *(
            _finding(f, diagnosis, about, f"r{index}f{place}")
            for place, f in enumerate(diagnosis.findings)
        ),
        "" if diagnosis.findings else "<p>No findings.</p>",
        _columns(diagnosis, about, f"r{index}"),
        _comparison(about),
        _unchecked(diagnosis),
        "</section>",
    ]
    return "".join(parts)


def _checklist(answers: Sequence[Verdict]) -> str:
    if not answers:
        return ""
    rows = []
    for verdict in answers:
        style = {"not this": "good", "cannot tell": "soft"}.get(verdict.verdict, "error")
        rows.append(
            f'<tr><th scope="row">{escape(verdict.symptom)}</th>'
            f'<td class="{style}"><strong>{escape(verdict.verdict)}</strong></td>'
            f"<td>{escape(verdict.evidence)}</td></tr>"
        )
    return (
        '<h3>The checklist</h3><div class="scroll"><table><thead><tr><th scope="col">symptom</th>'
        '<th scope="col">verdict</th><th scope="col">evidence</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _finding(finding: RunFinding, diagnosis: Diagnosis, about: RunContext, name: str) -> str:
    title = diagnosis.names.get(finding.code, "").replace("-", " ")
    word = finding.severity.word
    shown = [c for c in finding.columns if c in diagnosis.run.columns][:PER_FINDING]
    plots = "".join(
        _plot(column, about, finding.ranges, f"{name}c{place}", f"{finding.code} {title}")
        for place, column in enumerate(shown)
    )
    causes = "".join(f"<li>{escape(cause)}</li>" for cause in finding.causes)
    return (
        f'<article class="finding"><h4><span class="badge {word}">{word}</span>'
        f"{escape(finding.code)} {escape(title)}</h4><p>{escape(finding.message)}</p>{plots}"
        + (f"<p>Likely causes, the most probable first:</p><ol>{causes}</ol>" if causes else "")
        + (
            f'<p class="next"><strong>Next:</strong> {escape(finding.next)}</p>'
            if finding.next
            else ""
        )
        + "</article>"
    )


def _columns(diagnosis: Diagnosis, about: RunContext, name: str) -> str:
    plots = [
        _plot(column, about, (), f"{name}a{place}", "")
        for place, column in enumerate(ORDER)
        if column in diagnosis.run.columns
    ]
    if not plots:
        return ""
    return f'<h3>All columns</h3><div class="grid">{"".join(plots)}</div>'


def _plot(
    column: str, about: RunContext, ranges: Sequence[tuple[int, int]], name: str, note: str
) -> str:
    series = about.run.columns[column]
    lines = [Line("logged", series.steps.astype(np.float64), series.values)]
    planned = _planned(column, about)
    if planned is not None:
        lines.append(planned)
    unit = COLUMNS[column]
    title = f"{column} ({series.tag})" if series.tag != column else column
    return figure(f"{title}, {unit}" if unit != "1" else title, lines, ranges, name, note)


def _planned(column: str, about: RunContext) -> Line | None:
    """What the configuration implies, one update of the plan to one of the log, wherever that begins."""
    if about.context is None or column not in ("lr", "minibatch_size"):
        return None
    try:
        trajectory = about.forecast
        curve = (lr_curve if column == "lr" else size_curve)(trajectory, 2000)
    except DoesNotApply:
        return None
    steps = about.update_steps
    if not len(steps) or not len(curve.env_steps):
        return None
    gap = about.step_gap or float(trajectory.samples)
    first = (trajectory.skipped + 1) * trajectory.samples
    x = steps[0] + (curve.env_steps - first) * gap / trajectory.samples
    inside = (x <= steps[-1]) & (x >= steps[0] - gap)
    return Line("planned", x[inside], curve.median[inside]) if inside.any() else None


def _comparison(about: RunContext) -> str:
    rows = compare(about)
    if not rows or about.context is None:
        return ""
    cells = []
    for row in rows:
        mark = {True: "agrees", False: "differs", None: ""}[row.agrees]
        style = {True: "good", False: "warning", None: ""}[row.agrees]
        cells.append(
            f'<tr><th scope="row">{escape(row.name)}</th><td>{escape(row.logged)}</td>'
            f'<td>{escape(row.planned)}</td><td class="{style}">{mark}</td></tr>'
        )
    profile = escape(about.context.profile.name)
    return (
        f"<h3>Against the configuration, profile {profile}</h3>"
        '<div class="scroll"><table><thead><tr><th scope="col"></th><th scope="col">logged</th>'
        '<th scope="col">planned</th><th scope="col"></th></tr></thead>'
        f"<tbody>{''.join(cells)}</tbody></table></div>"
        + (f"<p>{escape(note)}</p>" if (note := basis(about)) else "")
    )


def _unchecked(diagnosis: Diagnosis) -> str:
    by_reason: dict[str, list[str]] = {}
    for code, reason in diagnosis.unchecked.items():
        name = diagnosis.names.get(code, "").replace("-", " ")
        by_reason.setdefault(reason, []).append(f"{code} {name}".rstrip())
    items = [f"<li>{escape(', '.join(c))}: {escape(r)}</li>" for r, c in by_reason.items()]
    items += [f"<li>{escape(n.place)}: {escape(n.message)}</li>" for n in diagnosis.run.notes]
    return (
        f"<h3>Not checked, and notes of the reader</h3><ul>{''.join(items)}</ul>" if items else ""
    )
