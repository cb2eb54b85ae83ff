"""Linting in several processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ppodiag.errors import UsageError
from ppodiag.files import Target
from ppodiag.result import FileReport
from ppodiag.rule import Rule
from ppodiag.runner import Request, lint_target

MOST_IN_A_PART = 250
"""[judgement] Files that a process lints between two looks of the other at how far it is."""

_state: dict[str, Any] = {}


def lint_in_processes(
    targets: list[Target],
    request: Request,
    rules: Mapping[str, Rule],
    jobs: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[FileReport]:
    """The reports in the order of the files; documents are not sent back for clean files.

    `progress` is called with (done, all) as parts come back.

    Raises:
        UsageError: a process was killed.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
    chunk = max(1, min(MOST_IN_A_PART, -(-len(targets) // (jobs * 4))))
    parts = [targets[start : start + chunk] for start in range(0, len(targets), chunk)]
    _state["rules"] = rules  # inherited by fork; a spawned process loads its own
    found, done = list[FileReport](), 0
    work = [(part, request) for part in parts]
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(min(jobs, len(parts)), context, _leave_signals) as pool:
        try:
            for part, reports in zip(parts, pool.map(_lint_part, work), strict=True):
                found += reports
                done += len(part)
                if progress is not None:
                    progress(done, len(targets))
        except BrokenProcessPool:
            raise UsageError(
                "a process that linted was killed, as where memory runs out",
                "use fewer at once: --jobs 1",
            ) from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(multiprocessing.active_children()) - others:
                child.terminate()  # a part takes seconds, and nobody wants it any more
            raise
    return found


def _leave_signals() -> None:
    """Let Ctrl-C be the parent's alone, which ends this process by SIGTERM."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _lint_part(work: tuple[list[Target], Request]) -> list[FileReport]:
    targets, request = work
    if "rules" not in _state:
        from ppodiag.rules.loader import load_rules

        _state["rules"] = load_rules()
    cache: dict[str, Any] = {}
    reports = (lint_target(target, request, _state["rules"], cache) for target in targets)
    return [report for report in reports if report is not None]
