"""The page of an ablation: answers first, then tables and pictures, then what stands behind them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ppodiag import __version__
from ppodiag.ablate.arm_plan import ArmPlan
from ppodiag.ablate.outcome import ArmOutcome, Outcome
from ppodiag.ablate.store import Store
from ppodiag.errors import PpodiagError
from ppodiag.finding import Severity
from ppodiag.report.ablation import (
    PAIRED_ROUNDS,
    PAIRED_SEEDS,
    failed_by_arm,
    less_time,
    share_text,
    timed_how,
    title,
)
from ppodiag.report.ablation_effects import (
    INTERACTIONS,
    MAIN,
    effect_head,
    effect_notes,
    effect_rows,
)
from ppodiag.report.html.ablation_plots import (
    cost_and_benefit,
    curves,
    differences,
    effect_pictures,
    intervals,
)
from ppodiag.report.html.escaping import escape
from ppodiag.report.html.page import asset
from ppodiag.wording import count, counted, number

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The page needs no script."""

_STYLE = """
div.verdict { color: var(--ink); }
svg .band { fill: var(--data); fill-opacity: .2; }
svg .band-base { fill: var(--plan); fill-opacity: .15; }
svg .margin { fill: var(--good); fill-opacity: .15; }
svg .zero { stroke: var(--ink); stroke-width: 1; }
svg .whisker { stroke: var(--data); stroke-width: 2.5; }
svg .seed { fill: none; stroke: var(--soft); stroke-width: 1.2; }
td.number { white-space: nowrap; } .moved { font-weight: 700; color: var(--warning); }
pre { overflow-x: auto; background: var(--panel); padding: .6rem; border-radius: .3rem; font-size: .85rem; }
code { overflow-wrap: anywhere; } details { margin: .4rem 0; } th, td { padding-right: .9rem; }
"""


def render_page(outcome: Outcome, sentences: Sequence[str], store: Store) -> str:
    """The whole page, with its style in it; nothing is asked of a network."""
    heading = f"Ablation of {outcome.study.path}"
    body = [
        _headline(outcome),
        _answers(outcome, sentences),
        _verdicts(outcome),
        _effects(outcome),
        _pictures(outcome),
        _costs(outcome),
        _arms(outcome),
        _failures(outcome),
        _gone_wrong(outcome, store),
        _behind(outcome),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(heading)}</title><style>{asset('style.css')}{_STYLE}</style></head><body>"
        f"<header><h1>{escape(heading)}</h1></header><main>{''.join(body)}</main>"
        f'<footer class="soft">ppodiag {escape(__version__)}</footer></body></html>\n'
    )


def _headline(outcome: Outcome) -> str:
    text = f"<p>{escape(title(outcome.study))}; declared beforehand.</p>"
    if outcome.missing:
        missing = counted(len(outcome.missing), "unit")
        text += (
            f'<p class="verdict warning">{missing} of work have no result yet: no verdicts. '
            "The same command goes on.</p>"
        )
    return text


def _answers(outcome: Outcome, sentences: Sequence[str]) -> str:
    style = "error" if outcome.failed else "clean"
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f'<div class="verdict {style}"><ul>{items}</ul></div>'


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already; the first cell of a row is its heading."""
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f'<td class="number">{cell}</td>' for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _verdicts(outcome: Outcome) -> str:
    if outcome.comparisons is None:
        return ""
    rows = []
    for arm in outcome.arms:
        s, c = arm.summary, arm.comparison
        mean = None if c is None else c.paired.mean
        rows.append(
            [
                escape(arm.name),
                "reference" if arm is outcome.reference else escape(arm.verdict),
                "" if s is None else _interval(s.iqm.estimate, s.iqm.low, s.iqm.high),
                "" if mean is None else _interval(mean.estimate, mean.low, mean.high),
                "" if c is None else f"{c.p:.3f}",
                "" if c is None else f"{c.improvement.estimate:.2f}",
                ""
                if s is None
                else f"{s.runs}"
                + (f", {s.failed} failed" if s.failed else "")
                + (f", {s.censored} never there" if s.censored else ""),
            ]
        )
    head = ("arm", "verdict", "IQM [95%]", "difference [95%]", "p (Holm)", "P(better)", "runs")
    return f"<h2>Verdicts</h2>{_table(head, rows)}<p class='soft'>{escape(PAIRED_SEEDS)}.</p>{_limits(outcome)}"


def _effects(outcome: Outcome) -> str:
    """Main effects and interactions of a factorial study; nothing of another one."""
    effects = outcome.effects
    if effects is None:
        return ""
    parts = []
    for title_, first, found in (
        (MAIN, "feature", effects.main),
        (INTERACTIONS, "features", effects.interactions),
    ):
        rows = [[escape(cell) for cell in row] for row in effect_rows(found)]
        parts.append(f"<p class='soft'>{title_}.</p>{_table(effect_head(outcome, first), rows)}")
    notes = "".join(f"<li>{escape(note)}</li>" for note in effect_notes(outcome))
    return (
        f"<h2>Effects of the features</h2>{parts[0]}{_grid(effect_pictures(outcome))}{parts[1]}"
        f'<ul class="soft">{notes}</ul>'
    )


def _limits(outcome: Outcome) -> str:
    notes = [
        f"<li>{escape(arm.name)}: {escape(note)}</li>"
        for arm in outcome.arms
        for note in (arm.comparison.notes if arm.comparison else ())
    ]
    return f'<ul class="soft">{"".join(notes)}</ul>' if notes else ""


def _interval(middle: float, low: float, high: float) -> str:
    return f"{number(middle)} [{number(low)}, {number(high)}]"


def _pictures(outcome: Outcome) -> str:
    pictures = "".join(part for part in (intervals(outcome), differences(outcome)) if part)
    learning = curves(outcome)
    found = _grid(pictures)
    if learning:
        found += (
            "<h2>Learning curves</h2><p class='soft'>Return over env steps: IQM over the seeds, with its "
            f"95% bootstrap interval at each point by itself.</p>{learning}"
        )
    return found


def _grid(pictures: str) -> str:
    """Pictures beside each other, as many as there is room for."""
    return f'<div class="grid">{pictures}</div>' if pictures else ""


def _costs(outcome: Outcome) -> str:
    timed = [arm for arm in outcome.arms if arm.cost is not None]
    if not timed:
        return ""
    rows = []
    for arm in timed:
        cost = arm.cost
        assert cost is not None  # chosen so
        rows.append(
            [
                escape(arm.name), number(cost.steps_per_second),
                f"{number(cost.lowest)} to {number(cost.highest)}", less_time(cost.speed),
                f"{cost.peak_bytes / 2**20:,.0f}" if cost.peak_bytes == cost.peak_bytes else "",
                share_text(cost.memory),
            ]
        )  # fmt: skip
    head = (
        "arm",
        "env steps/s",
        "lowest to highest",
        "less time [95%]",
        "memory, MiB",
        "less [95%]",
    )
    machines = "; ".join(outcome.machines)
    return (
        f"<h2>Cost against benefit</h2><p class='soft'>{escape(timed_how(outcome))}. {escape(machines)}</p>"
        f"{_table(head, rows)}<p class='soft'>{escape(PAIRED_ROUNDS)}.</p>{_grid(cost_and_benefit(outcome))}"
        f"{_benefits(outcome)}"
    )


def _benefits(outcome: Outcome) -> str:
    """What each feature costs and brings, in one table."""
    rows = []
    for arm in outcome.arms:
        feature, c = arm.plan.arm.one_off, arm.comparison
        if feature is None or c is None or arm.cost is None:
            continue
        mean = c.paired.mean
        rows.append(
            [
                escape(feature.name), escape(less_time(arm.cost.speed)),
                escape(share_text(arm.cost.memory)),
                _interval(0.0 - mean.estimate, 0.0 - mean.high, 0.0 - mean.low), escape(arm.verdict),
            ]
        )  # fmt: skip
    metric = outcome.study.declared.metric.replace("_", " ")
    head = (
        "feature",
        "less time without",
        "less memory without",
        f"{metric}, with − without",
        "without it",
    )
    return _table(head, rows) if rows else ""


def _arms(outcome: Outcome) -> str:
    reference = outcome.reference.plan
    rows = []
    for arm in outcome.arms:
        plan = arm.plan
        rows.append(
            [
                escape(arm.name), _whole(plan.total_env_steps, reference.total_env_steps),
                _whole(plan.minibatch_steps, reference.minibatch_steps),
                _whole(plan.optimizer_steps, reference.optimizer_steps),
                _rate(plan.mean_lr, reference.mean_lr),
            ]
        )  # fmt: skip
    head = ("arm", "env steps", "minibatch steps", "optimizer steps", "mean LR")
    changes = "".join(_change(arm) for arm in outcome.arms[1:])
    return (
        "<h2>The arms</h2><p class='soft'>Figures that differ from the reference's are marked: another budget "
        f"of steps is no effect of the feature itself.</p>{_table(head, rows)}{changes}"
    )


def _whole(value: int | None, reference: int | None) -> str:
    if value is None:
        return "unknown"
    text = count(value)
    return text if value == reference else f'<span class="moved">{text}</span>'


def _rate(value: float | None, reference: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:.3g}" if value == reference else f'<span class="moved">{value:.3g}</span>'


def _change(arm: ArmOutcome) -> str:
    plan: ArmPlan = arm.plan
    if plan.already_off:
        return f"<p><strong>{escape(arm.name)}</strong>: already off, not run.</p>"
    keys = "".join(
        f"<li><code>{escape(pointer)}</code>: {escape(before)} → {escape(after)}</li>"
        for pointer, before, after in plan.differences
    )
    findings = "".join(
        f'<li class="{escape(f.severity)}">{escape(f.code)}'
        f"{' (expected)' if f.expected else ''}: {escape(f.message)}</li>"
        for f in plan.findings
    )
    gone = f"<p class='soft'>Without {escape(', '.join(plan.gone))}.</p>" if plan.gone else ""
    found = f"<ul>{findings}</ul>" if findings else ""
    return (
        f"<details><summary><strong>{escape(arm.name)}</strong>: "
        f"{counted(len(plan.differences), 'key')} changed, {counted(len(plan.findings), 'finding')}"
        f"</summary><ul>{keys}</ul>{found}{gone}</details>"
    )


def _failures(outcome: Outcome) -> str:
    parts = []
    for arm, results in failed_by_arm(outcome).items():
        inside = "".join(_failed(result) for result in results)
        many = counted(len(results), "failed unit")
        parts.append(
            f"<details><summary><strong>{escape(arm)}</strong>: {many} of work</summary>{inside}</details>"
        )
    return f'<h2 class="error">Failed runs</h2>{"".join(parts)}' if parts else ""


def _failed(result: Mapping[str, Any]) -> str:
    attempts = "".join(
        f"<p>Attempt {failure['attempt']}: {escape(failure['failure'])}</p>"
        f"<pre>{escape(failure['tail'])}</pre>"
        for failure in result["failures"]
    )
    return f"<h3>{escape(result['unit'])}</h3>{attempts}"


def _gone_wrong(outcome: Outcome, store: Store) -> str:
    """What the diagnosis says of the worst run whose log is here."""
    scored = [
        (run.score, arm.name, run.seed)
        for arm in outcome.arms
        for run in arm.runs
        if run.score == run.score
    ]
    if not scored or outcome.study.declared.metric != "return":
        return ""
    score, name, seed = min(scored)
    path = _log_of(outcome, store, name, seed)
    if path is None:
        return ""
    found = _findings(path)
    items = "".join(f"<li>{escape(text)}</li>" for text in found)
    said = f"<ul>{items}</ul>" if found else "<p>Its log shows nothing at warning or above.</p>"
    shown = os.path.relpath(path, store.folder)
    return (
        f"<h2>The run that went worst</h2><p>{escape(name)}, seed {seed}: {number(score)}. "
        f"<code>{escape(shown)}</code></p>{said}"
    )


def _log_of(outcome: Outcome, store: Store, arm: str, seed: int) -> str | None:
    for unit in outcome.study.units(store):
        if unit.kind == "learning" and unit.arm == arm and seed in unit.seeds:
            for attempt in ("attempt-2", "attempt-1"):
                out = os.path.join(store.log_folder(unit.name), attempt, "run")
                path = outcome.study.trainer.folder(out, seed, len(unit.seeds))
                if os.path.isdir(path):
                    return path
    return None


def _findings(path: str) -> list[str]:
    from ppodiag.diagnosis.engine import diagnose_run
    from ppodiag.rules.loader import load_run_rules
    from ppodiag.runlog import read_run

    try:
        diagnosis = diagnose_run(read_run(path), load_run_rules())
    except PpodiagError:
        return []
    return [f"{f.code}: {f.message}" for f in diagnosis.findings if f.severity >= Severity.WARNING]


def _behind(outcome: Outcome) -> str:
    notes: Mapping[str, None] = dict.fromkeys(outcome.notes)
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return (
        f"<h2>To repeat it</h2><pre>{escape(outcome.study.command)}</pre>"
        f'<ul class="soft">{items}</ul>'
    )
