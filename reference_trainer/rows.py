"""One row a seed and update: what the trainer has to tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from reference_trainer.clock import Clock
from reference_trainer.episodes import Episodes, Finished
from reference_trainer.experiment import Experiment
from reference_trainer.minibatches import Cut
from reference_trainer.rollout import Rollout
from reference_trainer.update import RECORD
from reference_trainer.world import World

if TYPE_CHECKING:
    from reference_trainer.trainer import Counters

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]
Value = int | float | bool | None


@dataclass
class Row:
    """What happened in one rollout and update of one seed.

    Attributes:
        seed: the seed.
        values: name to value, in a fixed order; None where there is none. See `docs`.
        returns: of the episodes that ended in the rollout, in the order of time.
    """

    seed: int
    values: dict[str, Value]
    returns: tuple[float, ...] = ()

    def number(self, name: str) -> float:
        """A value as a float; nan where there is none."""
        value = self.values[name]
        return float("nan") if value is None else float(value)

    def timed(self, rollout: float, update: float, samples: int, peak: int | None) -> None:
        """Add what depends on the machine; durations in seconds, the peak of memory in bytes."""
        self.values["env_steps_per_second"] = samples / max(rollout + update, 1e-9)
        self.values["rollout_seconds"] = rollout
        self.values["update_seconds"] = update
        self.values["peak_memory_bytes"] = peak


@dataclass(frozen=True)
class Told:
    """What an update leaves to be told; nothing but `cut` where it was skipped.

    Attributes:
        cut: the shape of its epochs; None: stabilization skipped it.
        record: `update.RECORD` of each optimizer step, (S, E·G, 9), on the device.
        rates: learning rate of each optimizer step, (S, E·G).
        entropy: weight of the entropy bonus of each minibatch, (S, E·M).
        kl: weight of the KL penalty, of each seed.
        values, targets: (S, T, N), on the device.
    """

    cut: Cut | None
    record: Tensor | None = None
    rates: FloatArray | None = None
    entropy: FloatArray | None = None
    kl: list[float] | None = None
    values: Tensor | None = None
    targets: Tensor | None = None


class RowMaker:
    """Makes rows, and moves counters, clocks and minibatch sizes on."""

    def __init__(
        self,
        counters: Counters,
        clocks: Sequence[Clock],
        experiment: Experiment,
        episodes: Episodes,
        world: World,
    ) -> None:
        self.counters, self.clocks, self.experiment = counters, clocks, experiment
        self.episodes, self.world = episodes, world

    def rows(self, seeds: Sequence[int], rollout: Rollout, ended: Tensor, told: Told) -> list[Row]:
        """The rows of one rollout; one transfer from the device, whatever there is to tell."""
        host = self._fetch(rollout, ended, told)
        samples = self.experiment.context.rollout.samples
        number = self.counters.rollouts
        self.counters.rollouts += 1
        self.counters.applied += told.cut is not None
        finished = self.episodes.finish(host["rewards"], host["ended"] > 0)
        rows = []
        for index, seed in enumerate(seeds):
            values: dict[str, Value] = {
                "update": number,
                "applied": told.cut is not None,
                "env_steps": self.counters.rollouts * samples,
                "updates_applied": self.counters.applied,
            }
            values |= self._trained(index, told, host)
            values |= _episode_values(finished[index])
            for place, name in enumerate(rollout.metrics):
                values[name] = _finite(host["metrics"][index, place])
            rows.append(Row(seed, values, tuple(finished[index].returns.tolist())))
        return rows

    def _fetch(self, rollout: Rollout, ended: Tensor, told: Told) -> dict[str, FloatArray]:
        """Everything that the host reads, in one tensor and one transfer."""
        gathered = self.world.gathered
        parts = {
            "rewards": gathered(rollout.rewards, 2),
            "ended": gathered(ended.to(rollout.rewards.dtype), 2),
        }
        if rollout.metrics:
            columns = torch.stack(list(rollout.metrics.values()), dim=1).flatten(2)
            parts["metrics"] = gathered(columns, 2).nanmean(dim=2)
        if told.record is not None and told.values is not None and told.targets is not None:
            parts["record"] = told.record
            targets = gathered(told.targets, 2).flatten(1)
            miss = targets - gathered(told.values, 2).flatten(1)
            parts["explained"] = (
                1 - miss.var(dim=1, correction=0) / targets.var(dim=1, correction=0)
            ).unsqueeze(1)
        flat = torch.cat([part.flatten(1) for part in parts.values()], dim=1).cpu().double().numpy()
        found, first = {}, 0
        for name, part in parts.items():
            count = part[0].numel()
            found[name] = flat[:, first : first + count].reshape(part.shape)
            first += count
        return found

    def _trained(self, index: int, told: Told, host: dict[str, FloatArray]) -> dict[str, Value]:
        """What the update did to one seed; its clock and minibatch size move on."""
        counters, clock = self.counters, self.clocks[index]
        if told.cut is None or told.rates is None or told.entropy is None or told.kl is None:
            names = dict.fromkeys(_UPDATE_VALUES)
            return names | {
                "minibatch_steps": 0,
                "optimizer_steps": 0,
                "total_minibatch_steps": counters.minibatch_steps[index],
                "total_optimizer_steps": counters.optimizer_steps[index],
                "tick": clock.tick,
                "minibatch_size": clock.size,
                "batch_state": clock.state,
            }
        record = host["record"][index]
        windows = int(record[:, RECORD.index("done")].sum())
        record = record[:windows]
        minibatches = told.cut.minibatches_done(windows)
        means = dict(zip(RECORD, record.mean(axis=0).tolist(), strict=True))
        norms, clipped = record[:, _NORM], record[:, _CLIPPED]
        finite = np.isfinite(norms)
        if not finite.all():
            norms, clipped = norms[finite], clipped[finite]
        norm = _mean(norms)
        size, state = clock.size, clock.state
        clock.advance(told.cut, windows)
        clock.adapt(norm)
        counters.minibatch_steps[index] += minibatches
        counters.optimizer_steps[index] += windows
        return {
            "minibatch_steps": minibatches,
            "optimizer_steps": windows,
            "total_minibatch_steps": counters.minibatch_steps[index],
            "total_optimizer_steps": counters.optimizer_steps[index],
            "tick": clock.tick,
            "lr": float(told.rates[index, windows - 1]),
            "minibatch_size": size,
            "batch_state": state,
            "pg_grad_norm": norm,
            "grad_norm_clipped": _mean(clipped),
            "clipped_share": _mean(clipped < norms),
            "approx_kl": _finite(means["approx_kl"]),
            "kl_k1": _finite(means["kl_k1"]),
            "clip_fraction": _finite(means["clip_fraction"]),
            "entropy": _finite(means["entropy"]),
            "explained_variance": _finite(host["explained"][index, 0]),
            "policy_loss": _finite(means["policy_loss"]),
            "value_loss": _finite(means["value_loss"]),
            "entropy_coef": float(told.entropy[index, minibatches - 1]),
            "kl_coef": told.kl[index],
            "skipped_steps": windows - len(norms),
        }


_NORM, _CLIPPED = RECORD.index("norm"), RECORD.index("norm_clipped")

_UPDATE_VALUES = (
    "minibatch_steps", "optimizer_steps", "total_minibatch_steps", "total_optimizer_steps", "tick",
    "lr", "minibatch_size", "batch_state", "pg_grad_norm", "grad_norm_clipped", "clipped_share",
    "approx_kl", "kl_k1", "clip_fraction", "entropy", "explained_variance", "policy_loss",
    "value_loss", "entropy_coef", "kl_coef", "skipped_steps",
)  # fmt: skip
"""What a row tells of an update, in its order."""


def _episode_values(finished: Finished) -> dict[str, Value]:
    return {
        "episodes": len(finished.returns),
        "episode_return": _mean(finished.returns),
        "episode_length": _mean(finished.lengths),
    }


def _mean(values: FloatArray | BoolArray) -> float | None:
    return _finite(values.mean()) if len(values) else None


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
