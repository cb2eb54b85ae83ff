"""A run on the disk: logs and checkpoints of a group of seeds that are trained at once."""

from __future__ import annotations

import math
import os
import time
from typing import Any

from ppodiag.errors import UsageError
from reference_trainer.checkpoint import load_checkpoint, save_checkpoint
from reference_trainer.logs import SeedLog, read_rows
from reference_trainer.rows import Row
from reference_trainer.trainer import Trainer

CHECKPOINTS = "checkpoints"
CHECKPOINT_SECONDS = 30.0
"""Seconds between two checkpoints where nothing else is asked for."""


class Recorder:
    """Writes what one trainer does, and lets it go on from there.

    Attributes:
        notes: what a reader of the logs must know.
    """

    def __init__(
        self, trainer: Trainer, out: str, folders: dict[int, str], seconds: float, resume: bool
    ) -> None:
        """Open the logs; where the run is resumed, put the trainer back to its last checkpoint.

        Args:
            trainer: what is recorded.
            out: folder of the run.
            folders: of each seed.
            seconds: between two checkpoints; 0: one after each update, ∞: none.
            resume: whether to go on with what is there.

        Raises:
            UsageError: nothing can be written, or what is there is of another run.
        """
        self.trainer, self.folders, self.seconds = trainer, folders, seconds
        names = [str(seed) for seed in trainer.seeds]
        self.folder = os.path.join(out, CHECKPOINTS, "seeds-" + "-".join(names))
        if len(self.folder) > 200:
            self.folder = os.path.join(out, CHECKPOINTS, f"seeds-{names[0]}-to-{names[-1]}")
        self.notes: tuple[str, ...] = ()
        positions: dict[str, Any] = {}
        if resume:
            positions = self._restore()
        self.logs = {
            seed: SeedLog(folders[seed], positions.get(str(seed))) for seed in trainer.seeds
        }
        remarks = {log.remark for log in self.logs.values() if log.remark}
        self.notes += tuple(sorted(remarks))
        self._last = time.monotonic()

    def _restore(self) -> dict[str, Any]:
        state, notes = load_checkpoint(self.folder)
        self.notes += notes
        if state is None:
            return {}
        try:
            self.trainer.load_state(state["trainer"])
            positions = {seed: dict(found) for seed, found in state["positions"].items()}
        except (KeyError, ValueError, TypeError, AttributeError, IndexError, RuntimeError) as error:
            raise UsageError(
                f"{self.folder} is of another run: {error}", "give the folder that --out named"
            ) from None
        if not self.trainer.env.spec.resumable and self.trainer.counters.rollouts:
            self.notes += (
                f"{self.trainer.env.spec.name} cannot be put back into the middle of an episode: "
                f"its episodes began anew at rollout {self.trainer.counters.rollouts:,}",
            )
        return positions

    def rows(self) -> list[Row]:
        """The rows that the logs hold already."""
        return [
            Row(seed, values)
            for seed in self.trainer.seeds
            for values in read_rows(self.folders[seed])
        ]

    def write(self, rows: list[Row]) -> None:
        """Write rows, and a checkpoint where it is time."""
        for row in rows:
            self.logs[row.seed].write(row.values)
        if self.seconds == math.inf:
            return
        if self.trainer.done or time.monotonic() - self._last >= self.seconds:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Write a checkpoint, after everything that it builds on."""
        positions = {str(seed): log.positions() for seed, log in self.logs.items()}
        state = {"trainer": self.trainer.state(), "positions": positions}
        save_checkpoint(self.folder, self.trainer.counters.rollouts, state)
        self._last = time.monotonic()

    def close(self) -> None:
        """Close the logs."""
        for log in self.logs.values():
            log.close()
