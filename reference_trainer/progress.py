"""One line on the terminal while a run goes on."""

from __future__ import annotations

import math
import time

from ppodiag.commands.progress import Line
from reference_trainer.rows import Row
from reference_trainer.trainer import Trainer


class ProgressLine:
    """Shows env steps, speed, return, learning rate, batch size, KL and the time left.

    On a terminal one line that changes; elsewhere nothing, or a line now and then where it is asked for.
    """

    def __init__(self) -> None:
        """Begin."""
        self._line = Line(first_after=0.0)
        self._began = time.monotonic()
        self._first: int | None = None
        self._trainer: Trainer | None = None
        self._returns = math.nan

    def __call__(self, trainer: Trainer, rows: list[Row]) -> None:
        """Show what an update gave."""
        found = [row.number("episode_return") for row in rows]
        known = [value for value in found if not math.isnan(value)]
        if known:
            self._returns = sum(known) / len(known)
        if trainer is not self._trainer:  # the next seed
            self._trainer, self._began, self._first = trainer, time.monotonic(), None
        now = time.monotonic()
        if self._first is None:
            self._first, self._began = trainer.counters.rollouts, now
        if self._line.due():
            samples = trainer.experiment.context.rollout.samples
            self._line.show(
                self.text(trainer, rows[0], now),
                done=trainer.counters.rollouts * samples,
                whole=trainer.rollouts * samples,
                unit="env steps",
            )

    def text(self, trainer: Trainer, row: Row, now: float) -> str:
        """The line, of the first of the seeds; return is the mean over them, the rate their sum."""
        done = trainer.counters.rollouts - (self._first or 0)
        elapsed = max(now - self._began, 1e-9)
        samples, seeds = trainer.experiment.context.rollout.samples, len(trainer.seeds)
        speed = done * samples * seeds / elapsed
        left = (trainer.rollouts - trainer.counters.rollouts) * elapsed / max(done, 1)
        together = f" by {seeds} seeds" if seeds > 1 else ""
        parts = [
            f"{trainer.counters.rollouts * samples:,} of {trainer.rollouts * samples:,} env steps",
            f"{speed:,.0f}/s{together}" if done else "",
            f"return {self._returns:.4g}",
            f"LR {row.number('lr'):.3g}",
            f"B {row.values['minibatch_size']}",
            f"KL {row.number('approx_kl'):.2g}",
            f"{left:.0f} s left" if done else "",
        ]
        return ", ".join(part for part in parts if part and "nan" not in part)[:98]

    def close(self) -> None:
        """Take the line away."""
        self._line.close()
