"""The PPO update: some epochs over one rollout, window by window."""

from __future__ import annotations

import math
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor

from reference_trainer.adam import Adam
from reference_trainer.devices import unrecorded
from reference_trainer.gradients import Gradient
from reference_trainer.losses import (
    STATISTICS,
    Coefficients,
    Minibatch,
    Seen,
    mean_k3,
    statistics,
)
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

    def epoch(self, number: int) -> Epoch:
        """One epoch; each column is gathered once, and then cut."""
        rows = _flat_rows(self.rows[:, number], self.observations.shape[1])
        started = hidden = None
        if self.started is not None:
            started = _gathered(self.started, rows)
        if self.hidden is not None and self.chosen is not None:
            chosen = _flat_rows(self.chosen[:, number], self.hidden.shape[1])
            hidden = _gathered(self.hidden, chosen)
        whole = Minibatch(
            observations=_gathered(self.observations, rows),
            actions=_gathered(self.actions, rows),
            log_probs=_gathered(self.log_probs, rows),
            advantages=self.advantages[:, number],
            targets=_gathered(self.targets, rows),
            old_values=_gathered(self.old_values, rows),
            weights=self.weights[:, number],
            hidden=hidden,
            started=started,
        )
        return Epoch(whole, _cut(whole, self.bounds[number]))


@dataclass(frozen=True)
class Epoch:
    """All samples of an epoch in their places, and its minibatches, which are views of them."""

    whole: Minibatch
    minibatches: list[Minibatch]

    def window_sums(self, values: Tensor, windows: tuple[range, ...]) -> Tensor:
        """Sums of values (S, P, K) over the places of each window, (S, G, K)."""
        sizes = [sum(self.minibatches[m].weights.shape[1] for m in window) for window in windows]
        if len(set(sizes)) == 1:
            return values.unflatten(1, (len(sizes), sizes[0])).sum(dim=2)
        return torch.stack([part.sum(dim=1) for part in values.split(sizes, dim=1)], dim=1)


def _cut(whole: Minibatch, bounds: tuple[tuple[int, int, int], ...]) -> list[Minibatch]:
    """The minibatches between some bounds."""
    places = [last - first for first, last, _ in bounds]
    sequences = [count for _, _, count in bounds]
    none = [None] * len(bounds)
    hidden = none if whole.hidden is None else whole.hidden.split(sequences, dim=1)
    started = none if whole.started is None else whole.started.split(places, dim=1)
    columns = (
        whole.observations, whole.actions, whole.log_probs, whole.advantages, whole.targets,
        whole.old_values, whole.weights,
    )  # fmt: skip
    cut = (column.split(places, dim=1) for column in columns)
    return [Minibatch(*parts) for parts in zip(*cut, hidden, started, strict=True)]


def _flat_rows(rows: Tensor, length: int) -> Tensor:
    """Rows (S, P) of S columns of one length, as places in the columns put end to end, (S·P,)."""
    if len(rows) == 1:
        return rows[0]
    firsts = torch.arange(0, len(rows) * length, length, device=rows.device)
    return (rows + firsts.unsqueeze(1)).flatten()


def _gathered(column: Tensor, places: Tensor) -> Tensor:
    """The places of each seed: (S, R, …) at (S·P,) gives (S, P, …)."""
    found = column.flatten(0, 1).index_select(0, places)
    return found.unflatten(0, (len(column), -1))


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
        divisor: minibatches that a window's mean gradients are divided by, however few it has; None:
            those that it has.
        recorded: whether autograd computes the gradient; if not, torch need not record anything.
    """

    parameters: Parameters
    gradient: Gradient
    optimizer: Adam
    coefficients: Coefficients
    max_grad_norm: float | None
    kl_threshold: float | None
    world: World
    divisor: int | None = None
    recorded: bool = True

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
        with nullcontext() if self.recorded else unrecorded(self.parameters.flat.device):
            return self._run(samples, cut, rates, kl)

    def _run(self, samples: Samples, cut: Cut, rates: Rates, kl: Tensor | None) -> Tensor:
        flat = self.parameters.flat
        record = flat.new_zeros(len(flat), cut.optimizer_steps, len(RECORD))
        active = torch.ones(len(flat), dtype=torch.bool, device=flat.device)
        lrs, entropies = rates.lr.unbind(1), rates.entropy.unbind(1)
        for number in range(cut.epochs):
            if number and self.kl_threshold is not None and not bool(active.any()):
                break
            epoch = samples.epoch(number)
            norms, flags, seen = [], [], []
            for index, window in enumerate(cut.windows):
                weights = [entropies[number * cut.minibatches + m] for m in window]
                found = self._gather([epoch.minibatches[m] for m in window], weights, kl)
                if self.divisor is not None and len(window) != self.divisor:
                    self.parameters.grad.mul_(len(window) / self.divisor)
                norms.append(self._step(lrs[number * len(cut.windows) + index], active))
                flags.append(active)
                if self.kl_threshold is not None:
                    active = active & ~self._exceeds(found, epoch, window)
                seen += found
            steps = slice(number * len(cut.windows), (number + 1) * len(cut.windows))
            counted = statistics(_joined(seen), epoch.whole, self.coefficients)
            record[:, steps, : len(STATISTICS)] = epoch.window_sums(counted, cut.windows)
            record[:, steps, -3] = torch.stack(norms, dim=1)
            record[:, steps, -1] = torch.stack(flags, dim=1).to(record.dtype)
        return self._completed(record)

    def _gather(
        self, minibatches: list[Minibatch], entropies: list[Tensor], kl: Tensor | None
    ) -> list[Seen]:
        """The window's gradient, in place, and what its forward passes gave."""
        self.parameters.grad.zero_()
        found, fixed = [], self.coefficients
        for batch, entropy in zip(minibatches, entropies, strict=True):
            if batch.weights.shape[1]:  # of several processes one may hold none of a minibatch
                now = Coefficients(fixed.clip, fixed.clip_value, fixed.value, entropy, kl)
                found.append(self.gradient(batch, now))
            else:
                found.append(Seen(batch.log_probs, batch.log_probs, batch.log_probs))
        if self.world.size > 1:
            self.world.total(self.parameters.grad)
        return found

    def _step(self, lr: Tensor, active: Tensor) -> Tensor:
        """One optimizer step of each seed that is active and has a finite gradient; the norms."""
        norm = torch.linalg.vector_norm(self.parameters.grad, dim=1)
        scale = None if self.max_grad_norm is None else clip_scale(norm, self.max_grad_norm)
        self.optimizer.step(
            self.parameters.flat, self.parameters.grad, lr, scale, active & (norm < math.inf)
        )
        return norm

    def _exceeds(self, seen: list[Seen], epoch: Epoch, window: range) -> Tensor:
        """Whether the mean k3 of a window exceeds the threshold, (S,) bool."""
        sums = [mean_k3(found, epoch.minibatches[m]) for found, m in zip(seen, window, strict=True)]
        return self.world.total(torch.stack(sums).sum(dim=0)) > self.kl_threshold

    def _completed(self, record: Tensor) -> Tensor:
        """The record with the sums of all processes, and the norms after clipping."""
        if self.world.size > 1:
            record[..., : len(STATISTICS)] = self.world.total(
                record[..., : len(STATISTICS)].contiguous()
            )
        norm = record[..., -3]
        record[..., -2] = norm
        if self.max_grad_norm is not None:
            record[..., -2] = norm * clip_scale(norm, self.max_grad_norm)
        return record


def _joined(seen: list[Seen]) -> Seen:
    """What all minibatches of an epoch gave, side by side, (S, P)."""
    return Seen(
        torch.cat([part.log_probs for part in seen], dim=1),
        torch.cat([part.entropy for part in seen], dim=1),
        torch.cat([part.values for part in seen], dim=1),
    )


def clip_scale(norm: Tensor, max_norm: float) -> Tensor:
    """What a gradient is multiplied with: min(1, max_norm/(norm + 1e-6)), as torch clips."""
    return (max_norm / (norm + 1e-6)).clamp(max=1.0)
