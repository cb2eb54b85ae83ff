"""One unit of work: an arm and some seeds, trained by one process, and what came of it.

A unit knows all that it needs, so that any machine can run it; whoever asked for it keeps its result.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ppodiag.ablate.run_summary import summarise
from ppodiag.errors import PpodiagError
from ppodiag.launch.leash import leashed
from ppodiag.launch.orphans import end_orphan
from ppodiag.launch.process import TAIL_BYTES, Ended, read_tail, run_process
from ppodiag.launch.software import deciding, versions
from ppodiag.launch.trainer import BundledTrainer, Trainer, UserTrainer
from ppodiag.writing import write_whole

ATTEMPTS = 2
"""A unit that fails is tried once more."""

PID = "pid"

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""Processes share the machine by cores, and not by threads that wait for each other."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is to be run.

    Attributes:
        arm: its name.
        seeds: trained by one process.
        config: the configuration's text.
        file_name: under which it is handed to the trainer.
        trainer: `Trainer.identity()`, of a user's with the hashes of the files that it names.
        folder: for its logs, absolute.
        timeout: seconds of an attempt; None: none.
        kind: learning, timing, or probe, of whether equal runs are equal.
        round: of the timing or the probe; 0 for learning.
        gpus: that it asks an executor for.
    """

    arm: str
    seeds: tuple[int, ...]
    config: str
    file_name: str
    trainer: dict[str, Any]
    folder: str
    timeout: float | None = None
    kind: str = "learning"
    round: int = 0
    gpus: float = 0.0

    @property
    def name(self) -> str:
        """Of its result: unique in a study."""
        if self.kind in ("timing", "probe"):
            return f"{self.kind}/{self.arm}/round-{self.round}"
        first, last = self.seeds[0], self.seeds[-1]
        seeds = f"seed-{first}" if first == last else f"seeds-{first}-{last}"
        return f"learning/{self.arm}/{seeds}"

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides the result, the software of this machine among it."""
        decides = [
            json.loads(self.config), list(self.seeds), self.trainer, self.kind, self.round,
            deciding(bundled(self.trainer)),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def bundled(identity: dict[str, Any]) -> bool:
    """Whether an identity is the bundled trainer's."""
    return bool(identity["trainer"] == "reference_trainer")


def trainer_of(identity: dict[str, Any]) -> Trainer:
    """The trainer of an identity."""
    if bundled(identity):
        return BundledTrainer(identity["env"], identity["device"], tuple(identity["options"]))
    return UserTrainer(identity["trainer"])


def run_unit(
    unit: Unit, tick: Callable[[], None] | None = None, *, leash: bool = False
) -> dict[str, Any]:
    """Run a unit to its end, once more where it fails; its result, which holds no path.

    The folder of the unit is emptied first: what an interrupted process left there does not count, and
    a trainer that outlived it is ended.

    Args:
        unit: what to run.
        tick: called now and then; what it raises ends the trainer and passes through.
        leash: whether the trainer is killed with this process, where that can be had.
    """
    for attempt in range(1, ATTEMPTS + 1):
        end_orphan(os.path.join(unit.folder, f"attempt-{attempt}", PID))
    shutil.rmtree(unit.folder, ignore_errors=True)
    failures: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    seconds, peak, load = 0.0, None, _load()
    for attempt in range(1, ATTEMPTS + 1):
        folder = os.path.join(unit.folder, f"attempt-{attempt}")
        try:
            ended = _attempt(unit, folder, tick, leash)
            failure, tail = ended.failure, ended.tail
            seconds, peak = ended.seconds, ended.peak_bytes
            if not failure:
                runs = _read(unit, folder)
                break
        except PpodiagError as error:
            failure, tail = str(error), _tail(folder)
        except Exception:
            # Whatever goes wrong in a worker is an outcome of its unit, and is told as one.
            failure, tail = "a fault of ppodiag", traceback.format_exc()
        failures.append({"attempt": attempt, "failure": failure, "tail": tail})
    return _result(
        unit,
        runs,
        failures,
        {
            "seconds": seconds,
            "peak_process_bytes": peak,
            "machine": platform.node(),
            "platform": platform.platform(),
            "cores": os.cpu_count(),
            "load": load,
        },
    )


def _load() -> float | None:
    """Processes that want a core, mean of the last minute; None: not known here."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows has no such figure
        return None


def failed_result(unit: Unit, failure: str, tail: str = "") -> dict[str, Any]:
    """The result of a unit that was lost with the process that ran it; nothing of it was measured.

    Args:
        unit: what was to be run.
        failure: why it is lost, in a line.
        tail: the last of what was said about it.
    """
    failures = [{"attempt": 1, "failure": failure, "tail": tail[-TAIL_BYTES:]}]
    nothing = {
        "seconds": 0.0,
        "peak_process_bytes": None,
        "machine": None,
        "platform": None,
        "cores": None,
        "load": None,
    }
    return _result(unit, [], failures, nothing)


def own_result(unit: Unit, result: dict[str, Any]) -> dict[str, Any]:
    """A result as another process gave it; a failed one where that process runs other software."""
    if result["digest"] == unit.digest:
        return result
    theirs, ours = result["software"], versions()
    apart = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    said = [
        f"{name} {theirs.get(name, 'absent')}, here {ours.get(name, 'absent')}" for name in apart
    ]
    return failed_result(
        unit,
        f"run with other software: {'; '.join(said) or 'the same versions with changed sources'}",
        "Every machine needs the same ppodiag, and the same libraries for the bundled trainer.",
    )


def _result(
    unit: Unit,
    runs: list[dict[str, Any]],
    failures: list[dict[str, Any]],
    measured: dict[str, Any],
) -> dict[str, Any]:
    return {
        "unit": unit.name,
        "kind": unit.kind,
        "round": unit.round,
        "arm": unit.arm,
        "seeds": list(unit.seeds),
        "digest": unit.digest,
        "status": "complete" if runs else "failed",
        "failures": failures,
        "runs": runs,
        "software": versions(),
        "configuration_sha256": hashlib.sha256(unit.config.encode()).hexdigest(),
        "measured": measured,
    }


def _attempt(unit: Unit, folder: str, tick: Callable[[], None] | None, leash: bool) -> Ended:
    os.makedirs(folder)
    config = os.path.join(folder, unit.file_name)
    write_whole(config, unit.config.encode())
    out = os.path.join(folder, "run")
    trainer = trainer_of(unit.trainer)
    if not trainer.many_seeds:
        os.makedirs(out)
    command = trainer.command(config, unit.seeds, out)
    return run_process(
        leashed(command) if leash else command,
        os.path.join(folder, "output.txt"),
        environment=ONE_THREAD,
        timeout=unit.timeout,
        tick=tick,
        pid_file=os.path.join(folder, PID),
    )


def _tail(folder: str) -> str:
    path = os.path.join(folder, "output.txt")
    return read_tail(path) if os.path.exists(path) else ""


def _read(unit: Unit, folder: str) -> list[dict[str, Any]]:
    trainer = trainer_of(unit.trainer)
    out = os.path.join(folder, "run")
    return [
        {"seed": seed, **asdict(summarise(trainer.folder(out, seed, len(unit.seeds))))}
        for seed in unit.seeds
    ]
