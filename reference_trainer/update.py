"""The PPO update: some epochs over one rollout, window by window."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from reference_trainer.adam import Adam
from reference_trainer.gradients import Gradient
from reference_trainer.losses import STATISTICS, Coefficients, Minibatch
from reference_trainer.minibatches import Cut
from reference_trainer.nets.parameters import Parameters
from reference_trainer.world import World

RECORD = (*STATISTICS, "norm", "norm_clipped", "done")
"""What is recorded of each optimizer step; `done` is 1 where it was not left out by an early stop."""


@dataclass(frozen=True)
class Samples:
    """A rollout as an update sees it: rows (S, R, …) and which of them stands where.

    Attributes:
        observations, actions, log_probs, targets, old_values: by row, (S, R, …); normalised.
        advantages: at the places of each epoch, (S, E, P); normalised.
        rows: row at each place, (S, E, P) int64.
        weights: of each place, (S, E, P): 1/(samples of its window), or 0.
        bounds: first place, place behind the last, and sequences, of each minibatch of each epoch.
        hidden: state at the start of each sequence, (S, Q, H); None: no recurrent layers.
        chosen: sequence at each place of its minibatches, (S, E, Q) int64.
        started: True where a row is the first of its episode, (S, R); None as for `hidden`.
    """

    observations: Tensor
    actions: Tensor
    log_probs: Tensor
    targets: Tensor
    old_values: Tensor
    advantages: Tensor
    rows: Tensor
    weights: Tensor
    bounds: tuple[tuple[tuple[int, int, int], ...], ...]
    hidden: Tensor | None = None
    chosen: Tensor | None = None
    started: Tensor | None = None

    def epoch(self, number: int) -> list[Minibatch]:
        """The minibatches of one epoch; each column is gathered once, and then cut."""
        rows = self.rows[:, number]
        columns = [
            _gathered(column, rows)
            for column in (
                self.observations, self.actions, self.log_probs, self.targets, self.old_values,
            )
        ]  # fmt: skip
        started = None if self.started is None else _gathered(self.started, rows)
        hidden = None
        if self.hidden is not None and self.chosen is not None:
            hidden = _gathered(self.hidden, self.chosen[:, number])
        advantages, weights = self.advantages[:, number], self.weights[:, number]
        cut, sequence = [], 0
        for first, last, sequences in self.bounds[number]:
            observations, actions, log_probs, targets, old_values = (
                column[:, first:last] for column in columns
            )
            cut.append(
                Minibatch(
                    observations=observations,
                    actions=actions,
                    log_probs=log_probs,
                    advantages=advantages[:, first:last],
                    targets=targets,
                    old_values=old_values,
                    weights=weights[:, first:last],
                    hidden=None if hidden is None else hidden[:, sequence : sequence + sequences],
                    started=None if started is None else started[:, first:last],
                )
            )
            sequence += sequences
        return cut


def _gathered(column: Tensor, rows: Tensor) -> Tensor:
    """Rows of each seed: (S, R, …) at (S, P) gives (S, P, …)."""
    if len(column) == 1:
        return column[0].index_select(0, rows[0]).unsqueeze(0)
    seeds = torch.arange(len(column), device=column.device).unsqueeze(-1)
    return column[seeds, rows]


@dataclass(frozen=True)
class Rates:
    """What changes within an update.

    Attributes:
        lr: of each optimizer step, (S, E·G).
        entropy: weight of the entropy bonus of each minibatch, (S, E·M).
    """

    lr: Tensor
    entropy: Tensor


@dataclass(frozen=True)
class Updater:
    """Everything of an update that stays the same over the run.

    Attributes:
        parameters: of all seeds.
        gradient: adds a minibatch's gradient.
        optimizer: takes the steps.
        coefficients: weights of the loss; entropy and KL are those of the update.
        max_grad_norm: norm that a window's gradient is clipped to; None: not clipped.
        kl_threshold: mean k3 of a window above which the rest of the update is left out; None: never.
        world: the processes that train together.
    """

    parameters: Parameters
    gradient: Gradient
    optimizer: Adam
    coefficients: Coefficients
    max_grad_norm: float | None
    kl_threshold: float | None
    world: World

    def run(self, samples: Samples, cut: Cut, rates: Rates, kl: Tensor | None) -> Tensor:
        """Update the parameters in place.

        Args:
            samples: the rollout.
            cut: the shape of an epoch.
            rates: learning rates and entropy weights.
            kl: weight of the KL penalty, (S,), or None.

        Returns:
            `RECORD` of each optimizer step, (S, E·G, 9); on the device, nothing is read by the host
            but, with early stopping, one flag an epoch.
        """
        seeds = self.parameters.flat.shape[0]
        record = self.parameters.flat.new_zeros(seeds, cut.optimizer_steps, len(RECORD))
        active = torch.ones(seeds, dtype=torch.bool, device=record.device)
        coefficients = replace(self.coefficients, kl=kl)
        step = 0
        for epoch in range(cut.epochs):
            if epoch and self.kl_threshold is not None and not bool(active.any()):
                break
            minibatches = samples.epoch(epoch)
            for window in cut.windows:
                sums = self._gather(
                    minibatches, window, coefficients, rates, epoch * cut.minibatches
                )
                norm = self._step(rates.lr[:, step], active)
                record[:, step, : len(STATISTICS)] = sums
                record[:, step, -3:] = torch.stack((norm, self._clipped(norm), active), dim=1)
                if self.kl_threshold is not None:
                    active = active & ~(sums[:, 4] > self.kl_threshold)
                step += 1
        return record

    def _gather(
        self,
        minibatches: list[Minibatch],
        window: range,
        coefficients: Coefficients,
        rates: Rates,
        first: int,
    ) -> Tensor:
        """The window's gradient, in place, and its sums."""
        self.parameters.grad.zero_()
        sums = self.parameters.flat.new_zeros(len(self.parameters.flat), len(STATISTICS))
        for m in window:
            if minibatches[m].weights.shape[1]:  # of several processes one may hold none of it
                now = replace(coefficients, entropy=rates.entropy[:, first + m])
                sums = sums + self.gradient(minibatches[m], now)
        if self.world.size > 1:
            self.world.total(self.parameters.grad)
            sums = self.world.total(sums)
        return sums

    def _clipped(self, norm: Tensor) -> Tensor:
        """The norm after clipping."""
        return norm if self.max_grad_norm is None else norm * clip_scale(norm, self.max_grad_norm)

    def _step(self, lr: Tensor, active: Tensor) -> Tensor:
        """One optimizer step of each seed that is active and has a finite gradient."""
        norm = torch.linalg.vector_norm(self.parameters.grad, dim=1)
        scale = torch.ones_like(norm)
        if self.max_grad_norm is not None:
            scale = clip_scale(norm, self.max_grad_norm)
        self.optimizer.step(
            self.parameters.flat, self.parameters.grad, lr, scale, active & norm.isfinite()
        )
        return norm


def clip_scale(norm: Tensor, max_norm: float) -> Tensor:
    """What a gradient is multiplied with: min(1, max_norm/(norm + 1e-6)), as torch clips."""
    return (max_norm / (norm + 1e-6)).clamp(max=1.0)
