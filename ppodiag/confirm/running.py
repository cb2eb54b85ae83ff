"""Carrying out runs: each in a process of the trainer, its log kept at once or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ppodiag.ablate.unit import ONE_THREAD, PID
from ppodiag.confirm.arm import CHEAPEST, OWN, Prepared
from ppodiag.confirm.log import Log, read_log
from ppodiag.errors import UsageError
from ppodiag.exits import USAGE
from ppodiag.files import from_here
from ppodiag.healthy import HEALTHY
from ppodiag.json_text import read_json
from ppodiag.launch.orphans import end_orphan
from ppodiag.launch.preflight import refuse_early
from ppodiag.launch.process import Ended, run_process
from ppodiag.launch.trainer import BundledTrainer
from ppodiag.writing import write_whole

RESULT = "result.json"
RUNS = "runs"

Watch = Callable[[int, int], None]
"""Called now and then with the rollouts that are done, and all of them."""


@dataclass(frozen=True, eq=False)
class Ran:
    """What came of a run.

    Attributes:
        log: what it logged; empty where it failed.
        seconds: from the start of the process to its end.
        failure: why it failed, in a line; empty where it did not.
        refused: whether that is a refusal of the configuration, which is no fault of the run.
        kept: whether an earlier command made it.
    """

    log: Log
    seconds: float
    failure: str = ""
    refused: bool = False
    kept: bool = False


class _Enough(Exception):
    """The run has shown what it was made for."""


class Bench:
    """A folder of runs.

    Attributes:
        folder: absolute; made when the first run begins.
        timeout: seconds of one run; None: none.
    """

    def __init__(self, folder: str, timeout: float | None = None) -> None:
        self.folder, self.timeout = os.path.abspath(folder), timeout

    def of(self, run: Prepared) -> str:
        """The folder of a run."""
        return os.path.join(self.folder, RUNS, run.name)

    def command(self, run: Prepared, *, out: str = "OUT") -> list[str]:
        """The words that repeat a run, as a person types them at the present folder."""
        config = os.path.join(from_here(self.of(run)), "config.json")
        words = [
            "python",
            "-m",
            "reference_trainer",
            config,
            "--env",
            run.env,
            "--device",
            run.device,
        ]
        return [*words, "--seed", str(run.seed), "--out", out]

    def kept(self, run: Prepared) -> Ran | None:
        """What an earlier command kept of this run; None: nothing, or nothing that can be read."""
        try:
            found = read_json(os.path.join(self.of(run), RESULT))
            if found["digest"] != run.digest():
                return None
            columns = {
                name: np.array([np.nan if v is None else v for v in values], float)
                for name, values in found["columns"].items()
            }
            log, seconds = Log(columns, found["refused"]), float(found["seconds"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
            return None
        return Ran(log, seconds, kept=True)

    def carry_out(self, run: Prepared, watch: Watch | None = None) -> Ran:
        """Run to the end, or to where it has shown enough, and keep the log; a failure is not kept.

        Raises:
            UsageError: the folder cannot be written, or the trainer cannot be started.
        """
        folder = self.of(run)
        end_orphan(os.path.join(folder, PID))
        shutil.rmtree(folder, ignore_errors=True)
        try:
            os.makedirs(folder)
        except OSError as error:
            raise UsageError(
                f"cannot make {folder}: {error.strerror}", "choose another --out"
            ) from None
        config, out = os.path.join(folder, "config.json"), os.path.join(folder, "run")
        write_whole(config, run.text().encode("utf-8", "surrogatepass"))
        counter = _Counter(os.path.join(out, "log.jsonl"), run, watch)
        trainer = BundledTrainer(run.env, run.device)
        ended, failure = None, ""
        try:
            ended = run_process(
                trainer.command(config, (run.seed,), out),
                os.path.join(folder, "output.txt"),
                environment=ONE_THREAD,
                timeout=self.timeout,
                tick=counter,
                pid_file=os.path.join(folder, PID),
            )
            failure = ended.failure
        except _Enough:
            pass
        return self._kept(run, ended, failure, counter.seconds, read_log(out))

    def _kept(
        self, run: Prepared, ended: Ended | None, failure: str, seconds: float, log: Log
    ) -> Ran:
        """The outcome of an ended process, written down where it is one."""
        refused = ""
        if ended is not None:
            seconds = ended.seconds
            if ended.code == USAGE and not ended.timed_out:
                refused = _said(ended.tail)
                failure = "" if run.refusal else f"the trainer refuses it: {refused}"
            elif failure:
                failure += f": {_said(ended.tail, last=True)}" if ended.tail.strip() else ""
        log = Log(log.columns, refused).cut(run.rollouts)
        if not failure and not refused and len(log) < run.rollouts:
            failure = f"the log has {len(log)} of {run.rollouts} rollouts"
        if failure:
            return Ran(Log(), seconds, failure, bool(refused))
        columns = {
            name: [None if np.isnan(v) else v for v in values.tolist()]
            for name, values in log.columns.items()
        }
        result = {
            "digest": run.digest(), "command": self.command(run), "seconds": seconds,
            "refused": refused, "columns": columns,
        }  # fmt: skip
        path = os.path.join(self.of(run), RESULT)
        write_whole(path, (json.dumps(result, allow_nan=True) + "\n").encode())
        return Ran(log, seconds)


def refuse_places(runs: Iterable[Prepared]) -> None:
    """Nothing where the trainer takes the environments and devices of some runs.

    They are asked for with a healthy configuration, so that only they can be at fault: of the file
    itself a refusal may be what an experiment is about. The bundled environments on the CPU are there.

    Raises:
        UsageError: it refuses one, in its own words.
    """
    text = json.dumps(HEALTHY)
    for env, device in dict.fromkeys((run.env, run.device) for run in runs):
        if env not in (CHEAPEST, OWN) or device != "cpu":
            refuse_early(BundledTrainer(env, device), "", {"": text}, 0)


class _Counter:
    """Counts the rows of a log while it is written, and ends a run that has shown enough."""

    def __init__(self, path: str, run: Prepared, watch: Watch | None) -> None:
        import time

        self._clock = time.monotonic
        self._path, self._run, self._watch = path, run, watch
        self._at, self._rows, self._began = 0, 0, self._clock()

    @property
    def seconds(self) -> float:
        """Since the run was begun."""
        return self._clock() - self._began

    def __call__(self) -> None:
        try:
            with open(self._path, "rb") as file:
                file.seek(self._at)
                new = file.read()
        except OSError:
            new = b""
        self._at += len(new)
        self._rows += new.count(b"\n")
        if self._watch is not None:
            self._watch(min(self._rows, self._run.rollouts), self._run.rollouts)
        if self._run.stop and self._rows >= self._run.rollouts:
            raise _Enough


def _said(tail: str, last: bool = False) -> str:
    """The message of a trainer's output: its line that begins with `error: `, or its last one."""
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    if not last:
        lines = [
            line.removeprefix("error: ") for line in lines if line.startswith("error: ")
        ] or lines
        return lines[0] if lines else "it says nothing"
    return lines[-1]
