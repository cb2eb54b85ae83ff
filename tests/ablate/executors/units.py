"""Units of the fake trainer, and what their results have in common."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ppodiag.ablate.unit import Unit
from ppodiag.launch.trainer import UserTrainer

TRAINER = Path(__file__).with_name("fake_trainer.py")
TEMPLATE = f"{{python}} {TRAINER} --config {{config}} --seed {{seed}} --out {{out}}"


def unit(folder: Path, arm: str = "all on", seed: int = 0, **more: Any) -> Unit:
    """A unit of one seed; `fault` and `mark` go into its configuration, the rest are fields."""
    config = {"lr": 3e-4 if arm == "all on" else 1e-3}
    config.update({key: more.pop(key) for key in ("fault", "mark") if key in more})
    kind = more.get("kind", "learning")
    own = folder / "units" / kind / arm / f"{seed}-{more.get('round', 0)}"
    return Unit(
        arm, (seed,), json.dumps(config), "config.json", UserTrainer(TEMPLATE).identity(),
        str(own), **more,
    )  # fmt: skip


def small_study(folder: Path) -> list[Unit]:
    """Two arms of two seeds, two timed rounds, and one unit that fails."""
    arms = ("all on", "no warmup")
    learning = [unit(folder, arm, seed) for seed in (0, 1) for arm in arms]
    timing = [unit(folder, arm, 0, kind="timing", round=n) for n in (0, 1) for arm in arms]
    return [*learning, unit(folder, "broken", fault="fails"), *timing]


def bare(result: dict[str, Any]) -> dict[str, Any]:
    """A result without what depends on the time and the machine."""
    runs = [{k: v for k, v in run.items() if k != "speeds"} for run in result["runs"]]
    return {k: v for k, v in result.items() if k != "measured"} | {"runs": runs}


def by_name(results: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Results by their unit; each has come once."""
    found = {result["unit"]: bare(result) for result in results}
    assert len(found) == len(results)
    return found


def pids(mark: Path) -> list[int]:
    """The processes of the trainer that left this mark."""
    return [int(line) for line in mark.read_text().split()] if mark.exists() else []


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody asked about does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone(pid: int, seconds: float = 10.0) -> bool:
    """Whether a process ends within some seconds."""
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)


def interrupt_when(mark: Path, seconds: float = 30.0) -> None:
    """Send this process SIGINT as soon as a trainer has left its mark; to run in a thread."""
    until = time.monotonic() + seconds
    while not pids(mark) and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(os.getpid(), 2)
