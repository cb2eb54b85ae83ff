"""The figures that a person reads first."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppodiag.batch import swing
from ppodiag.figures import bound_shares, outline
from ppodiag.norms.model import NormModel, Replay
from ppodiag.profile import OPTIONS
from ppodiag.schedule import lr_ratio
from ppodiag.trajectory import Trajectory
from tests.simulate.test_trajectory import ABS, LRS, ON, small, trajectory_of


def figure_text(t: Trajectory, key: str) -> str:
    return next(figure.text for figure in outline(t).figures if figure.key == key)


@given(
    changes=small,
    clock=st.sampled_from(["update", "env_step"]),
    tick=st.sampled_from(OPTIONS["update_tick"]),
    skipped=st.sampled_from(OPTIONS["skipped_updates"]),
)
def test_figures_of_a_clock_that_is_read_once_an_update(
    changes: dict[str, Any], clock: str, tick: str, skipped: str
) -> None:
    """Peak, mean and share of the warm-up are those of the rates that the updates use.

    The warm-up ends with the first update that reads t ≥ W.
    """
    profile = f"note,clock={clock},update_tick={tick},skipped_updates={skipped}"
    t = trajectory_of(changes, profile, seeds=(0,))
    steps = [tick for c in t.rows("optimizer") for tick in c["tick"].tolist()]
    reads = sorted(set(steps))
    ratios = [float(lr_ratio(t.schedule, tick)) for tick in reads] if reads else []
    if not ratios:
        assert t.mean_ratios == t.peak_ratios == []
        return
    assert t.peak_ratios == [max(ratios)]
    assert t.mean_ratios == [pytest.approx(math.fsum(ratios) / len(ratios), abs=1e-12)]
    warmup = t.schedule.warmup
    warm = math.fsum(r for tick, r in zip(reads, ratios, strict=True) if tick < warmup)
    if math.fsum(ratios) > 1e-9:
        assert t.warmup_shares == [pytest.approx(warm / math.fsum(ratios), abs=1e-9)]
    later = [update for update, read in enumerate(reads) if read >= warmup]
    assert t.update_at_tick(warmup, 0) == (later[0] if later else None)


def test_two_updates_of_sb3() -> None:
    """Two rollouts, linear to T: SB3 uses lr/2 and 0; the peak is lr/2 and the mean lr/4."""
    t = trajectory_of(
        {
            "training.ppo_requests": 2048, "ppo_config.stabilization_steps": 0,
            LRS: {"type": "linear", "warmup_steps": 0, "min_lr_ratio": 0.0},
        },
        "sb3",
    )  # fmt: skip
    assert (t.peak_ratios, t.mean_ratios, t.final_ratios) == ([0.5], [0.25], [0.0])


def test_a_warm_up_that_ends_with_a_completed_rollout() -> None:
    """T = 1,050 and R = 1,024: SB3 collects 2,048 steps, and a warm-up of 2,048 takes all of them."""
    t = trajectory_of(
        {
            "training.ppo_requests": 1050, "ppo_config.stabilization_steps": 0,
            f"{LRS}.warmup_steps": 2048,
        },
        "sb3",
    )  # fmt: skip
    assert t.collected == 2048
    assert figure_text(t, "warmup_ends") == (
        "ends at 2,048 env steps (100% of the run), in update 2 of 2"
    )


def test_a_warm_up_of_the_second_form_ends_a_tick_earlier() -> None:
    """With (t+1)/W the peak is read at t = W − 1: a warm-up of N ticks ends with the run."""
    changes = {"training.ppo_requests": 6144, f"{LRS}.warmup_steps": 320}
    assert trajectory_of(changes, "note,warmup_form=(t+1)/W").warmup_ends == [6144]
    assert trajectory_of(changes).warmup_ends == [math.inf]


def test_paths_that_never_end_the_warm_up_are_the_latest() -> None:
    """Quantiles of the warm-up's end are over all paths."""
    t = trajectory_of(
        {"training.ppo_requests": 20480, f"{LRS}.warmup_steps": 1000, **ON}, seeds=range(4)
    )
    found = []
    for ends in (
        [8192.0, 9216.0, 10240.0, math.inf],
        [8192.0, math.inf, math.inf, math.inf],
    ):
        t.__dict__["warmup_ends"] = ends
        found.append(figure_text(t, "warmup_ends"))
    assert found[0] == (
        "ends at 9,216 [8,192 to never] env steps (45% of the run), in update 5 [4 to never] of 16; "
        "in 25% of the paths never"
    )
    assert found[1].startswith("never ends in 75% of the paths: they stop at ")
    assert found[1].endswith("; the first one ends it at 8,192 env steps")
    value = outline(t).plain()["warmup_ends"]
    assert value["env_steps"] == {"median": None, "p05": 8192, "p95": None}
    assert (value["share_of_run"], value["never_share"]) == (None, 0.75)


def test_one_cycle_is_all_there_is_without_a_period() -> None:
    """P is planned at B = 64; at 16 samples the cosine is done early, and λ stays at the floor."""
    schedule = {"type": "cosine_annealing_with_warmup", "warmup_steps": 100, "min_lr_ratio": 0.1}
    low = Replay("run", np.array([1.0] + [9.0] * 59))
    t = trajectory_of({**ON, LRS: schedule, "training.ppo_requests": 65536}, source=low)
    assert figure_text(t, "cosine_cycles") == "1.00 of 9,500 minibatch steps, then at the floor"
    assert outline(t).plain()["cosine_cycles"] == 1.0
    plain = trajectory_of({LRS: schedule, "training.ppo_requests": 65536})
    assert figure_text(plain, "cosine_cycles") == "1.00 of 9,500 minibatch steps"


def test_an_unknown_share_of_noise_has_no_gain() -> None:
    """A record that does not tell the share of noise does not say that the loop does not act."""
    unknown = NormModel("lognormal", 0.5, 0.0, 0.2, share_known=False)
    for source, text, gain in (
        (unknown, "gain not known: the record does not tell the share of noise", None),
        (NormModel("lognormal", 0.5, 0.0, 0.2), "gain 0.00 of 1: does not act", 0.0),
    ):
        figures = outline(trajectory_of({**ON, "training.ppo_requests": 20480}, source=source))
        figure = next(f for f in figures.figures if f.key == "feedback")
        assert figure.text.startswith(text)
        assert (figure.value["gain"], figure.value["sign"]) == (gain, gain)


@pytest.mark.parametrize("profile", ["note", "note,batch_reference=max_grad_norm"])
@pytest.mark.parametrize("norm", [1e-150, 1e150])
def test_norms_that_overflow_change_nothing(profile: str, norm: float) -> None:
    """With σ = 100 some norms are not finite; the figures are made of the others, without a warning."""
    model = NormModel("noise", norm, 1.0, 100.0)
    t = trajectory_of({**ON, "training.ppo_requests": 409600}, profile, source=model, seeds=(0, 1))
    assert outline(t).plain()["pg_grad_norm"]["median"] > 0


def test_quantiles_of_sizes_are_those_of_numpy() -> None:
    """Quantiles of the sizes, over all paths and updates, are values that occur."""
    t = trajectory_of({**ON, "training.ppo_requests": 102400}, seeds=range(11))
    assert t.sizes is not None
    wanted = np.quantile(t.sizes, (0.05, 0.25, 0.5, 0.75, 0.95), method="inverted_cdf").tolist()
    assert list(outline(t).plain()["minibatch_size"].values()) == wanted
    whole = swing(t.sizes)
    assert [figure.tolist() for figure in t.swings] == [figure.tolist() for figure in whole]


def test_bounds_above_the_rollout() -> None:
    """Bounds of 16 and 256 with a rollout of 32: the upper one is 32, and all updates are there."""
    small = {"ppo_config.rollout_len": 32, "parallel_training.enable": False}
    t = trajectory_of({**ON, **small, "training.ppo_requests": 9600}, seeds=(0,))
    assert t.size_bounds == (16, 32)
    figure = next(f for f in outline(t).figures if f.key == "share_at_bound")
    low, high = bound_shares(t)
    assert figure.value == {"lower": low, "upper": high}
    assert "at 16" in figure.text
    assert "at 32" in figure.text
    only = {**ON[ABS], "min_batch_size": 64}
    t = trajectory_of({ABS: only, **small, "training.ppo_requests": 9600}, seeds=(0,))
    figure = next(f for f in outline(t).figures if f.key == "share_at_bound")
    assert (
        figure.text == "always: 32 is the only size between the bounds that a rollout has room for"
    )
