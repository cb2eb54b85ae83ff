"""A tag is missing, and a near one is there.

## What it checks
A tag that the note tells to watch (`Training/lr`), or that the configuration names in a text value, is
not in the log, and a tag with the same meaning is: the same canonical column, or the same words in another
spelling. The note's own tag is looked for only in logs that use the note's names.

## Why it matters
A dashboard or an alert that waits for a tag that never comes shows nothing, for ever.

## Instead
Use the name that the log has, or rename it in the logger.

## When not to use
Texts that look like a tag and are none.

## Sources
- The note: "check TensorBoard scalar `Training/lr`"; its logs hold `Training/LearningRate`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.finding import RunFinding
from ppodiag.diagnosis.rule import INFO, RunCase, run_rule
from ppodiag.diagnosis.synthetic import SyntheticRun
from ppodiag.runlog.tags import TRAINERS

NOTED: Final = ("Training/lr",)
"""Tags that the note tells to watch."""

_TAG = re.compile(r"[A-Za-z][\w .-]*(?:/[\w .-]+)+")
_PATHS: Final = (".json", ".csv", ".py", ".pt", ".yaml")


@run_rule("RUN953", "tag-missing-near-one-there", INFO)
def check(ctx: RunContext) -> Iterator[RunFinding]:
    """A finding for each tag that is looked for in vain."""
    there = set(ctx.run.series)
    wanted = list(NOTED) if ctx.run.trainer == "vidurrl" else []
    if ctx.context is not None:
        wanted += _named(ctx.context.value)
    for tag in dict.fromkeys(wanted):
        near = None if tag in there else _near(tag, there)
        if near is None:
            continue
        yield ctx.finding(
            INFO,
            f"the tag {tag} is not in the log; {near} is, and means the same",
            columns=(),
            causes=("the name was changed in the logger and not where it is read",),
            next=f"look at {near}, or rename it",
            values={"wanted": tag, "near": near},
        )


def _named(value: Any, depth: int = 12) -> Iterator[str]:
    """Texts of the configuration that look like a tag."""
    if isinstance(value, str) and len(value) < 80 and _TAG.fullmatch(value):
        if not value.endswith(_PATHS):
            yield value
    elif isinstance(value, Mapping) and depth:
        for content in value.values():
            yield from _named(content, depth - 1)
    elif isinstance(value, list) and depth:
        for content in value:
            yield from _named(content, depth - 1)


def _near(tag: str, there: set[str]) -> str | None:
    """A tag of the log with the same meaning, or the same letters."""
    for trainer in TRAINERS:
        tags = {name: column for column, name, _, _ in trainer.tags}
        column = tags.get(tag)
        if column is not None:
            same = sorted(t for t, c in tags.items() if c == column and t in there)
            if same:
                return same[0]
    letters = _letters(tag)
    same = sorted(t for t in there if _letters(t) == letters)
    return same[0] if same else None


def _letters(tag: str) -> str:
    return "".join(c for c in tag.lower() if c.isalnum())


def _case_noted(run: SyntheticRun) -> SyntheticRun:
    from dataclasses import replace

    tags = {f"Training/{name}": run.columns["lr"] for name in ("LearningRate", "Entropy")}
    return replace(run, columns={}, tags=tags)


CASES = (
    RunCase(
        "the note's own logs",
        _case_noted,
        INFO,
        "the tag Training/lr is not in the log; Training/LearningRate is",
    ),
    RunCase(
        "a name in the file with other signs in it",
        lambda run: run.with_column("reward/mean_return", run.columns["lr"]),
        INFO,
        "the tag Reward/MeanReturn is not in the log; reward/mean_return is",
        config={"monitoring.alert_on": "Reward/MeanReturn"},
    ),
    RunCase("a log of another trainer"),
)
