"""The integers of a run, against loops that really slice, and the worked examples."""

from __future__ import annotations

import itertools
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppodiag.config import PPOConfig, parse_config
from ppodiag.context import Context, NothingTrains
from ppodiag.healthy import HEALTHY, with_changes
from ppodiag.plan import (
    MOST_SIZES,
    division,
    initial_size,
    plan_budget,
    plan_rollout,
    plan_run,
    read_ticks,
    representative_sizes,
    sequences_of,
)
from ppodiag.profile import NOTE, parse_profile
from ppodiag.schedule import lr_ratio_mean


def config_of(**changes: Any) -> PPOConfig:
    return replace(parse_config(HEALTHY), **changes)


NOTE_BLOCK = {
    "training.ppo_requests": 20000,
    "parallel_training.num_envs": 1,
    "ppo_config.rollout_len": 128,
    "ppo_config.epochs": 8,
    "ppo_config.stabilization_steps": 100,
    "advanced_optimization.learning_rate_schedule.warmup_steps": 1000,
    "advanced_optimization.learning_rate_schedule.restart_period": 5000,
    "advanced_optimization.adaptive_batch_size": {
        "enable": True,
        "min_batch_size": 32,
        "max_batch_size": 128,
        "adaptation_rate": 0.1,
    },
}


def context_of(changes: dict[str, Any]) -> Context:
    value = with_changes(changes)
    return Context(parse_config(value), NOTE, value=value)


def test_worked_example_of_the_note() -> None:
    """U = 156, D = 0, M = 2, N_mb = 2496 (4992 to 1248), N_opt = 1248 (2496 to 1248); λ too."""
    ctx = context_of(NOTE_BLOCK)
    assert (ctx.budget.rollouts, ctx.budget.skipped, ctx.rollout.minibatches) == (156, 0, 2)
    by_size = {size: ctx.at(size).run for size in (32, 64, 128)}
    assert {s: r.minibatch_steps for s, r in by_size.items()} == {32: 4992, 64: 2496, 128: 1248}
    assert {s: r.optimizer_steps for s, r in by_size.items()} == {32: 2496, 64: 1248, 128: 1248}
    final = {s: round(ctx.at(s).lr_ratio(r.final_tick), 4) for s, r in by_size.items()}
    assert final == {32: 0.1874, 64: 0.8156, 128: 0.9946}
    means = {
        s: round(lr_ratio_mean(ctx.at(s).schedule, 0, run.ticks), 4) for s, run in by_size.items()
    }
    assert means == {32: 0.6249, 64: 0.7615, 128: 0.5986}


def test_worked_example_of_the_real_file() -> None:
    """Four environments: R = 512, U = 39, M = 8 (16 to 4), N_opt = 1248 (2496 to 624), mean λ."""
    ctx = context_of({**NOTE_BLOCK, "parallel_training.num_envs": 4})
    assert (ctx.rollout.samples, ctx.budget.rollouts, ctx.rollout.minibatches) == (512, 39, 8)
    assert [ctx.at(s).rollout.minibatches for s in (32, 128)] == [16, 4]
    assert [ctx.at(s).run.optimizer_steps for s in (32, 64, 128)] == [2496, 1248, 624]
    spread = ctx.over_range(lambda c: lr_ratio_mean(c.schedule, 0, c.run.ticks))
    assert spread is not None
    assert (round(spread.low, 4), round(spread.high, 4)) == (0.5986, 0.7634)


def test_nothing_trains_although_the_window_is_shorter_than_the_run() -> None:
    """T = 20000, R = 512, S = 19968: D = U = 39."""
    ctx = context_of(
        {**NOTE_BLOCK, "parallel_training.num_envs": 4, "ppo_config.stabilization_steps": 19968}
    )
    assert (ctx.budget.rollouts, ctx.budget.skipped) == (39, 39)
    with pytest.raises(NothingTrains):
        _ = ctx.run


@given(
    rollout_len=st.integers(1, 60),
    num_envs=st.integers(1, 4),
    size=st.integers(1, 300),
    a=st.integers(1, 9),
    epochs=st.integers(1, 3),
)
def test_rollout_against_slicing(
    rollout_len: int, num_envs: int, size: int, a: int, epochs: int
) -> None:
    """Minibatches, windows and their smallest sizes equal those of really sliced indices."""
    samples = list(range(rollout_len * num_envs))
    size = min(size, len(samples))
    batches = [samples[i : i + size] for i in range(0, len(samples), size)]
    windows = [
        list(itertools.chain.from_iterable(batches[i : i + a])) for i in range(0, len(batches), a)
    ]
    config = config_of(
        rollout_len=rollout_len, num_envs=num_envs, accumulation_steps=a, epochs=epochs
    )
    plan = plan_rollout(config, NOTE, size)
    assert sum(map(len, batches)) == plan.samples == (plan.minibatches - 1) * size + plan.smallest
    assert plan.minibatches == len(batches)
    assert plan.windows == len(windows)
    assert plan.smallest == min(map(len, batches))
    assert plan.smallest_window == min(map(len, windows))
    assert plan.ticks == epochs * len(batches)


@given(
    rollout_len=st.integers(1, 40),
    num_envs=st.integers(1, 3),
    length=st.integers(2, 50),
    size=st.integers(1, 120),
)
def test_sequences_against_slicing(rollout_len: int, num_envs: int, length: int, size: int) -> None:
    """Recurrent minibatches equal those of really cut sequences; the smallest is a lower bound."""
    cut = min(length, rollout_len)
    sequences = [
        range(start, min(start + cut, rollout_len))
        for _ in range(num_envs)
        for start in range(0, rollout_len, cut)
    ]
    sequences.sort(key=len, reverse=True)  # the short ones fall into the last minibatch
    group = max(1, size // cut)
    batches = [sequences[i : i + group] for i in range(0, len(sequences), group)]
    config = config_of(
        rollout_len=rollout_len, num_envs=num_envs, sequence_length=length, accumulation_steps=1
    )
    plan = plan_rollout(config, NOTE, size)
    assert plan.minibatches == len(batches)
    assert plan.smallest == sum(map(len, batches[-1]))


@given(
    total=st.integers(0, 5000),
    rollout_len=st.integers(1, 100),
    window=st.integers(0, 6000),
    clock=st.sampled_from(["minibatch", "optimizer_step", "update", "env_step"]),
    skipped=st.sampled_from(["paused", "ticking"]),
    last=st.sampled_from(["dropped", "completed"]),
)
def test_run_against_a_loop(
    total: int, rollout_len: int, window: int, clock: str, skipped: str, last: str
) -> None:
    """Steps and ticks of the run equal those counted one update at a time."""
    profile = parse_profile(f"note,clock={clock},skipped_updates={skipped},last_rollout={last}")
    config = config_of(rollout_len=rollout_len, num_envs=2, stabilization_steps=window, epochs=2)
    rollout = plan_rollout(config, profile, 16)
    seen = applied = minibatches = optimizer = ticks = first = 0
    while seen < total if last == "completed" else seen + rollout.samples <= total:
        seen += rollout.samples
        trains = seen > (window // rollout.samples) * rollout.samples
        if trains or skipped == "ticking":
            if trains and not applied:
                first = ticks
            ticks += rollout.ticks
        if trains:
            applied += 1
            minibatches += 2 * rollout.minibatches
            optimizer += 2 * rollout.windows
    budget = plan_budget(config, profile, total)
    assert budget.rollouts * rollout.samples == seen
    assert budget.applied == applied
    if applied:
        run = plan_run(rollout, budget, profile)
        assert (run.minibatch_steps, run.optimizer_steps) == (minibatches, optimizer)
        assert (run.first_tick, run.ticks) == (first, ticks)


@given(
    rollout_len=st.integers(1, 200),
    num_envs=st.integers(1, 3),
    low=st.integers(1, 200),
    extent=st.integers(0, 300),
    length=st.sampled_from([1, 1, 3, 8]),
    a=st.integers(1, 5),
)
def test_representative_sizes_have_the_extremes(
    rollout_len: int, num_envs: int, low: int, extent: int, length: int, a: int
) -> None:
    """Over all integer sizes M takes no other value; tails and windows have no other extremes."""
    config = config_of(
        rollout_len=rollout_len,
        num_envs=num_envs,
        sequence_length=length,
        adaptive_batch=True,
        min_batch_size=low,
        max_batch_size=low + extent,
        accumulation_steps=a,
    )
    sizes = representative_sizes(config)
    samples = rollout_len * num_envs
    every = range(min(low, samples), min(low + extent, samples) + 1)
    assert set(sizes) <= set(every)
    assert (sizes[0], sizes[-1]) == (every[0], every[-1])
    ours = [plan_rollout(config, NOTE, size) for size in sizes]
    theirs = [plan_rollout(config, NOTE, size) for size in every]
    assert {p.minibatches for p in ours} == {p.minibatches for p in theirs}
    for figure in ("smallest", "smallest_window", "windows"):
        mine, all_ = ([getattr(p, figure) for p in plans] for plans in (ours, theirs))
        assert (min(mine), max(mine)) == (min(all_), max(all_)), figure


@pytest.mark.parametrize(
    ("clock", "tick", "read"),
    [
        ("minibatch", "first", [100, 103]),
        ("optimizer_step", "first", [100, 101]),
        ("update", "last", [100, 100]),
        ("env_step", "first", [100, 100]),
        ("env_step", "last", [164, 164]),
    ],
)
def test_ticks_that_steps_read(clock: str, tick: str, read: list[int]) -> None:
    """An update from tick 100, R = 64: minibatch 0 of window 0, and minibatch 3, the last of window 1."""
    profile = parse_profile(f"note,clock={clock},update_tick={tick}")
    assert [read_ticks(profile, 100, 64, m, w) for m, w in ((0, 0), (3, 1))] == read
    several = read_ticks(profile, 100, 64, np.array([0, 3]), np.array([0, 1]))
    assert several.tolist() == read


@pytest.mark.parametrize(
    ("clock", "tick", "reads", "final"),
    [
        ("minibatch", "first", (0, 159360, 1), 159359),
        ("optimizer_step", "first", (0, 79680, 1), 79679),
        ("update", "last", (0, 996, 1), 995),
        ("env_step", "first", (0, 1019904, 1024), 1018880),
        ("env_step", "last", (1024, 1020928, 1024), 1019904),
    ],
)
def test_ticks_that_a_run_reads(
    clock: str, tick: str, reads: tuple[int, int, int], final: int
) -> None:
    """996 updates of 10 × 16 minibatches, 10 × 8 windows, 1,024 samples; the first and the last read."""
    ctx = Context(
        parse_config(HEALTHY),
        parse_profile(f"note,clock={clock},update_tick={tick}"),
        value=HEALTHY,
    )
    assert ctx.run.reads == reads
    assert ctx.run.final_tick == final


@pytest.mark.parametrize(
    ("size", "bounds", "rollout_len", "first"),
    [
        (64, None, 128, 64),
        (2000, None, 128, 1024),
        (64, (32, 128), 128, 64),
        (16, (32, 128), 128, 32),
        (256, (32, 128), 128, 128),
        (2000, (32, 4000), 128, 1024),
        (64, (32, 128), 4, 32),
    ],
)
def test_first_size(
    size: int, bounds: tuple[int, int] | None, rollout_len: int, first: int
) -> None:
    """The first update's size lies between the bounds where the batch adapts, and is at most R."""
    low, high = bounds or (1, 1)
    config = config_of(
        minibatch_size=size,
        rollout_len=rollout_len,
        adaptive_batch=bounds is not None,
        min_batch_size=low,
        max_batch_size=high,
    )
    assert initial_size(config) == first


def test_sequences_of_a_rollout() -> None:
    """33 steps in sequences of 32 are two, of 8 environments 16; longer ones than the rollout are one."""
    assert sequences_of(config_of(rollout_len=33, sequence_length=32)) == (32, 2, 16)
    assert sequences_of(config_of(rollout_len=33, sequence_length=40)) == (33, 1, 8)
    division_at = division(config_of(rollout_len=33, sequence_length=32), np.array([1, 64, 100]))
    assert [part.tolist() for part in division_at] == [[1, 2, 3], [16, 8, 6]]


def test_sizes_of_a_small_range() -> None:
    """R = 12, sizes 3 to 12: M = 4; 3 (from 4 to 5); 2 (from 6 to 11); 1."""
    config = config_of(
        rollout_len=12, num_envs=1, adaptive_batch=True, min_batch_size=3, max_batch_size=12
    )
    assert representative_sizes(config) == (3, 4, 5, 6, 11, 12)


def test_sizes_of_sequences() -> None:
    """10 sequences of 3 steps: s = 1 (sizes 1 to 5), 2 (6 to 8), 3, 4, 5 to 9, 10."""
    config = config_of(
        rollout_len=30,
        num_envs=1,
        sequence_length=3,
        adaptive_batch=True,
        min_batch_size=1,
        max_batch_size=30,
    )
    assert representative_sizes(config) == (1, 5, 6, 8, 9, 11, 12, 14, 15, 29, 30)


def test_the_most_sizes_are_not_thinned_out() -> None:
    """512 sizes are kept whole; of 513 the middle one is left out; of 2,000 every fourth is kept."""
    whole = config_of(
        rollout_len=10**6, num_envs=1, adaptive_batch=True, min_batch_size=1, max_batch_size=512
    )
    assert representative_sizes(whole) == tuple(range(1, 513))
    thinned = representative_sizes(replace(whole, max_batch_size=513))
    assert set(range(1, 514)) - set(thinned) == {257}
    wide = representative_sizes(replace(whole, max_batch_size=2000))
    assert (len(wide), wide[0], wide[-1]) == (MOST_SIZES, 1, 2000)
    assert max(later - earlier for earlier, later in itertools.pairwise(wide)) < 10


def test_plans_cannot_be_changed() -> None:
    """Plans are values: contexts share them."""
    ctx = context_of({})
    for plan in (ctx.rollout, ctx.budget, ctx.run):
        with pytest.raises(FrozenInstanceError):
            setattr(plan, fields(plan)[0].name, 0)


def test_huge_ranges_stay_small() -> None:
    """Bounds of 1 and 10^15 give at most `MOST_SIZES` sizes, both ends among them."""
    config = config_of(
        rollout_len=10**15,
        num_envs=1,
        adaptive_batch=True,
        min_batch_size=1,
        max_batch_size=10**15,
    )
    sizes = representative_sizes(config)
    assert len(sizes) <= MOST_SIZES + 2
    assert (sizes[0], sizes[-1]) == (1, 10**15)
