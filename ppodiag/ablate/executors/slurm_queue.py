"""What became of jobs, asked of Slurm's own commands, or of this machine where they run on it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from ppodiag.ablate.executors.executor import Executor, Keep
from ppodiag.ablate.executors.slurm_tickets import Ticket, tickets
from ppodiag.ablate.unit import Unit
from ppodiag.errors import UsageError

GONE_SECONDS = 60.0
"""To wait for cancelled jobs to be gone; Slurm kills what is left of one after 30 s by default."""

POLL_SECONDS = 0.2

ASK_EVERY = 15.0
"""Seconds between two questions to Slurm's controller, which all its users share. [judgement]"""


class Queue:
    """Which jobs Slurm still has, as it said at most `ASK_EVERY` seconds ago."""

    def __init__(self) -> None:
        self._asked_at = -ASK_EVERY
        self._known: set[str] = set()
        self._there: set[str] = set()

    def has(self, job: str, jobs: Callable[[], Sequence[str]]) -> bool:
        """Whether it has a job; one that was not asked about counts as there.

        Args:
            job: the one.
            jobs: all that matter, to be asked about at once.
        """
        if time.monotonic() - self._asked_at >= ASK_EVERY:
            asked = jobs()
            self._there, self._known = set(in_queue(asked)), set(asked)
            self._asked_at = time.monotonic()
        return job in self._there or job not in self._known


def in_queue(jobs: Sequence[str]) -> list[str]:
    """Those that Slurm still has, waiting or running; all of them where it does not answer."""
    if not jobs:
        return []
    done = _said("squeue", "--noheader", "--array", "--format=%i", f"--jobs={','.join(jobs)}")
    if done.returncode:
        return [] if "Invalid job id" in done.stderr else list(jobs)
    return [job for job in jobs if job in done.stdout.split()]


def state_of(job: str) -> str:
    """The state in which a job ended, such as TIMEOUT; empty: Slurm does not know it any more."""
    done = _said("scontrol", "show", "job", job, "--oneliner")
    found = re.search(r"\bJobState=(\w+)", done.stdout)
    if found is None:
        done = _said("sacct", "--noheader", "--parsable2", "--format=State", f"--jobs={job}")
        found = re.match(r"(\w+)", done.stdout)
    return found.group(1) if found else ""


def runs_here(job: str, folder: str) -> bool:
    """Whether a job of submitit's local executor runs; without /proc that cannot be told: False."""
    try:
        with open(f"/proc/{int(job)}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except (OSError, ValueError):
        return False
    return os.fsencode(folder) in words


def cancel(found: Sequence[Ticket], folder: str) -> None:
    """Give jobs up: wait until none of them runs, and take their tickets away.

    Raises:
        UsageError: Slurm's commands are not here, or a job does not end.
    """
    of_slurm = [t.job for t in found if t.cluster == "slurm" and t.job is not None]
    of_here = [t.job for t in found if t.cluster == "local" and t.job is not None]
    if of_slurm and shutil.which("scancel") is None:
        listed = " ".join(of_slurm)
        raise UsageError(
            f"Slurm jobs of an earlier command may still run: {listed}",
            f"go on with --executor slurm where Slurm is, or end them there: scancel {listed}",
        )
    if of_slurm:
        _said("scancel", *of_slurm)
    for job in of_here:
        if runs_here(job, folder):
            with suppress(ProcessLookupError):
                os.kill(int(job), signal.SIGINT)
    until = time.monotonic() + GONE_SECONDS
    while left := [*in_queue(of_slurm), *(job for job in of_here if runs_here(job, folder))]:
        if time.monotonic() > until:
            raise UsageError(
                f"these jobs do not end: {', '.join(left)}", "end them, and run the command again"
            )
        time.sleep(POLL_SECONDS)
    for ticket in found:
        ticket.drop()


class InsteadOfSlurm:
    """Another executor for a study of which an earlier command has jobs in Slurm: they are given up.

    Attributes:
        name: the other's.
    """

    def __init__(self, executor: Executor, folder: str) -> None:
        self.name = executor.name
        self._executor, self._folder = executor, folder

    def run(self, units: Sequence[Unit], keep: Keep) -> None:
        """See `Executor.run`.

        Raises:
            UsageError: the jobs cannot be ended from here.
        """
        cancel(tickets(self._folder), self._folder)
        self._executor.run(units, keep)


def _said(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))
