"""Trajectories against a naive loop that really slices index arrays, and against torch."""

from __future__ import annotations

import importlib.util
import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ppodiag
from ppodiag.case import ABSENT
from ppodiag.closed_loop import simulate_run
from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.errors import UsageError
from ppodiag.healthy import with_changes
from ppodiag.norms.model import NormModel
from ppodiag.profile import OPTIONS, parse_profile
from ppodiag.schedule import Schedule, lr_ratio
from ppodiag.trajectory import Trajectory
from tests.conftest import require

LRS = "advanced_optimization.learning_rate_schedule"
ABS = "advanced_optimization.adaptive_batch_size"
GO = "advanced_optimization.gradient_optimization"
ON = {ABS: {"enable": True, "min_batch_size": 16, "max_batch_size": 256, "adaptation_rate": 0.3}}


def context_of(changes: dict[str, Any], profile: str = "note") -> Context:
    value = with_changes(changes)
    return Context(parse_config(value), parse_profile(profile), value=value)


def trajectory_of(changes: dict[str, Any], profile: str = "note", **given: Any) -> Trajectory:
    return simulate_run(context_of(changes, profile), **given)


def naive_run(t: Trajectory, path: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Minibatches and optimizer steps of a run, by slicing the indices of each rollout."""
    config, profile = t.config, t.profile
    length = min(config.sequence_length, config.rollout_len)
    tick, minibatches, steps = 0, [], []
    total = config.total_env_steps
    assert total is not None
    rollouts = list(range(0, total, t.samples))
    if profile.last_rollout == "dropped" and total % t.samples:
        rollouts = rollouts[:-1]
    applied = 0
    for number, begin in enumerate(rollouts):
        skipped = begin + t.samples <= config.stabilization_steps
        sequences = list(
            itertools.chain.from_iterable(
                [(env, start) for start in range(0, config.rollout_len, length)]
                for env in range(config.num_envs)
            )
        )
        size = t.context.size if t.sizes is None or skipped else int(t.sizes[applied, path])
        group = max(1, size // length)
        if skipped and profile.skipped_updates == "paused":
            continue
        for epoch in range(config.epochs):
            cut = [sequences[i : i + group] for i in range(0, len(sequences), group)]
            for window in range(0, len(cut), config.accumulation_steps):
                parts = cut[window : window + config.accumulation_steps]
                for offset, part in enumerate(parts):
                    if not skipped:
                        samples = sum(min(length, config.rollout_len - s) for _, s in part)
                        minibatches.append(
                            {"update": number, "epoch": epoch, "samples": samples, "tick": tick}
                        )
                    if profile.clock == "minibatch":
                        tick += 1
                    last = offset == len(parts) - 1
                    if last and not skipped:
                        read = tick - 1 if profile.clock == "minibatch" else tick
                        if profile.clock == "env_step" and profile.update_tick == "last":
                            read = tick + t.samples
                        steps.append({"update": number, "tick": read})
                if profile.clock == "optimizer_step":
                    tick += 1
        if profile.clock == "update":
            tick += 1
        elif profile.clock == "env_step":
            tick += t.samples
        applied += not skipped
    return minibatches, steps


small = st.fixed_dictionaries(
    {
        "training.ppo_requests": st.integers(0, 700),
        "parallel_training.num_envs": st.integers(1, 3),
        "ppo_config.rollout_len": st.integers(4, 40),
        "ppo_config.minibatch_size": st.integers(1, 80),
        "ppo_config.epochs": st.integers(1, 3),
        "ppo_config.stabilization_steps": st.integers(0, 150),
        f"{GO}.accumulation_steps": st.integers(1, 4),
        f"{LRS}.warmup_steps": st.integers(0, 60),
        f"{LRS}.restart_period": st.one_of(st.just(ABSENT), st.integers(1, 60)),
        f"{LRS}.type": st.sampled_from(["cosine_annealing_with_warmup", "linear", "constant"]),
        "actor_critic_architecture.sequence_length": st.sampled_from([1, 1, 3, 8]),
        ABS: st.one_of(st.just(ABSENT), st.just(ON[ABS])),
    }
)


@settings(max_examples=150)
@given(
    changes=small,
    clock=st.sampled_from(OPTIONS["clock"]),
    skipped=st.sampled_from(OPTIONS["skipped_updates"]),
    tick=st.sampled_from(OPTIONS["update_tick"]),
    rollout=st.sampled_from(OPTIONS["last_rollout"]),
)
def test_rows_are_those_of_a_naive_loop(
    changes: dict[str, Any], clock: str, skipped: str, tick: str, rollout: str
) -> None:
    """Counts, ticks, samples and learning rates of every step are those of a loop that slices."""
    profile = (
        f"note,clock={clock},skipped_updates={skipped},update_tick={tick},last_rollout={rollout}"
    )
    t = trajectory_of(changes, profile, source=NormModel(sigma=0.4), seeds=(3, 4))
    for path in range(len(t.seeds)):
        minibatches, steps = naive_run(t, path)
        rows = [c for c in t.rows("minibatch", 7) if c["seed"][0] == t.seeds[path]]
        got = {n: [v for c in rows for v in c[n].tolist()] for n in ("update", "epoch", "samples")}
        assert got["update"] == [m["update"] for m in minibatches]
        assert got["epoch"] == [m["epoch"] for m in minibatches]
        if t.config.rollout_len % min(t.config.sequence_length, t.config.rollout_len) == 0:
            assert got["samples"] == [m["samples"] for m in minibatches]
        rows = [c for c in t.rows("optimizer", 5) if c["seed"][0] == t.seeds[path]]
        assert [v for c in rows for v in c["tick"].tolist()] == [s["tick"] for s in steps]
        rates = [t.config.lr * lr_ratio(t.schedule, s["tick"]) for s in steps] if steps else []
        assert [v for c in rows for v in c["lr"].tolist()] == pytest.approx(rates, rel=1e-14)
        assert t.minibatch_steps[path] == len(minibatches)
        assert t.optimizer_steps[path] == len(steps)
        if steps:
            assert t.final_tick(path) == steps[-1]["tick"]
            assert t.final_ratios[path] == lr_ratio(t.schedule, steps[-1]["tick"])


@given(changes=small, seed=st.integers(0, 5))
def test_minibatches_of_an_epoch_sum_to_the_rollout(changes: dict[str, Any], seed: int) -> None:
    """Whatever the batch does, each epoch sees each sample once; windows hold whole minibatches."""
    t = trajectory_of(changes, seeds=(seed,))
    for every in ("minibatch", "optimizer"):
        sums: dict[tuple[int, int], int] = {}
        for columns in t.rows(every):
            for update, epoch, samples in zip(
                columns["update"].tolist(), columns["epoch"].tolist(),
                columns["samples"].tolist(), strict=True,
            ):  # fmt: skip
                sums[update, epoch] = sums.get((update, epoch), 0) + samples
        assert set(sums.values()) <= {t.samples}
        assert len(sums) == t.updates * t.config.epochs


@given(changes=small, clock=st.sampled_from(OPTIONS["clock"]))
def test_learning_rate_stays_within_bounds(changes: dict[str, Any], clock: str) -> None:
    """The learning rate is never below 0 and never above lr."""
    t = trajectory_of(changes, f"note,clock={clock}", seeds=(0, 1))
    for columns in t.rows("optimizer"):
        assert np.all((columns["lr"] >= 0) & (columns["lr"] <= t.config.lr))


@given(changes=small, skipped=st.integers(0, 6))
def test_stabilization_shifts_and_does_not_change(changes: dict[str, Any], skipped: int) -> None:
    """Skipping the first updates moves the same learning rates to later environment steps."""
    changes = {**changes, "ppo_config.stabilization_steps": 0}
    plain = trajectory_of(changes, seeds=(0,))
    window = skipped * plain.samples
    later = trajectory_of(
        {
            **changes,
            "ppo_config.stabilization_steps": window,
            "training.ppo_requests": changes["training.ppo_requests"] + window,
        },
        seeds=(0,),
    )
    assert later.updates == plain.updates
    for one, other in zip(
        plain.rows("optimizer", 1 << 20), later.rows("optimizer", 1 << 20), strict=True
    ):
        assert one["lr"].tolist() == other["lr"].tolist()
        assert (one["env_steps"] + window).tolist() == other["env_steps"].tolist()


@settings(max_examples=60)
@given(
    warmup=st.integers(1, 60),
    period=st.integers(1, 90),
    floor=st.floats(0, 1),
    lr=st.floats(1e-8, 1),
)
def test_learning_rate_is_torchs(warmup: int, period: int, floor: float, lr: float) -> None:
    """For W ≥ 1 it equals torch's SequentialLR stepped one by one, to 1e-12 of the peak."""
    require(importlib.util.find_spec("torch"), "torch")
    import torch
    from torch.optim import lr_scheduler

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    ramp = lr_scheduler.LambdaLR(optimizer, lambda tick: tick / warmup)
    cosine = lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=period, eta_min=floor * lr)
    schedule = lr_scheduler.SequentialLR(optimizer, [ramp, cosine], milestones=[warmup])
    ticks = np.arange(warmup + 2 * period + 3)
    ours = lr * lr_ratio(
        Schedule("cosine_annealing_with_warmup", warmup, period, floor=floor, origin=warmup),
        ticks, np,
    )  # fmt: skip
    for tick in ticks:
        theirs = optimizer.param_groups[0]["lr"]
        assert ours[tick] == pytest.approx(theirs, rel=1e-12, abs=0)
        optimizer.step()
        schedule.step()


schedules = st.builds(
    Schedule,
    kind=st.sampled_from(["cosine_annealing_with_warmup", "linear", "constant"]),
    warmup=st.integers(0, 10**6),
    period=st.integers(1, 10**6),
    restarts=st.booleans(),
    floor=st.floats(0, 1),
    end=st.integers(1, 10**7),
    clamped=st.booleans(),
    shift=st.integers(0, 1),
    origin=st.just(0),
)


@given(schedule=schedules, ticks=st.lists(st.integers(0, 10**7), min_size=1, max_size=40))
def test_scalar_vector_and_math_agree(schedule: Schedule, ticks: list[int]) -> None:
    """Numpy gives the same bits for one tick as for many, and math the same to 2 ulp of the peak."""
    many = lr_ratio(schedule, np.array(ticks, dtype=np.int64), np)
    for tick, ratio in zip(ticks, many.tolist(), strict=True):
        assert float(lr_ratio(schedule, np.int64(tick), np)) == ratio
        assert abs(lr_ratio(schedule, tick) - ratio) <= 2 * math.ulp(max(abs(ratio), 1.0))


def test_a_long_fixed_run_costs_nothing() -> None:
    """10^15 environment steps at a fixed batch: all figures are closed forms."""
    t = trajectory_of({"training.ppo_requests": 10**15})
    assert t.minibatch_steps == [(10**15 // 1024 - 4) * 160]
    assert t.mean_ratios[0] == pytest.approx(
        0.55 + 0.45 / 157760, rel=1e-9
    )  # Σ cos over a cycle is 1
    first = next(iter(t.rows("minibatch", 10)))
    assert first["tick"].tolist() == list(range(10))


@pytest.mark.parametrize(
    ("changes", "profile", "words"),
    [
        ({"ppo_config.epochs": 10**18}, "note", "would have 1.56e+22 minibatch steps"),
        (
            {"ppo_config.rollout_len": 9 * 10**17, "parallel_training.num_envs": 64},
            "sb3", "would have 5.76e+19 environment steps",
        ),
        ({**ON, "ppo_config.epochs": 5 * 10**14}, "note", "more than can be counted"),
    ],
)  # fmt: skip
def test_more_steps_than_an_integer_holds(
    changes: dict[str, Any], profile: str, words: str
) -> None:
    """Totals above 2^63 − 1 are refused with the number; the last only at the smallest size."""
    changes = {"training.ppo_requests": 10**6, **changes}
    with pytest.raises(UsageError, match=re.escape(words)):
        trajectory_of(changes, profile, seeds=(0,))


def test_a_seed_that_no_integer_holds() -> None:
    """A seed above 2^63 − 1 is refused."""
    with pytest.raises(UsageError, match="seed 9223372036854775808 is above"):
        trajectory_of({**ON, "training.ppo_requests": 10**5}, seeds=(2**63 - 1, 2**63))


def test_too_many_updates_to_follow() -> None:
    """A closed loop that would take hours is refused, with the numbers and a remedy."""
    with pytest.raises(UsageError, match="976,562,496 updates × 1 seeds are too many"):
        trajectory_of({**ON, "training.ppo_requests": 10**12}, seeds=(0,))


def test_nothing_trains() -> None:
    """A run whose every update is skipped has rows without learning rate, and no figure of one."""
    t = trajectory_of({"training.ppo_requests": 4096})
    assert (t.updates, t.minibatch_steps, t.final_ratios) == (0, [0], [])
    rows = next(iter(t.rows("update")))
    assert rows["applied"].tolist() == [False] * 4
    assert list(t.rows("optimizer")) == []
    assert list(t.learning_rates()) == []


def test_seeds_are_independent() -> None:
    """A path depends on its own seed alone; equal seeds give equal paths."""
    three = trajectory_of({**ON, "training.ppo_requests": 102400}, seeds=(0, 1, 2))
    one = trajectory_of({**ON, "training.ppo_requests": 102400}, seeds=(1,))
    assert three.sizes is not None
    assert one.sizes is not None
    assert three.sizes[:, 1].tolist() == one.sizes[:, 0].tolist()
    assert three.sizes[:, 0].tolist() != one.sizes[:, 0].tolist()


def test_chunks_do_not_matter() -> None:
    """The same rows come out however they are cut."""
    t = trajectory_of({**ON, "training.ppo_requests": 20480}, seeds=(0, 1))
    for every in ("update", "optimizer", "minibatch"):
        whole = [v for c in t.rows(every, 1 << 20) for v in c["env_steps"].tolist()]
        assert [v for c in t.rows(every, 13) for v in c["env_steps"].tolist()] == whole
    assert [v for c in t.learning_rates("minibatch", 7) for v in c.tolist()] == [
        v for c in t.rows("minibatch") if c["seed"][0] == 0 for v in c["lr"].tolist()
    ]


@given(
    warmup=st.integers(0, 300), period=st.integers(1, 90), chunk=st.integers(1, 200),
    origin=st.sampled_from(OPTIONS["cosine_origin"]),
)  # fmt: skip
def test_cycles_are_read_from_one_table(warmup: int, period: int, chunk: int, origin: str) -> None:
    """The learning rates alone are, bit by bit, those of the rows, however long cycle and chunk are."""
    t = trajectory_of(
        {
            "training.ppo_requests": 20480,
            f"{LRS}.warmup_steps": warmup,
            f"{LRS}.restart_period": period,
        },
        f"note,cosine_origin={origin}",
    )
    alone = np.concatenate(list(t.learning_rates("minibatch", chunk)))
    assert alone.tolist() == [v for c in t.rows("minibatch") for v in c["lr"].tolist()]


def test_public_function() -> None:
    """`ppodiag.simulate` takes a mapping, a text or a path, and names what is missing."""
    config = with_changes(ON)
    t = ppodiag.simulate(config, norms="constant:norm=1", seeds=3)
    assert t.sizes is not None
    assert set(t.sizes.ravel().tolist()) == {64}
    assert len(ppodiag.simulate(config, seeds=[7, 8]).seeds) == 2
    with pytest.raises(UsageError, match="the length of the run is not known"):
        ppodiag.simulate(with_changes({"training.ppo_requests": ABSENT}))
    with pytest.raises(UsageError, match=r"ppo_config\.lr is absent or invalid"):
        ppodiag.simulate(with_changes({"ppo_config.lr": "fast"}))
    with pytest.raises(UsageError, match="cannot be simulated"):
        ppodiag.simulate('{"ppo_config": {"lr": }}')
    with pytest.raises(UsageError, match="there is no seed"):
        ppodiag.simulate(config, seeds=[])


def test_frame() -> None:
    """The table has a row for each step of each seed, and columns with units in their names."""
    try:
        import pandas
    except ImportError:
        pandas = None
    require(pandas, "pandas")
    t = trajectory_of({**ON, "training.ppo_requests": 10240}, seeds=(0, 1))
    frame = t.to_frame()
    assert list(frame.columns) == [
        "seed", "update", "env_steps", "applied", "minibatch_size", "minibatch_steps",
        "optimizer_steps", "tick", "lr_first", "lr_last", "pg_grad_norm",
    ]  # fmt: skip
    assert len(frame) == 20
    assert frame.minibatch_steps.sum() == sum(t.minibatch_steps) == len(t.to_frame("minibatch"))
    assert len(t.to_frame("optimizer")) == sum(t.optimizer_steps)
    with pytest.raises(UsageError, match="rows; at most 50,000,000"):
        trajectory_of({"training.ppo_requests": 10**12}).to_frame("minibatch")
    with pytest.raises(UsageError, match="choose of update, optimizer, minibatch"):
        t.to_frame("epoch")
