"""Trajectories with the norms, sizes and early stops of a recorded run."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ppodiag.figures import bound_shares, outline
from ppodiag.norms.model import Replay
from ppodiag.trajectory_rows import StepReader
from tests.simulate.test_trajectory import LRS, ON, trajectory_of


def test_replayed_early_stops_slow_the_clock() -> None:
    """An update that stopped after 6 of its 160 minibatches ticks 6 times; the next begins there."""
    replay = Replay("run", np.ones(3), minibatches=np.array([6.0, 160.0, 1.0]))
    t = trajectory_of({"training.ppo_requests": 7168, f"{LRS}.warmup_steps": 100}, source=replay)
    rows = next(iter(t.rows("update")))
    assert rows["applied"].tolist() == [False] * 4 + [True] * 3
    assert rows["tick"].tolist()[4:] == [0, 6, 166]
    assert rows["minibatch_steps"].tolist()[4:] == [6, 160, 1]
    assert rows["optimizer_steps"].tolist()[4:] == [3, 80, 1]
    assert t.ticks == [167]


def test_rows_of_an_update_that_stopped_within_a_window() -> None:
    """3 of 160 minibatches, a = 2: windows of 2 and 1, the second reads tick 2 and ends the update."""
    replay = Replay("run", np.ones(3), minibatches=np.array([3.0, 1.0, 18.0]))
    t = trajectory_of({"training.ppo_requests": 7168, f"{LRS}.warmup_steps": 100}, source=replay)
    columns = next(iter(t.rows("optimizer")))
    assert columns["tick"].tolist()[:4] == [1, 2, 3, 5]
    assert columns["samples"].tolist()[:4] == [128, 64, 64, 128]
    assert columns["lr"].tolist()[:3] == pytest.approx([3e-4 * k / 100 for k in (1, 2, 3)])
    steps = next(iter(t.rows("minibatch")))
    assert steps["ends_window"].tolist()[:6] == [False, True, True, True, False, True]
    assert sum(steps["ends_window"].tolist()) == sum(t.optimizer_steps) == len(columns["tick"])
    assert sum(steps["samples"].tolist()) == sum(columns["samples"].tolist()) == 22 * 64
    updates = next(iter(t.rows("update")))
    assert updates["lr_first"].tolist()[4:] == pytest.approx([3e-4 * k / 100 for k in (1, 3, 5)])
    assert updates["lr_last"].tolist()[4:] == pytest.approx([3e-4 * k / 100 for k in (2, 3, 21)])
    _, share, lr = StepReader(t, 0).optimizer_steps(np.array([1, 2]))
    assert share.tolist() == [1.0, 1.0]
    assert lr.tolist() == columns["lr"].tolist()[1:3]


@pytest.mark.parametrize(
    ("minibatches", "bound"),
    [([6.0, 160.0, 1.0], False), ([6.0, 160.0], True), ([6.0, np.nan, 1.0], True), (None, True)],
)
def test_steps_beyond_the_recorded_ones_are_upper_bounds(
    minibatches: list[float] | None, bound: bool
) -> None:
    """Counts are exact where each update's minibatches are recorded, else "at most"."""
    stops = {"kl_regularization.early_stopping": {"enable": True, "kl_threshold": 0.02}}
    counts = None if minibatches is None else np.array(minibatches)
    replay = Replay("run", np.ones(3), minibatches=counts)
    t = trajectory_of({"training.ppo_requests": 7168, **stops}, source=replay)
    assert t.steps_are_upper_bounds is bound
    assert trajectory_of({"training.ppo_requests": 7168}).steps_are_upper_bounds is False
    figure = next(f for f in outline(t).figures if f.key == "minibatch_steps")
    assert figure.text.startswith("at most ") is bound


def test_only_updates_with_a_norm_are_judged() -> None:
    """A record of 3 updates for 40: swing and shares at a bound are those of the first 3."""
    t = trajectory_of(
        {**ON, "training.ppo_requests": 44 * 1024}, source=Replay("run", np.array([1.0, 9.0, 9.0]))
    )
    assert (t.updates, t.known_updates) == (40, 3)
    assert t.sizes is not None
    assert t.sizes[:5, 0].tolist() == [64, 64, 45, 31, 31]  # d = −1: 64 · 0.7 · 0.7
    # Δ log B of 0 and ln(45/64); the 37 updates after them do not dilute it.
    assert t.swings[0][0] == pytest.approx(abs(math.log(45 / 64)) / 2)
    assert bound_shares(t) == (0.0, 0.0)
    assert outline(t).plain()["minibatch_size"]["p50"] == 64


@pytest.mark.parametrize("share", [0.0, 0.5])
@pytest.mark.parametrize("profile", ["note", "sb3", "note,batch_reference=max_grad_norm"])
def test_a_record_full_of_holes(profile: str, share: float) -> None:
    """Norms, sizes and counts that are not known or not finite replay without a warning."""
    nan, inf = math.nan, math.inf
    replay = Replay(
        "run",
        np.array([nan, inf, 0.0, 1e308, 1e-308, 2.0, 1e308, nan]),
        sizes=np.array([64.0, nan, 32.0, nan, 64.0, 1e15, 64.0, nan]),
        minibatches=np.array([nan, 1.0, 1e15, nan, 3.0, 160.0, nan, nan]),
        share=share,
    )
    t = trajectory_of({**ON, "training.ppo_requests": 16384}, profile, source=replay)
    assert t.known_updates == 7
    assert t.minibatches is not None
    assert t.minibatches.min() >= 1
    assert outline(t).plain()["pg_grad_norm"]["median"] == pytest.approx(2.0, rel=0.5)


def test_replay_beyond_the_record() -> None:
    """Where the record ends the batch stays as it is, and the trajectory says so."""
    t = trajectory_of(
        {**ON, "training.ppo_requests": 10240}, source=Replay("run", np.array([1.0, 3.0]))
    )
    assert t.sizes is not None
    assert t.sizes[:, 0].tolist() == [64, 64, 45, 45, 45, 45]  # d = −1: 64 · 0.7
    assert t.remarks == (
        "the run recorded 2 of the plan's 6 updates: from there on there is no norm, and the batch "
        "size stays",
    )
