"""The log itself is damaged.

## What it checks
Rows that do not belong to their header, lines that are no objects, files that are cut or damaged; and
steps that go back or stand still within one tag. Rows or lines that were lost are an error; a file that
was cut, and steps that repeat, a warning.

## Why it matters
What is judged by such a log is judged by a part of it. A CSV whose rows have several kinds and one
header misleads everybody who reads it by column.

## Instead
One file, or one header, for each kind of row; `env_steps` that never fall; flush before exit.

## When not to use
A run that was killed leaves a cut file; that is no fault of its logger.

## Sources
- RFC 4180, section 2: each line should contain the same number of fields throughout the file.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import ERROR, WARNING, Plant, RunCase, run_rule
from ppodiag.diagnosis.synthetic import SyntheticRun
from ppodiag.runlog.run import Note, Series
from ppodiag.wording import counted

MOST_NAMED = 3
"""Notes and tags that a message quotes."""


@run_rule("RUN951", "log-damaged", ERROR)
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding for what was lost, one for what was cut, one for steps that do not rise."""
    for severity, word in ((ERROR, "error"), (WARNING, "warning")):
        notes = [note for note in ctx.run.notes if note.severity == word]
        if not notes:
            continue
        quoted = "; ".join(f"{note.place}: {note.message}" for note in notes[:MOST_NAMED])
        more = len(notes) - MOST_NAMED
        yield ctx.finding(
            severity,
            quoted + (f"; and {more} more" if more > 0 else ""),
            causes=(
                "one file with rows of several kinds under the header of the first",
                "the writer was killed, or two writers share a file",
            ),
            next=f"ppodiag diagnose {ctx.run.beside} reads the event files that stand beside this table"
            if ctx.run.beside
            else "ppodiag diagnose RUN --list-tags shows what was read",
            values={"notes": len(notes)},
        )
    falling = [s for s in ctx.run.columns.values() if _falls(s)]
    if falling:
        first = falling[0]
        place = int(np.flatnonzero(np.diff(first.steps) <= 0)[0])
        yield ctx.finding(
            WARNING,
            f"the steps of {counted(len(falling), 'column')} repeat or go back: {first.tag} has step "
            f"{int(first.steps[place]):,} and then {int(first.steps[place + 1]):,}",
            ranges=[(int(first.steps[place + 1]), int(first.steps[place]))],
            columns=tuple(
                name for name, s in ctx.run.columns.items() if any(s is f for f in falling)
            ),
            causes=("the run was resumed from a checkpoint, and its log appended to",
                    "two runs write to one file"),
            next="compare the wall times at that step; a resume has a gap there",
            values={"columns": len(falling)},
        )  # fmt: skip


def _falls(series: Series) -> bool:
    return len(series) > 1 and bool(np.any(np.diff(series.steps) <= 0))


_CASE_LOST = Note("error", "metrics.csv, lines 52 to 90", "12 rows of 78 columns were set aside")
_CASE_CUT = Note("warning", "events, byte 4,096", "the file is cut or damaged here")


def _case_back(run: SyntheticRun) -> SyntheticRun:
    steps = run.steps.copy()
    steps[120:] -= 20 * 1024
    return replace(run, steps=steps)


def _case_note(note: Note) -> Plant:
    return lambda run: replace(run, notes=(note,))


CASES = (
    RunCase("rows of another width", _case_note(_CASE_LOST), ERROR, "12 rows of 78 columns"),
    RunCase("a file that is cut", _case_note(_CASE_CUT), WARNING, "cut or damaged here"),
    RunCase("steps that go back", _case_back, WARNING, "repeat or go back"),
    RunCase("a whole log"),
)
