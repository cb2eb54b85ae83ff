"""What a Slurm job does: its units, one after the other, each result in a file of its own."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ppodiag.ablate.unit import Unit, failed_result, run_unit
from ppodiag.writing import write_whole


class OutOfTime(BaseException):
    """The job is at its time limit."""


def result_path(folder: str, unit: Unit) -> str:
    """Where a job writes the result of a unit."""
    # Arms may be equal but for their names, and then are their digests.
    name = hashlib.sha256(f"{unit.name} {unit.digest}".encode()).hexdigest()
    return os.path.join(folder, f"{name[:32]}.json")


def read_result(folder: str, unit: Unit) -> dict[str, Any] | None:
    """What a job wrote; None: nothing, or nothing whole."""
    try:
        with open(result_path(folder, unit), encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("unit") == unit.name else None


def run_job(ticket: str, folder: str, units: Sequence[Unit], minutes: int) -> None:
    """Run the units that have no result yet; what runs at the time limit fails.

    Args:
        ticket: file without which the job has been given up, and does nothing.
        folder: for the results.
        units: in their order.
        minutes: the limit, for the words.
    """
    try:
        with _signals():
            for unit in units:
                if not os.path.exists(ticket):
                    return
                if read_result(folder, unit) is None and not _run_one(folder, unit, minutes):
                    return
    except Exception:
        # The job ends without a result, and its output says why.
        traceback.print_exc()


def _run_one(folder: str, unit: Unit, minutes: int) -> bool:
    """Run a unit and write its result; whether there is time for another."""
    in_time = True
    try:
        result = run_unit(unit, leash=True)
    except OutOfTime:
        in_time = False
        failure = f"ended at the time limit of {minutes} min"
        result = failed_result(unit, failure, "--slurm-time sets it; --retry-failed runs it again.")
    write_whole(result_path(folder, unit), (json.dumps(result) + "\n").encode())
    return in_time


@contextmanager
def _signals() -> Iterator[None]:
    """Signals of the job end the trainer that runs, and are no fault of it.

    submitit answers SIGUSR2: at the time limit it raises an error, of a job that Slurm wants to run
    elsewhere it asks for a new start and exits. SIGTERM, by which a job is cancelled, it passes over.
    """
    number = getattr(signal, "SIGUSR2", None)
    answer = signal.getsignal(number) if number is not None else None
    if number is None or not callable(answer):  # no job: submitit's debug executor
        yield
        return

    def at_limit(given: int, frame: FrameType | None) -> None:
        try:
            answer(given, frame)
        except Exception as error:
            raise OutOfTime from error

    def end(_given: int, _frame: FrameType | None) -> None:
        sys.exit(1)

    term = signal.signal(signal.SIGTERM, end)
    signal.signal(number, at_limit)
    try:
        yield
    finally:
        signal.signal(number, answer)
        signal.signal(signal.SIGTERM, term)
