"""Units as jobs of a Slurm cluster, by submitit; or of submitit's stand-ins for one, on this machine."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from ppodiag.ablate.executors.executor import LOSSES, Keep, Room, Tell, parted
from ppodiag.ablate.executors.slurm_job import read_result, result_path, run_job
from ppodiag.ablate.executors.slurm_queue import Queue, cancel, runs_here, state_of
from ppodiag.ablate.executors.slurm_tickets import Ticket, new_ticket, tickets
from ppodiag.ablate.unit import Unit, failed_result, own_result
from ppodiag.errors import UsageError

POLL_SECONDS = {"slurm": 1.0, "local": 0.1, "debug": 0.0}

LATE_SECONDS = {"slurm": 20.0, "local": 0.0, "debug": 0.0}
"""To wait for the results of an ended job: a shared file system may show them late. [judgement]"""

ENDED_FOR_GOOD = {
    "CANCELLED": "its job was cancelled",
    "TIMEOUT": "its job was ended at its time limit (--slurm-time)",
    "OUT_OF_MEMORY": "its job took more memory than was set aside (--mem)",
    "DEADLINE": "its job was ended at its deadline",
}
"""States in which a job is not run again; in any other one without a result it was lost."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of Slurm for each job.

    Attributes:
        cluster: submitit's name: slurm, or on this machine local (processes) or debug (this process).
        partition: None: Slurm's default.
        minutes: time limit.
        more: further options of sbatch; True: an option that takes no value.
    """

    cluster: str = "slurm"
    partition: str | None = None
    minutes: int = 240
    more: Mapping[str, str | bool] = field(default_factory=dict)


@dataclass(slots=True)
class _Flight:
    """A job on its way.

    Attributes:
        ticket: with the number of the job.
        units: that have no result yet.
        job: submitit's handle; None: an earlier process submitted it to this machine.
    """

    ticket: Ticket
    units: list[Unit]
    job: Any


class SlurmExecutor:
    """Jobs of one unit each; probes share a job, and timed runs share one that has a node to itself.

    Jobs outlive the process that submitted them. The next one that runs the same study in the same
    folder takes their results, and waits for those that are not done.

    Attributes:
        name: slurm.
        folder: for what submitit and the jobs write; jobs must see it under the same path.
        jobs: at once; None: as many as Slurm will run.
    """

    name = "slurm"

    def __init__(self, folder: str, asked: Asked, room: Room, jobs: int | None, tell: Tell) -> None:
        self.folder = os.path.abspath(folder)
        self.jobs = jobs
        self._asked, self._room, self._tell = asked, room, tell
        self._lost: dict[str, int] = {}
        self._queue = Queue()

    def run(self, units: Sequence[Unit], keep: Keep) -> None:
        """See `Executor.run`; timed units run after the others, in one job of an exclusive node."""
        with _jobs_outlive_a_hangup(self._asked.cluster):
            self._run_all(units, keep)

    def _run_all(self, units: Sequence[Unit], keep: Keep) -> None:
        flights: list[_Flight] = []
        try:
            self._take_up(units, flights, keep)
            flying = {unit.name for flight in flights for unit in flight.units}
            anywhere, together, alone = parted([u for u in units if u.name not in flying])
            if self._asked.cluster != "slurm":  # nothing else keeps timed runs apart here
                self._run([], flights, keep)
            self._run([*([unit] for unit in anywhere), together], flights, keep)
            self._run([alone], flights, keep)
        except BaseException:
            cancel([flight.ticket for flight in flights], self.folder)
            for flight in flights:  # of processes of this machine, take note that they ended
                while flight.ticket.cluster == "local" and flight.job and not flight.job.done():
                    time.sleep(POLL_SECONDS["local"])
            raise

    def _take_up(self, units: Sequence[Unit], flights: list[_Flight], keep: Keep) -> None:
        """Find the jobs of an earlier process that go on; those of no use are given up."""
        useless = []
        for ticket in tickets(self.folder):
            wanted = [unit for unit in units if ticket.units.get(unit.name) == unit.digest]
            if ticket.job is None or not wanted:
                useless.append(ticket)
            else:
                flights.append(_Flight(ticket, wanted, _known_job(ticket, self.folder)))
        if useless:
            cancel(useless, self.folder)
        if flights:
            jobs = ", ".join(str(flight.ticket.job) for flight in flights)
            self._tell(f"slurm: waiting for the jobs of an earlier command: {jobs}")

    def _run(self, groups: Iterable[list[Unit]], flights: list[_Flight], keep: Keep) -> None:
        """Run each group as a job, beside the jobs that fly, until all have ended."""
        waiting = deque(group for group in groups if group)
        while waiting or flights:
            free = len(waiting) if self.jobs is None else self.jobs - len(flights)
            batch = [waiting.popleft() for _ in range(min(free, len(waiting)))]
            for alone in (False, True):
                of_kind = [group for group in batch if (group[0].kind == "timing") is alone]
                if of_kind:
                    self._submit(of_kind, flights, alone)
            for flight in list(flights):
                ended = self._ended(flight, flights)
                self._take(flight, keep)
                if ended and flight.units:
                    self._wait_for(flight, keep)
                if ended and (again := self._run_again(flight, keep)):
                    waiting.append(again)
                # Processes of this machine are waited for; what Slurm still does to a job is its own.
                if ended or (not flight.units and flight.ticket.cluster == "slurm"):
                    flight.ticket.drop()
                    flights.remove(flight)
            if flights:
                time.sleep(POLL_SECONDS[self._asked.cluster])

    def _submit(self, groups: Sequence[list[Unit]], flights: list[_Flight], alone: bool) -> None:
        """Submit a job for each group, as one array where the cluster has such.

        Raises:
            UsageError: the cluster does not take them.
        """
        executor = self._executor(groups[0][0].gpus, alone)
        for unit in (unit for group in groups for unit in group):
            with suppress(FileNotFoundError):  # of a run that is to be repeated
                os.unlink(result_path(self.folder, unit))
        made = [new_ticket(self.folder, self._asked.cluster, group) for group in groups]
        try:
            with executor.batch():
                jobs = [
                    executor.submit(run_job, t.path, self.folder, group, self._asked.minutes)
                    for t, group in zip(made, groups, strict=True)
                ]
        except BaseException as error:
            for ticket in made:  # without it a job does nothing
                ticket.drop()
            if isinstance(error, Exception):
                raise _refused(error) from error
            raise
        for ticket, group, job in zip(made, groups, jobs, strict=True):
            known = replace(ticket, job=str(job.job_id)).written()
            flights.append(_Flight(known, list(group), job))

    def _executor(self, gpus: float, alone: bool) -> Any:
        """An executor of submitit, told what a job is given.

        Raises:
            UsageError: there is none here, or it does not take an option.
        """
        import submitit

        # What it tells goes to standard output, which is the report's.
        logging.getLogger("submitit").setLevel(logging.ERROR)
        asked, memory = self._asked, self._room.memory_bytes
        of_slurm = {
            "exclusive": True if alone else None,
            "partition": asked.partition,
            # Of the last tenth of the job, so that what runs can be ended and told.
            "signal_delay_s": min(90, 6 * asked.minutes),
            "array_parallelism": self.jobs,
            "additional_parameters": dict(asked.more) or None,
        }
        try:
            executor = submitit.AutoExecutor(self.folder, cluster=asked.cluster)
            executor.update_parameters(
                name="ppodiag",
                timeout_min=asked.minutes,
                cpus_per_task=self._room.cpus,
                gpus_per_node=int(gpus) or None,
                mem_gb=None if memory is None else memory / 2**30,
                **{f"slurm_{key}": v for key, v in of_slurm.items() if v is not None},
            )
        except Exception as error:
            raise _refused(error) from error
        return executor

    def _ended(self, flight: _Flight, flights: Sequence[_Flight]) -> bool:
        ticket = flight.ticket
        if ticket.cluster == "slurm":
            if flight.job.paths.result_pickle.exists():
                return True
            return not self._queue.has(
                str(ticket.job),
                lambda: [str(f.ticket.job) for f in flights if f.ticket.cluster == "slurm"],
            )
        return (
            not runs_here(str(ticket.job), self.folder) if flight.job is None else flight.job.done()
        )

    def _take(self, flight: _Flight, keep: Keep) -> None:
        """Keep the results that are there."""
        for unit in list(flight.units):
            result = read_result(self.folder, unit)
            if result is not None:
                flight.units.remove(unit)
                keep(own_result(unit, result))
                os.unlink(result_path(self.folder, unit))

    def _wait_for(self, flight: _Flight, keep: Keep) -> None:
        until = time.monotonic() + LATE_SECONDS[flight.ticket.cluster]
        while flight.units and time.monotonic() < until:
            time.sleep(POLL_SECONDS["slurm"])
            os.listdir(self.folder)
            self._take(flight, keep)

    def _run_again(self, flight: _Flight, keep: Keep) -> list[Unit]:
        """Units of an ended job that are to run again; one that failed with it is kept as failed."""
        if not flight.units:
            return []
        state, tail = _last_words(flight)
        why = ENDED_FOR_GOOD.get(state, "")
        first = flight.units[0]  # units run in their order, so it is the one that ran
        lost = self._lost[first.name] = self._lost.get(first.name, 0) + 1
        if not why and lost > LOSSES:
            why = f"its job was lost {lost} times"
        if why:
            keep(failed_result(first, why, tail))
            return flight.units[1:]
        job, ended = flight.ticket.job, f" ({state})" if state else ""
        self._tell(f"lost: {first.name}: job {job} ended without a result{ended}; run again")
        return list(flight.units)


@contextmanager
def _jobs_outlive_a_hangup(cluster: str) -> Iterator[None]:
    """Let a lost connection end this process at once, so that nothing cancels what Slurm runs."""
    number = getattr(signal, "SIGHUP", None)
    main = threading.current_thread() is threading.main_thread()
    if cluster != "slurm" or number is None or not main or not callable(signal.getsignal(number)):
        yield  # nohup's answer stays
        return
    before = signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(number, before)


def _known_job(ticket: Ticket, folder: str) -> Any:
    """The handle that submitit has of a job that an earlier process submitted; None: there is none."""
    if ticket.cluster != "slurm":
        return None
    import submitit

    return submitit.SlurmJob(folder=folder, job_id=str(ticket.job))


def _last_words(flight: _Flight) -> tuple[str, str]:
    """The state in which a job ended, where Slurm says it, and what it wrote."""
    state = state_of(str(flight.ticket.job)) if flight.ticket.cluster == "slurm" else ""
    try:
        return state, (flight.job.stderr() or "") if flight.job is not None else ""
    except (OSError, ValueError):
        return state, ""


def _refused(error: Exception) -> UsageError:
    """What a person is told where submitit, or Slurm, does not take a job."""
    if "srun" in str(error) and isinstance(error, RuntimeError):
        return UsageError(
            "there is no Slurm here: srun is not on the PATH",
            "run it where jobs are submitted; --slurm-cluster local goes without Slurm",
        )
    said = str(error)
    if isinstance(error.__cause__, subprocess.CalledProcessError):
        said = error.__cause__.stderr or said
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return UsageError(
        f"Slurm does not take the jobs: {lines[-1] if lines else type(error).__name__}",
        "see --slurm-partition, --slurm-time, --gpus, --cpus, --mem and --slurm-set",
    )
