"""The learning rates and minibatch sizes of a run, read from ppodiag's own definitions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ppodiag.batch import BatchLaw, adapt, batch_law, minibatch_size
from ppodiag.context import Context
from ppodiag.plan import read_ticks
from ppodiag.schedule import lr_ratio
from reference_trainer.minibatches import Cut

FloatArray = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Clock:
    """The clock of the learning rate, and the state of the minibatch size, of one seed.

    Attributes:
        tick: t, ticks of the profile's clock since the start of the run.
        state: b, the minibatch size as the law keeps it, in samples.
        reference: the moving reference of the law; 0 before the first norm.
    """

    context: Context
    law: BatchLaw | None
    tick: int
    state: float
    reference: float = 0.0

    @property
    def size(self) -> int:
        """B of the next update, in samples."""
        return self.context.size if self.law is None else int(minibatch_size(self.law, self.state))

    def rates(self, cut: Cut) -> FloatArray:
        """The learning rate of each optimizer step of the next update, (E·G,)."""
        epoch, window = np.divmod(np.arange(cut.optimizer_steps), len(cut.windows))
        last = np.array([minibatches[-1] for minibatches in cut.windows])
        ticks = read_ticks(
            self.context.profile,
            self.tick,
            self.context.rollout.samples,
            epoch * cut.minibatches + last[window],
            epoch * len(cut.windows) + window,
        )
        ratios = lr_ratio(self.context.schedule, ticks, np)
        return np.asarray(self.context.config.lr * ratios, dtype=np.float64)

    def advance(self, cut: Cut, windows: int) -> None:
        """Let the clock tick for an update that did so many optimizer steps."""
        self.tick += {
            "minibatch": cut.minibatches_done(windows),
            "optimizer_step": windows,
            "update": 1,
            "env_step": self.context.rollout.samples,
        }[self.context.profile.clock]

    def adapt(self, norm: float | None) -> None:
        """Let the minibatch size follow the norm of an applied update; None: it has none."""
        if self.law is None:
            return
        state, reference = adapt(
            self.law,
            np.float64(self.state),
            np.float64(self.reference),
            np.float64(math.nan if norm is None else norm),
        )
        self.state, self.reference = float(state), float(reference)


def start_clock(context: Context) -> Clock:
    """The clock of a run before its first applied update."""
    law = batch_law(context.config, context.profile) if context.config.adaptive_batch else None
    first = context.run.first_tick if context.budget.applied > 0 else 0
    return Clock(context, law, first, law.initial if law else float(context.size))
