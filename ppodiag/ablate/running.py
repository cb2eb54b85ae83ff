"""Carrying a study out: what has no result yet is run, and what has one is not run again."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from ppodiag.ablate.executors.executor import Executor
from ppodiag.ablate.store import Store
from ppodiag.ablate.study import Study
from ppodiag.errors import UsageError
from ppodiag.files import from_here
from ppodiag.launch.preflight import refuse_early
from ppodiag.launch.trainer import BundledTrainer
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
        UsageError: the store holds something else, cannot be written, or is another process's now; the
            trainer refuses a configuration, or a user's fails in the first short run.
    """
    record = study.record(store)
    try:
        store.has_begun(record)  # seen before the folder is touched
    except UsageError:
        ask_trainer(study, here=executor.name == "local")  # what it refuses is wrong in any folder
        raise
    if retry_failed or any(store.result(unit) is None for unit in study.units(store)):
        ask_trainer(study, here=executor.name == "local")
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

    first = study.first_of(pending)

    def keep(result: dict[str, Any]) -> None:
        nonlocal done
        if first and result["status"] == "failed":
            raise _fails(study, store, result)
        store.keep(result)
        done += 1
        if progress is not None:
            progress(done, len(units), result)

    if first:
        executor.run(first, keep)
        names = {unit.name for unit in first}
        pending, first = [unit for unit in pending if unit.name not in names], []
    if pending:
        executor.run(pending, keep)


def ask_trainer(study: Study, *, here: bool) -> None:
    """Nothing where the trainer takes the configuration of every arm, as far as it can be asked.

    Where it runs elsewhere, the device is not looked for here, and nothing is where torch is not.

    Args:
        study: what is wanted.
        here: whether runs are made on this machine.

    Raises:
        UsageError: it refuses one.
    """
    trainer, texts = study.trainer, study.texts()
    if not here:
        if not isinstance(trainer, BundledTrainer) or find_spec("torch") is None:
            return
        trainer = replace(trainer, device="cpu")
    refuse_early(trainer, study.path, texts, study.declared.seeds[0])


def _fails(study: Study, store: Store, result: dict[str, Any]) -> UsageError:
    """A user's trainer that does not end well in a short run of the reference: nothing else is run."""
    failure = result["failures"][-1]
    lines = [line.strip() for line in failure["tail"].splitlines() if line.strip()]
    said = f": {lines[-1]}" if lines else ""
    folder = from_here(store.log_folder(result["unit"]))
    output = os.path.join(folder, f"attempt-{failure['attempt']}", "output.txt")
    return UsageError(
        f"the trainer fails in a short run of {study.path}: {failure['failure']}{said}",
        f"its output is in {output}; mend it, and the same command goes on",
    )
