"""The integers of a run: rollouts, skipped updates, minibatches, windows, ticks.

Everything follows `docs/semantics.md`. A `RolloutPlan` needs no run length; a `Budget` does; a
`RunPlan` needs at least one update that is applied.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any

    from ppodiag.config import PPOConfig
    from ppodiag.profile import Profile


@dataclass(frozen=True, slots=True)
class RolloutPlan:
    """What one applied update does with one rollout, at one minibatch size.

    Attributes:
        samples: R, samples in a rollout over all environments.
        size: the minibatch size B, at most R; nominal for sequences.
        smallest: samples in the smallest minibatch of an epoch.
        minibatches: M, minibatches in an epoch.
        accumulation: a, minibatches in a window.
        windows: G, optimizer steps in an epoch.
        smallest_window: samples in the smallest window of an epoch.
        epochs: E.
        ticks: K, ticks of the learning-rate clock in one update.
    """

    samples: int
    size: int
    smallest: int
    minibatches: int
    accumulation: int
    windows: int
    smallest_window: int
    epochs: int
    ticks: int


@dataclass(frozen=True, slots=True)
class Budget:
    """Rollouts of the run: U collected, D of them skipped, the rest applied."""

    rollouts: int
    skipped: int

    @property
    def applied(self) -> int:
        """U − D, the updates that train."""
        return self.rollouts - self.skipped


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The steps of a whole run, if no update stops early.

    Attributes:
        updates: U − D, applied updates.
        minibatch_steps: N_mb.
        optimizer_steps: N_opt.
        first_tick: t of the first applied update's first tick.
        ticks: N, the end of the clock (exclusive).
        final_tick: t at which the last optimizer step reads its learning rate.
        reads: first, end (exclusive) and stride of the ticks over which λ is averaged: those that
            the updates read where each reads one, else all.
    """

    updates: int
    minibatch_steps: int
    optimizer_steps: int
    first_tick: int
    ticks: int
    final_tick: int
    reads: tuple[int, int, int]


def rollout_samples(config: PPOConfig) -> int:
    """R = rollout_len × n, in samples."""
    return config.rollout_len * config.num_envs


def initial_size(config: PPOConfig) -> int:
    """The first update's minibatch size, at most R."""
    size = config.minibatch_size
    if config.adaptive_batch:
        size = min(max(size, config.min_batch_size), config.max_batch_size)
    return min(size, rollout_samples(config))


def sequences_of(config: PPOConfig) -> tuple[int, int, int]:
    """L', sequences of one environment, and Q, sequences of the whole rollout."""
    length = min(config.sequence_length, config.rollout_len)
    per_env = -(-config.rollout_len // length)
    return length, per_env, config.num_envs * per_env


def division(config: PPOConfig, size: Any) -> tuple[Any, Any]:
    """How an epoch is cut at minibatch size B: s, sequences of a minibatch, and M, minibatches.

    Args:
        config: the configuration.
        size: B in samples, at least 1, an int or an integer array of any shape.

    Returns:
        s = max(1, floor(B / L')) and M = ceil(Q / s), of the shape of `size`.
    """
    length, _, sequences = sequences_of(config)
    group = size // length
    group = group + (group == 0)
    return group, -(-sequences // group)


def windows_of(config: PPOConfig, minibatches: Any) -> Any:
    """G = ceil(M / a), of the shape of `minibatches` (an int or an integer array)."""
    return -(-minibatches // config.accumulation_steps)


def plan_rollout(config: PPOConfig, profile: Profile, size: int) -> RolloutPlan:
    """The plan of one update at minibatch size `size` (samples, at least 1)."""
    samples = rollout_samples(config)
    length, per_env, sequences = sequences_of(config)
    group, minibatches = division(config, size)
    group = min(group, sequences)
    windows = windows_of(config, minibatches)
    tail = sequences - (minibatches - 1) * group
    smallest = _fewest_samples(config, length, per_env, tail)
    in_last = minibatches - (windows - 1) * config.accumulation_steps
    last_window = tail + (in_last - 1) * group
    ticks = {
        "minibatch": config.epochs * minibatches,
        "optimizer_step": config.epochs * windows,
        "update": 1,
        "env_step": samples,
    }[profile.clock]
    return RolloutPlan(
        samples=samples,
        size=min(group * length, samples),
        smallest=smallest,
        minibatches=minibatches,
        accumulation=config.accumulation_steps,
        windows=windows,
        smallest_window=_fewest_samples(config, length, per_env, last_window),
        epochs=config.epochs,
        ticks=ticks,
    )


def _fewest_samples(config: PPOConfig, length: int, per_env: int, sequences: int) -> int:
    """Samples in a group of that many sequences if the short ones all fall into it."""
    short = config.rollout_len - (per_env - 1) * length
    shorts = min(sequences, config.num_envs) if short < length else 0
    return shorts * short + (sequences - shorts) * length


def plan_budget(config: PPOConfig, profile: Profile, total_env_steps: int) -> Budget:
    """Collected and skipped rollouts of a run of T environment steps."""
    samples = rollout_samples(config)
    rollouts = total_env_steps // samples
    if profile.last_rollout == "completed":
        rollouts = -(-total_env_steps // samples)
    return Budget(rollouts, min(rollouts, config.stabilization_steps // samples))


def plan_run(rollout: RolloutPlan, budget: Budget, profile: Profile) -> RunPlan:
    """The run's steps; the budget must apply at least one update."""
    first = rollout.ticks * budget.skipped if profile.skipped_updates == "ticking" else 0
    ticks = first + rollout.ticks * budget.applied
    reads = lr_reads(profile, first, ticks, rollout.samples)
    final = ticks - 1
    if profile.clock == "env_step":
        final = reads[1] - rollout.ticks
    return RunPlan(
        updates=budget.applied,
        minibatch_steps=budget.applied * rollout.epochs * rollout.minibatches,
        optimizer_steps=budget.applied * rollout.epochs * rollout.windows,
        first_tick=first,
        ticks=ticks,
        final_tick=final,
        reads=reads,
    )


def lr_reads(profile: Profile, first: int, end: int, samples: int) -> tuple[int, int, int]:
    """First, end (exclusive) and stride of the ticks over which λ is averaged.

    Args:
        profile: the runtime's conventions.
        first: the tick at which the first applied update begins.
        end: the end of the clock (exclusive).
        samples: R.
    """
    if profile.clock != "env_step":
        return first, end, 1
    later = samples if profile.update_tick == "last" else 0
    return first + later, end + later, samples


def read_ticks(profile: Profile, start: Any, samples: int, minibatch: Any, window: Any) -> Any:
    """The tick that an optimizer step, or a minibatch, reads its learning rate at.

    Args:
        profile: the runtime's conventions.
        start: the tick at which the update begins.
        samples: R.
        minibatch: index within the update; for an optimizer step that of its window's last one.
        window: index of the window within the update.

    Returns:
        t, of the broadcast shape of `start`, `minibatch` and `window`: ints or integer arrays.
    """
    if profile.clock == "minibatch":
        return start + minibatch
    if profile.clock == "optimizer_step":
        return start + window
    if profile.clock == "env_step" and profile.update_tick == "last":
        return start + samples + 0 * window
    return start + 0 * window


def representative_sizes(config: PPOConfig) -> tuple[int, ...]:
    """Minibatch sizes that stand for the whole adaptive range, ascending.

    M takes few distinct values: for each, the smallest and the largest size that give it. Whatever
    depends on M alone, or is monotone in the size while M is fixed, has its extremes among them.
    More than `MOST_SIZES` are thinned out evenly, ends kept.
    """
    samples = rollout_samples(config)
    low, high = min(config.min_batch_size, samples), min(config.max_batch_size, samples)
    length, _, sequences = sequences_of(config)
    sizes: list[int] = []
    size = low
    while size <= high:
        _, minibatches = division(config, size)
        largest = sequences if minibatches == 1 else -(-sequences // (minibatches - 1)) - 1
        last = high if minibatches == 1 else min(high, largest * length + length - 1)
        sizes.append(size)
        if last > size:
            sizes.append(last)
        size = max(last, size) + 1
        if len(sizes) >= 4 * MOST_SIZES:
            size = max(size, size + size // MOST_SIZES)
    if len(sizes) > MOST_SIZES:
        step = (len(sizes) - 1) / (MOST_SIZES - 1)
        sizes = sorted({sizes[round(i * step)] for i in range(MOST_SIZES)} | {sizes[-1], high})
    return tuple(sizes)


MOST_SIZES = 512
"""The most sizes that one range is evaluated at."""
