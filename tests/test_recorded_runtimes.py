"""The presets, against learning rates recorded from the real runtimes by `tools/record_series.py`.

The records hold float64, read from the optimizer's parameter groups just before each step.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.healthy import with_changes
from ppodiag.profile import PRESETS, parse_profile

RECORDS = sorted((Path(__file__).parent / "recorded").glob("*.json"))

each_record = pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)

RELATIVE = 1e-12
"""The largest relative difference from a recorded rate; a recorded zero must be met exactly."""


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def context_of(record: dict[str, Any]) -> Context:
    """The configuration that says what the runtime was told, under the profile of the record."""
    told = record["settings"]
    changes = {
        f"ppo_config.{k}": told[k] for k in ("lr", "rollout_len", "minibatch_size", "epochs")
    }
    value = with_changes(
        changes
        | {
            "training.ppo_requests": told["total_env_steps"],
            "parallel_training.num_envs": told["num_envs"],
            "ppo_config.stabilization_steps": 0,
            "advanced_optimization.learning_rate_schedule": told["schedule"],
            "advanced_optimization.gradient_optimization.accumulation_steps": told[
                "accumulation_steps"
            ],
        }
    )
    return Context(parse_config(value), parse_profile(record["profile"]), value=value)


def ticks_read(ctx: Context, update: int) -> list[int]:
    """The tick at which each optimizer step of an applied update (from 0) reads its rate.

    A window reads at its last minibatch; with the clocks update and env_step the whole update
    reads at one tick, for env_step at the rollout's start or end.
    """
    rollout, clock = ctx.rollout, ctx.profile.clock
    begin = ctx.run.first_tick + update * rollout.ticks
    steps = rollout.epochs * rollout.windows
    if clock == "env_step" and ctx.profile.update_tick == "last":
        return [begin + rollout.ticks] * steps
    if clock in ("update", "env_step"):
        return [begin] * steps
    if clock == "optimizer_step":
        return [begin + step for step in range(steps)]
    last = [
        min((window + 1) * rollout.accumulation, rollout.minibatches) - 1
        for window in range(rollout.windows)
    ]
    return [
        begin + epoch * rollout.minibatches + minibatch
        for epoch in range(rollout.epochs)
        for minibatch in last
    ]


def test_every_preset_is_recorded() -> None:
    """There are 17 records, at least two of every preset."""
    assert len(RECORDS) == 17
    recorded = [load(path)["profile"] for path in RECORDS]
    assert all(recorded.count(preset) >= 2 for preset in PRESETS)


@each_record
def test_the_plan_is_the_recorded_one(path: Path) -> None:
    """As many updates, optimizer steps in each, and environment steps before each as recorded."""
    record = load(path)
    ctx = context_of(record)
    updates = record["updates"]
    rollout = ctx.rollout
    assert len(updates) == ctx.run.updates
    assert {len(update["lr"]) for update in updates} == {rollout.epochs * rollout.windows}
    assert sum(len(update["lr"]) for update in updates) == ctx.run.optimizer_steps
    collected = [update["env_steps"] for update in updates]
    assert collected == [(k + 1) * rollout.samples for k in range(len(updates))]


@each_record
def test_each_optimizer_step_has_the_recorded_rate(path: Path) -> None:
    """Every recorded rate equals lr · λ(t) to 1e-12 of it; the last one reads `final_tick`."""
    record = load(path)
    ctx = context_of(record)
    lr = record["settings"]["lr"]
    for k, update in enumerate(record["updates"]):
        ticks = ticks_read(ctx, k)
        for tick, recorded in zip(ticks, update["lr"], strict=True):
            assert math.isclose(lr * ctx.lr_ratio(tick), recorded, rel_tol=RELATIVE), (k, tick)
    assert ticks[-1] == ctx.run.final_tick


def test_where_the_runs_end() -> None:
    """SB3 ends at 0 with whole rollouts and below 0 with a completed one; CleanRL ends above 0."""
    ends = {path.stem: load(path)["updates"][-1]["lr"][-1] for path in RECORDS}
    assert ends["sb3-whole"] == 0
    assert ends["sb3-partial"] == pytest.approx(3e-4 * (1 - 448 / 400))
    assert ends["sb3-own-schedule"] == 3e-5
    assert ends["cleanrl-partial"] == pytest.approx(2.5e-4 / 9)
