"""`ppodiag diagnose --watch`: a run in progress, findings as they appear."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ppodiag.commands.progress import Line
from ppodiag.diagnosis.context import RunContext
from ppodiag.diagnosis.engine import diagnose_run
from ppodiag.errors import UsageError
from ppodiag.finding import Severity
from ppodiag.report.wrap import wrap
from ppodiag.runlog import read_run
from ppodiag.wording import counted

if TYPE_CHECKING:
    from ppodiag.context import Context
    from ppodiag.diagnosis.engine import Diagnosis
    from ppodiag.diagnosis.rule import RunRule

POLL = 1.0
"""Seconds between two looks at the log."""


def watch_run(
    path: str,
    mapping: Mapping[str, str],
    context: Context | None,
    rules: Mapping[str, RunRule],
    given: Mapping[str, Any],
) -> list[Severity]:
    """Print new findings until the run ends; the severities of those that hold at the end.

    The run ends when it has as many updates as the configuration plans, when nothing new came for the
    given patience, or with an interrupt.
    """
    shown: set[tuple[str, Severity]] = set()
    severity: Severity = given["severity"]
    state: tuple[Any, ...] | None = None  # looked at once at least, so that a wrong path is told
    last_news = time.monotonic()
    diagnosis: Diagnosis | None = None
    line = Line(first_after=0.0)
    try:
        while True:
            now = _state(path)
            if now != state:
                state, last_news = now, time.monotonic()
                diagnosis = _look(path, mapping, context, rules)
                if diagnosis is not None:
                    line.close()
                    _print_news(diagnosis, shown, severity, line)
                    if _complete(diagnosis):
                        return _end(diagnosis, "the run has all its planned updates", line)
            if time.monotonic() - last_news > given["patience"]:
                return _end(diagnosis, f"nothing new for {given['patience']:g} s", line)
            time.sleep(POLL)
    except KeyboardInterrupt:
        return _end(diagnosis, "interrupted", line)


def _state(path: str) -> tuple[Any, ...]:
    """Sizes and times of the files of a run; changes when something was written."""
    if not os.path.isdir(path):
        try:
            status = os.stat(path)
        except OSError:
            return ()
        return (status.st_size, status.st_mtime_ns)
    found = []
    for folder, _, names in os.walk(path):
        for name in sorted(names):
            try:
                status = os.stat(os.path.join(folder, name))
            except OSError:
                continue
            found.append((folder, name, status.st_size, status.st_mtime_ns))
    return tuple(found)


def _look(
    path: str,
    mapping: Mapping[str, str],
    context: Context | None,
    rules: Mapping[str, RunRule],
) -> Diagnosis | None:
    """The diagnosis of what is there; None where nothing can be read yet."""
    try:
        run = read_run(path, mapping)
    except UsageError as error:
        if "not installed" in error.message or not os.path.exists(path):
            raise
        return None
    return diagnose_run(run, rules, context)


def _print_news(
    diagnosis: Diagnosis, shown: set[tuple[str, Severity]], severity: Severity, line: Line
) -> None:
    steps = RunContext(diagnosis.run).update_steps
    place = f"{len(steps):,} updates, step {steps[-1]:,}" if len(steps) else "no update yet"
    for finding in diagnosis.findings:
        key = (finding.code, finding.severity)
        if key in shown or finding.severity < severity:
            continue
        shown.add(key)
        name = diagnosis.names.get(finding.code, "").replace("-", " ")
        text = f"[{place}] {finding.severity.word}[{finding.code}] {name}: {finding.message}"
        print("\n".join(wrap(text, "", "    ")))
        if finding.next:
            print("\n".join(wrap(finding.next, "  = next: ", "          ")))
    if line.wanted:
        line.show(place, done=len(steps), unit="updates")


def _complete(diagnosis: Diagnosis) -> bool:
    """Whether the log has as many updates as the configuration plans."""
    if diagnosis.context is None:
        return False
    about = RunContext(diagnosis.run, diagnosis.context)
    from ppodiag.config import DoesNotApply

    try:
        planned = about.context.budget.applied if about.context else 0
    except DoesNotApply:
        return False
    return 0 < planned <= len(about.update_steps)


def _end(diagnosis: Diagnosis | None, why: str, line: Line) -> list[Severity]:
    line.close()
    found = [] if diagnosis is None else [finding.severity for finding in diagnosis.findings]
    print(f"stopped: {why}; {counted(len(found), 'finding')}")
    return found
