"""Running the trainer for a dead-knob test, each different run once, and keeping what it gave."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from typing import Any

from ppodiag.ablate.dead_knobs.plan import Run
from ppodiag.ablate.executors.local import Stopped
from ppodiag.ablate.unit import ONE_THREAD, PID
from ppodiag.errors import PpodiagError, UsageError
from ppodiag.json_text import read_json
from ppodiag.launch.orphans import end_orphan
from ppodiag.launch.process import run_process
from ppodiag.launch.software import deciding, named_files
from ppodiag.launch.trainer import Trainer, UserTrainer
from ppodiag.locking import without_lock
from ppodiag.runlog import read_run
from ppodiag.runlog.run import Run as Log
from ppodiag.writing import write_whole

RECORD = "dead-knobs.json"
RESULT = "result.json"
LOG = "run"
POLL_SECONDS = 0.2

Progress = Callable[[int, int], None]
"""Takes the number of runs that are done, and of all."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a run.

    Attributes:
        name: what it was for.
        failure: why it has no log; empty: it has one.
        tail: the last of what it wrote on its outputs, where it failed.
        seconds: of the process.
        peak_bytes: largest resident memory of the process; None: not known.
        folder: of its log.
        kept: it was there already.
    """

    name: str
    failure: str
    tail: str
    seconds: float
    peak_bytes: int | None
    folder: str
    kept: bool = False

    def log(self) -> Log:
        """Its log.

        Raises:
            UsageError: it cannot be read any more.
        """
        return read_run(self.folder)


class Bench:
    """Where runs are made and kept.

    Attributes:
        trainer: what runs them.
        folder: where results lie, absolute.
        jobs: processes at once, of those that nothing is timed of.
        timeout: seconds of a process; None: none.
    """

    def __init__(
        self, trainer: Trainer, folder: str, jobs: int = 1, timeout: float | None = None
    ) -> None:
        self.trainer = trainer
        self.folder = os.path.abspath(folder)
        self.jobs = jobs
        self.timeout = timeout
        self._identity = {**trainer.identity(), "files": named_files(trainer)}
        self._software = deciding(not isinstance(trainer, UserTrainer))
        self._begin()

    def _begin(self) -> None:
        record = os.path.join(self.folder, RECORD)
        if without_lock(self.folder) and not os.path.exists(record):
            raise UsageError(
                f"{self.folder} is not empty and holds no dead-knob test", "choose another --out"
            )
        try:
            os.makedirs(self.folder, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"cannot make {self.folder}: {error.strerror}", "choose another --out"
            ) from None
        content = {"trainer": self._identity, "software": self._software}
        write_whole(record, (json.dumps(content, indent=2) + "\n").encode())

    def digest(self, run: Run) -> str:
        """SHA-256 of all that decides a run, the software among it."""
        decides = [
            run.config.value, run.seed, run.repeat, self._identity, self._software
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()

    def has(self, run: Run) -> bool:
        """Whether a run is there already."""
        return self._kept(self.digest(run)) is not None

    def run(self, runs: Iterable[Run], progress: Progress | None = None) -> dict[str, Done]:
        """Digest to what came of each run; equal runs are made once, and not again if they are there.

        Runs whose time is taken are made one by one, in the order given, after the others.
        """
        wanted = {self.digest(run): run for run in runs}
        found = {digest: self._kept(digest) for digest in wanted}
        done = {digest: kept for digest, kept in found.items() if kept is not None}
        missing = [(digest, run) for digest, run in wanted.items() if digest not in done]

        def keep(digest: str, result: Done) -> None:
            done[digest] = result
            if progress is not None:
                progress(len(done), len(wanted))

        self._all([pair for pair in missing if not pair[1].alone], self.jobs, keep)
        self._all([pair for pair in missing if pair[1].alone], 1, keep)
        return done

    def _all(
        self, runs: list[tuple[str, Run]], jobs: int, keep: Callable[[str, Done], None]
    ) -> None:
        if not runs:
            return
        stop = threading.Event()

        def tick() -> None:
            if stop.is_set():
                raise Stopped

        def work(digest: str, run: Run) -> tuple[str, Done]:
            tick()
            return digest, self._one(digest, run, tick)

        with ThreadPoolExecutor(min(jobs, len(runs))) as pool:
            waiting: set[Future[tuple[str, Done]]] = {pool.submit(work, *pair) for pair in runs}
            try:
                while waiting:
                    ready, waiting = wait(waiting, POLL_SECONDS, FIRST_COMPLETED)
                    for future in ready:
                        keep(*future.result())
            except BaseException:
                stop.set()
                for future in waiting:
                    future.cancel()
                raise

    def _at(self, digest: str) -> str:
        return os.path.join(self.folder, "runs", digest[:16])

    def _kept(self, digest: str) -> Done | None:
        """A run that came to its end with a log; a failed one is made again."""
        try:
            found = read_json(os.path.join(self._at(digest), RESULT))
        except (OSError, ValueError):
            return None
        if not isinstance(found, dict) or found.get("digest") != digest or found.get("failure"):
            return None
        folder = os.path.join(self._at(digest), LOG)
        return Done(found["name"], "", "", found["seconds"], found["peak_bytes"], folder, True)

    def _one(self, digest: str, run: Run, tick: Callable[[], None]) -> Done:
        folder = self._at(digest)
        end_orphan(os.path.join(folder, PID))
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        config = os.path.join(folder, run.config.file_name())
        write_whole(config, run.config.text().encode())
        out = os.path.join(folder, LOG)
        if isinstance(self.trainer, UserTrainer):
            os.makedirs(out)
        ended = run_process(
            self.trainer.command(config, (run.seed,), out),
            os.path.join(folder, "output.txt"),
            environment=ONE_THREAD,
            timeout=self.timeout,
            tick=tick,
            pid_file=os.path.join(folder, PID),
        )
        log = self.trainer.folder(out, run.seed, 1)
        failure = ended.failure or _unreadable(log)
        tail = ended.tail if failure else ""
        done = Done(run.name, failure, tail, ended.seconds, ended.peak_bytes, log)
        record: dict[str, Any] = {**asdict(done), "digest": digest}
        del record["folder"], record["kept"]
        write_whole(os.path.join(folder, RESULT), (json.dumps(record) + "\n").encode())
        return done


def _unreadable(log: str) -> str:
    """Why a run that ended well has no log; empty: it has one."""
    try:
        read_run(log)
    except PpodiagError as error:
        return f"no log that can be read: {error.message.removeprefix(log + ': ')}"
    return ""
