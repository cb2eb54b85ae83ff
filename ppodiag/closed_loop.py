"""Simulating a run: the batch size in the loop with the gradient norm that it causes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ppodiag.batch import BatchLaw, adapt, batch_law, minibatch_size, window_samples
from ppodiag.config import PPOConfig, Unavailable
from ppodiag.context import Context
from ppodiag.errors import UsageError
from ppodiag.norms.model import FloatArray, NormModel, Replay
from ppodiag.plan import division, windows_of
from ppodiag.trajectory import IntArray, Trajectory

MOST_CELLS = 50_000_000
"""Updates times seeds of the largest closed loop; it takes about a gigabyte."""

MOST_UPDATES = 5_000_000
"""Updates of the longest closed loop; they take about a minute and a half."""

LARGEST = 2**63 - 1
"""The largest number of steps or of a seed: rows are arrays of 64-bit integers."""

ASSUMED_SHARE = 0.5
ASSUMED_SIGMA = 0.15
"""[judgement] What is assumed of the norms where nothing is said: half noise, 15% scatter."""

Progress = Callable[[int, int], None]


def assumed_norms(config: PPOConfig) -> NormModel:
    """The model for a configuration of which no norms are known.

    Its level is the clip threshold, where a fixed reference is in balance; the moving reference does
    not depend on the level.
    """
    try:
        norm = config.max_grad_norm if config.clipping else None
    except Unavailable:
        norm = None
    return NormModel("noise", norm or 1.0, ASSUMED_SHARE, ASSUMED_SIGMA, assumed=True)


def simulate_run(
    context: Context,
    source: NormModel | Replay | None = None,
    seeds: Sequence[int] = (0,),
    progress: Progress | None = None,
) -> Trajectory:
    """The trajectory of a run.

    Args:
        context: the configuration under its profile.
        source: gradient norms; None: the assumed model where the batch adapts, else none.
        seeds: one path each; only the first where nothing is random.
        progress: called with updates done and their number, now and then.

    Raises:
        Unavailable: a key that is needed is invalid.
        NoRunLength: the length of the run is not known.
        UsageError: too many updates to follow one by one, or more steps than can be counted.
    """
    config = context.config
    adaptive = config.adaptive_batch
    if source is None and adaptive:
        source = assumed_norms(config)
    updates = max(context.budget.applied, 0)
    _check_fields(context)
    if source is not None:
        _ = (config.clipping, config.max_grad_norm)
    if source is None or not updates:
        return Trajectory(context)
    chosen = tuple(seeds) if source.random else tuple(seeds)[:1]
    if max(chosen) > LARGEST:
        raise UsageError(
            f"seed {max(chosen)} is above {LARGEST}", "give a lower --seed, or fewer --seeds"
        )
    if updates > MOST_UPDATES or updates * len(chosen) > MOST_CELLS:
        fewer = "" if updates > MOST_UPDATES else "fewer seeds with --seeds, or "
        remedy = f"give {fewer}a shorter run with --total-env-steps; a fixed batch "
        remedy += "(--set adaptive_batch_size.enable=false) may be as long as you like"
        raise UsageError(
            f"{updates:,} updates × {len(chosen):,} seeds are too many to follow one by one (at most "
            f"{MOST_UPDATES:,} updates, {MOST_CELLS:,} in all)",
            remedy
            if adaptive
            else remedy.replace("(--set adaptive_batch_size.enable=false)", "without --norms"),
        )
    law = batch_law(config, context.profile) if adaptive else None
    sizes, norms, stops = _loop(context, law, source, chosen, updates, progress)
    return Trajectory(
        context, chosen, source, sizes if adaptive else None, norms, stops,
        _remarks(source, updates),
    )  # fmt: skip


def _check_fields(context: Context) -> None:
    """Read every key that the figures of a trajectory need, so that a bad one is known at once."""
    config = context.config
    _ = (config.lr, config.epochs, config.accumulation_steps, config.early_stopping, context.size)
    _check_totals(context)
    if context.budget.applied > 0:
        _ = context.schedule


def _check_totals(context: Context) -> None:
    """Refuse a run whose steps, at the smallest size between the bounds, no array can hold."""
    smallest = context.range_contexts[0] if context.range_contexts else context
    totals = {"environment steps": context.budget.rollouts * context.rollout.samples}
    if context.budget.applied > 0:
        run = smallest.run
        totals["minibatch steps"] = run.minibatch_steps
        totals[f"{context.profile.tick_unit}s on the learning-rate clock"] = max(
            run.reads[1], run.ticks
        )
    for what, total in totals.items():
        if total > LARGEST:
            raise UsageError(
                f"the run would have {total:.3g} {what}, more than can be counted ({LARGEST:.3g})",
                "check rollout_len, num_envs and epochs, or give a shorter run with --total-env-steps",
            )


def _remarks(source: NormModel | Replay, updates: int) -> tuple[str, ...]:
    if not isinstance(source, Replay) or len(source.norms) == updates:
        return ()
    recorded = len(source.norms)
    if recorded < updates:
        return (
            f"the run recorded {recorded:,} of the plan's {updates:,} updates: from there on there "
            "is no norm, and the batch size stays",
        )
    return (f"the run recorded {recorded:,} updates; the plan has {updates:,}, the rest is unused",)


def _loop(
    context: Context,
    law: BatchLaw | None,
    source: NormModel | Replay,
    seeds: tuple[int, ...],
    updates: int,
    progress: Progress | None,
) -> tuple[IntArray, FloatArray, IntArray | None]:
    config, samples = context.config, context.rollout.samples
    sizes = np.empty((updates, len(seeds)), dtype=np.int32 if samples < 2**31 else np.int64)
    norms = np.empty((updates, len(seeds)))
    state = np.full(len(seeds), law.initial if law else float(context.size))
    reference = np.zeros(len(seeds))
    a = config.accumulation_steps
    initial = float(window_samples(a, context.size, samples))
    factors = source.factors(seeds) if isinstance(source, NormModel) else None
    with np.errstate(over="ignore"):  # a norm that overflows is not finite, and changes nothing
        for update in range(updates):
            size = minibatch_size(law, state) if law else state
            relative = window_samples(a, size, samples) / initial
            if isinstance(source, NormModel):
                assert factors is not None
                norm = source.level(relative) * next(factors)
            else:
                norm = source.norm_at(
                    update, relative, _recorded(source, update, a, samples, initial)
                )
            sizes[update], norms[update] = size, norm
            if law:
                state, reference = adapt(law, state, reference, norm)
            if progress is not None and update % 4096 == 0:
                progress(update, updates)
    return sizes, norms, _early_stops(source, config, sizes)


def _recorded(replay: Replay, update: int, a: int, samples: int, initial: float) -> float | None:
    """n/n₀ of a recorded update; None where its size is not known."""
    if replay.sizes is None or update >= len(replay.sizes):
        return None
    if not np.isfinite(replay.sizes[update]):
        return None
    return float(window_samples(a, replay.sizes[update], samples)) / initial


def _early_stops(source: NormModel | Replay, config: PPOConfig, sizes: IntArray) -> IntArray | None:
    """Minibatch steps of each update where a replayed run stopped early; None where none is known.

    At the recorded minibatch size the number is the recorded one. At another, the same share of the
    update is done, in whole windows.
    """
    if not isinstance(source, Replay) or source.minibatches is None:
        return None
    known = min(len(source.minibatches), len(sizes))
    sizes = sizes.astype(np.int64)
    _, per_epoch = division(config, sizes)
    done = np.asarray(per_epoch * config.epochs)
    recorded = source.minibatches[:known, None]
    if source.sizes is None:
        same, share = np.ones_like(done[:known], dtype=bool), 1.0
    else:
        was = np.nan_to_num(source.sizes[:known, None]).astype(np.int64)
        same = sizes[:known] == was
        share = recorded / (division(config, was)[1] * config.epochs)
    a = config.accumulation_steps
    epochs, rest = np.divmod(np.ceil(share * done[:known]), per_epoch[:known])
    whole = epochs * per_epoch[:known] + np.minimum(windows_of(config, rest) * a, per_epoch[:known])
    wanted = np.where(same, recorded, whole)
    wanted = np.where(np.isfinite(wanted), wanted, done[:known])
    done[:known] = np.clip(wanted, 1, done[:known]).astype(np.int64)
    return done
