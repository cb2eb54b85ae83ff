"""A confirmation as text and as JSON."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from ppodiag.confirm.arm import Prepared
from ppodiag.confirm.claim import OPEN
from ppodiag.confirm.cost import seconds_of
from ppodiag.confirm.planning import Entry, Plan
from ppodiag.confirm.running import Bench
from ppodiag.confirm.settling import Confirmation, Settled, summary
from ppodiag.report.wrap import printable, wrap
from ppodiag.wording import count, counted

WIDTH = 100
INDENT = "  "
COLUMN = 47
"""Columns of what is predicted, and of what is measured."""


def render_text(confirmation: Confirmation, bench: Bench) -> str:
    """The findings with their verdicts, the runs, and what no run settles; 100 columns."""
    plan = confirmation.plan
    lines: list[str] = []
    for settled in confirmation.settled:
        if settled.entry.reason:
            continue
        lines += [*_settled(settled, plan), ""]
    lines += _networks(plan)
    lines += _runs(confirmation, bench)
    lines += _unsettled([s.entry for s in confirmation.settled])
    said = f"{plan.path}: {counted(len(plan.entries), 'finding')}: {summary(confirmation)}"
    lines += wrap(said, "", INDENT)
    return "\n".join(lines) + "\n"


def render_plan(plan: Plan, bench: Bench) -> str:
    """What would be run, with its predictions, and about how long it takes; nothing is run."""
    lines: list[str] = []
    for entry in plan.entries:
        if entry.reason:
            continue
        lines += [*_heading(entry, plan, ""), *_cells("predicted", "")]
        for claim in entry.claims:
            lines += wrap(claim.predicted, INDENT, INDENT + "  ")
        lines += [*_note(entry), ""]
    lines += _networks(plan)
    whole, fresh = 0.0, 0
    for number, run in enumerate(plan.runs.values(), 1):
        if bench.kept(run) is not None:
            lines += _run(number, run, bench, "kept already")
            continue
        seconds = seconds_of(run)
        whole, fresh = whole + seconds, fresh + 1
        lines += _run(number, run, bench, f"about {seconds:.0f} s")
    lines += [""] if plan.runs else []
    lines += _unsettled(plan.entries)
    settled = sum(not e.reason for e in plan.entries)
    lines += wrap(
        f"{plan.path}: {counted(len(plan.entries), 'finding')}, of which {settled} would be settled by "
        f"{counted(fresh, 'run')} in about {whole:.0f} s",
        "",
        INDENT,
    )
    return "\n".join(lines) + "\n"


def _settled(settled: Settled, plan: Plan) -> Iterator[str]:
    entry = settled.entry
    yield from _heading(entry, plan, settled.verdict)
    if settled.reason:
        yield from wrap(settled.reason, INDENT, INDENT + "  ")
        return
    yield from _cells("predicted", "measured")
    for claim, measured in zip(entry.claims, settled.measured, strict=True):
        mark = {True: "", False: "NOT SO: ", None: "not told: "}[measured.holds]
        yield from _cells(claim.predicted, mark + measured.text)
    yield from _note(entry)


def _heading(entry: Entry, plan: Plan, verdict: str) -> list[str]:
    found = entry.found
    numbers = sorted({plan.number_of(run) for run in entry.runs.values()})
    runs = ("run " if len(numbers) == 1 else "runs ") + ", ".join(map(str, numbers))
    head = f"{found.code} {found.severity.word}, line {found.span.start_line} ({runs})"
    head += f": {verdict}" if verdict else ""
    return [head, *wrap(found.message, INDENT, INDENT)]


def _note(entry: Entry) -> list[str]:
    return wrap(f"note: {entry.note}", INDENT, INDENT + "  ") if entry.note else []


def _cells(left: str, right: str) -> list[str]:
    """Two cells side by side; a piece of text that is broken goes on below, two columns in."""
    cells = [wrap(text, "", "  ", COLUMN) if text else [] for text in (left, right)]
    return [
        f"{INDENT}{one:<{COLUMN}}  {other}".rstrip()
        for one, other in zip_longest(*cells, fillvalue="")
    ]


def _networks(plan: Plan) -> list[str]:
    """What stands in for the file's networks, where it has some."""
    if not plan.stand_in:
        return []
    return ["Two layers of 64 stand in for the file's networks wherever these have no part.", ""]


def _runs(confirmation: Confirmation, bench: Bench) -> list[str]:
    lines = []
    for number, (key, run) in enumerate(confirmation.plan.runs.items(), 1):
        ran = confirmation.ran[key]
        what = f"{ran.seconds:.1f} s" + (", kept from before" if ran.kept else "")
        lines += _run(number, run, bench, f"failed: {ran.failure}" if ran.failure else what)
    return [*lines, ""] if lines else []


def _run(number: int, run: Prepared, bench: Bench, what: str) -> list[str]:
    stop = ""
    if run.stop:
        stop = f", ended after {counted(run.rollouts, 'rollout')} of {count(run.context.budget.rollouts)}"
    head = f"run {number}: {counted(run.rollouts, 'rollout')}, {count(run.env_steps)} env steps{stop}; {what}"
    return [*wrap(head, "", INDENT), *_command(bench.command(run))]


def _command(words: list[str]) -> list[str]:
    """A command over as many lines as it takes; an option stays beside its value."""
    words = [printable(word) for word in words]
    pieces = [
        shlex.join(words[:4]),
        *(shlex.join(words[i : i + 2]) for i in range(4, len(words), 2)),
    ]
    lines = [INDENT + pieces[0]]
    for piece in pieces[1:]:
        if len(lines[-1]) + len(piece) + 3 > WIDTH:
            lines[-1] += " \\"
            lines.append(INDENT * 2 + piece)
        else:
            lines[-1] += " " + piece
    return lines


def _unsettled(entries: Any) -> list[str]:
    found = [entry for entry in entries if entry.reason]
    if not found:
        return []
    lines = ["No run of the reference trainer settles:"]
    for entry in found:
        at = f"{entry.found.code} {entry.found.severity.word}, line {entry.found.span.start_line}"
        lines += wrap(f"{at}: {entry.found.message}", INDENT, INDENT + "  ")
        lines += wrap(f"because {entry.reason}", INDENT + "  ", INDENT + "    ")
    return [*lines, ""]


def render_json(confirmation: Confirmation, bench: Bench) -> str:
    """The same as JSON."""
    plan = confirmation.plan
    findings = [_finding_json(settled, plan) for settled in confirmation.settled]
    runs = []
    for number, (key, run) in enumerate(plan.runs.items(), 1):
        ran = confirmation.ran[key]
        runs.append({
            "run": number, "command": bench.command(run), "env": run.env, "seed": run.seed,
            "rollouts": run.rollouts, "env_steps": run.env_steps, "stopped": run.stop,
            "seconds": ran.seconds, "failure": ran.failure or None, "kept": ran.kept,
        })  # fmt: skip
    whole = {
        "path": plan.path,
        "findings": findings,
        "runs": runs,
        "verdicts": {v: confirmation.count_of(v) for v in ("confirmed", "refuted", OPEN)},
    }
    return json.dumps(whole, indent=2) + "\n"


def _finding_json(settled: Settled, plan: Plan) -> dict[str, Any]:
    entry = settled.entry
    found = entry.found
    measured = settled.measured or (None,) * len(entry.claims)
    return {
        "code": found.code, "severity": found.severity.word, "pointer": found.pointer,
        "line": found.span.start_line, "message": found.message, "verdict": settled.verdict,
        "reason": entry.reason or settled.reason or None, "note": entry.note or None,
        "runs": {name: plan.number_of(run) for name, run in entry.runs.items()},
        "claims": [
            {
                "predicted": claim.predicted,
                "measured": None if found_ is None else found_.text,
                "holds": None if found_ is None else found_.holds,
            }
            for claim, found_ in zip(entry.claims, measured, strict=True)
        ],
    }  # fmt: skip
