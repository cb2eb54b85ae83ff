"""Running experiments without processes: each run is trained once, here, and its log is kept."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import torch

from ppodiag.bytesize import parse_size
from ppodiag.case import Case
from ppodiag.confirm.arm import Prepared
from ppodiag.confirm.log import Log, log_of_rows
from ppodiag.confirm.planning import Entry, Wanted, plan_findings
from ppodiag.confirm.running import Ran
from ppodiag.errors import UsageError
from ppodiag.options import Options
from ppodiag.profile import parse_profile
from ppodiag.rule_examples import case_text
from reference_trainer.training import Interrupted, train

MOST = 12
"""Rollouts of the longest run; the lengths of longer ones are divided, as the command does it."""

FINER = {"LR103": 16}
"""Rules with a case that is a single tick beyond the limit, which a coarser scale would take away."""

_RAN: dict[tuple[str, int], Ran] = {}


def entries_of(case: Case, code: str, most: int | None = None) -> tuple[Entry, ...]:
    """The findings of a rule in one of its cases, with their runs."""
    options = Options(
        profile=parse_profile(case.profile) if case.profile != "note" else None,
        memory_bytes=parse_size(case.memory) if case.memory else None,
        device=case.device or None,
    )
    return plan_findings(
        case_text(case), "ppo.json", options, Wanted((code,), most=most or FINER.get(code, MOST))
    ).entries


def ran_of(entry: Entry) -> dict[str, Ran]:
    """What came of the runs of an entry, by their keys; the longest of each key."""
    longest: dict[str, Prepared] = {}
    for run in entry.runs.values():
        if run.key not in longest or run.rollouts > longest[run.key].rollouts:
            longest[run.key] = run
    return {key: _run(run) for key, run in longest.items()}


def _run(run: Prepared) -> Ran:
    known = _RAN.get((run.key, run.rollouts))
    if known is None:
        known = _RAN[run.key, run.rollouts] = _train(run)
    return known


def _train(run: Prepared) -> Ran:
    rows: list[dict[str, Any]] = []

    def progress(_trainer: Any, made: Any) -> None:
        rows.extend(row.values for row in made)
        if len(rows) >= run.rollouts:
            raise Interrupted

    _one_thread()
    try:
        train(run.value, env=run.env, seeds=run.seed, device="cpu", progress=progress)
    except Interrupted:
        pass
    except UsageError as error:
        return Ran(Log({}, error.message), 0.0, "" if run.refusal else error.message, True)
    return Ran(log_of_rows(rows), 0.0)


@cache
def _one_thread() -> None:
    with warnings.catch_warnings():
        torch.set_num_threads(1)
