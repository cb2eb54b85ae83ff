"""Carrying a study out: what has no result yet is run, and what has one is not run again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ppodiag.ablate.executors.executor import Executor
from ppodiag.ablate.store import Store
from ppodiag.ablate.study import Study
from ppodiag.locking import only_process

Progress = Callable[[int, int, dict[str, Any] | None], None]
"""Takes the number of units that are done, of all, and the result that has just come; None at the start."""


def carry_out(
    study: Study,
    store: Store,
    executor: Executor,
    progress: Progress | None = None,
    *,
    retry_failed: bool = False,
) -> None:
    """Run what is missing.

    Args:
        study: what is wanted.
        store: where results are kept; one of another study is refused.
        executor: what runs it.
        progress: called at the start and after each result.
        retry_failed: whether units whose result is a failure are run again.

    Raises:
        UsageError: the store holds something else, cannot be written, or is another process's now.
    """
    record = study.record(store)
    store.has_begun(record)  # seen before the folder is touched
    with only_process(store.folder):
        store.begin(record)
        _run_missing(study, store, executor, progress, retry_failed)


def _run_missing(
    study: Study, store: Store, executor: Executor, progress: Progress | None, retry_failed: bool
) -> None:
    units = study.units(store)
    found = {unit.name: store.result(unit) for unit in units}
    if retry_failed:
        for name, result in found.items():
            if result is not None and result["status"] == "failed":
                store.forget(name)
                found[name] = None
    pending = [unit for unit in units if found[unit.name] is None]
    done = len(units) - len(pending)
    if progress is not None:
        progress(done, len(units), None)

    def keep(result: dict[str, Any]) -> None:
        nonlocal done
        store.keep(result)
        done += 1
        if progress is not None:
            progress(done, len(units), result)

    if pending:
        executor.run(pending, keep)
