"""Units as processes of this machine, as many at once as it has cores and memory for."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from ppodiag.ablate.executors.executor import Keep
from ppodiag.ablate.unit import Unit, run_unit

POLL_SECONDS = 0.2


class Stopped(BaseException):
    """Work is being given up: like KeyboardInterrupt no outcome of a unit, which would be tried again."""


class LocalExecutor:
    """Processes of this machine; each thread here waits for one.

    Attributes:
        name: local.
        jobs: processes at once.
    """

    name = "local"

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def run(self, units: Sequence[Unit], keep: Keep) -> None:
        """See `Executor.run`; units of timing run one by one, in the order given."""
        learning = [unit for unit in units if unit.kind != "timing"]
        timing = [unit for unit in units if unit.kind == "timing"]
        if learning:
            _run(learning, min(self.jobs, len(learning)), keep)
        if timing:
            _run(timing, 1, keep)


def _run(units: Sequence[Unit], jobs: int, keep: Keep) -> None:
    stop = threading.Event()

    def tick() -> None:
        if stop.is_set():
            raise Stopped

    def work(unit: Unit) -> dict[str, Any]:
        tick()
        return run_unit(unit, tick)

    with ThreadPoolExecutor(jobs) as pool:
        waiting: set[Future[dict[str, Any]]] = {pool.submit(work, unit) for unit in units}
        try:
            while waiting:
                done, waiting = wait(waiting, POLL_SECONDS, FIRST_COMPLETED)
                for future in done:
                    keep(future.result())
        except BaseException:
            stop.set()
            for future in waiting:
                future.cancel()
            raise


def default_jobs(peak_bytes: float | None = None) -> int:
    """Processes at once: a core each, and no more than fit into the memory that is free.

    Args:
        peak_bytes: of one process; None: not known, and memory does not count.
    """
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    free = _free_bytes()
    if peak_bytes and free is not None:
        return max(1, min(cores, int(free // peak_bytes)))
    return max(1, cores)


def _free_bytes() -> int | None:
    """Memory that processes may still take; None: not known here."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        return None
    return None
