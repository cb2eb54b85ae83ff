"""Profiles: the presets' readings of one file, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.errors import UsageError
from ppodiag.healthy import HEALTHY, with_changes
from ppodiag.profile import NOTE, OPTIONS, PRESETS, option_values, parse_profile


def context_of(changes: dict[str, Any], profile: str) -> Context:
    value = with_changes(changes)
    return Context(parse_config(value), parse_profile(profile), value=value)


def test_the_first_of_each_option_is_the_default() -> None:
    """`note` has the first value of every option."""
    assert option_values(NOTE) == {option: values[0] for option, values in OPTIONS.items()}


def test_every_preset_uses_known_values() -> None:
    """No preset has a value that cannot be written as an option."""
    for preset in PRESETS.values():
        for option, value in option_values(preset).items():
            assert value in OPTIONS[option], (preset.name, option)


def test_sb3_decreases_linearly_with_progress() -> None:
    """SB3 with 2,048 steps of 10,000: 5 rollouts, λ = 1 − (k + 1)·R/T, below zero at the end."""
    ctx = context_of(
        {
            "training.ppo_requests": 10000,
            "parallel_training.num_envs": 1,
            "ppo_config.rollout_len": 2048,
            "ppo_config.stabilization_steps": 0,
            "advanced_optimization.learning_rate_schedule": {"type": "linear", "warmup_steps": 0},
        },
        "sb3",
    )
    assert ctx.run.updates == 5
    ticks = [(k + 1) * ctx.rollout.ticks for k in range(5)]
    expected = [1 - (k + 1) * 2048 / 10000 for k in range(5)]
    assert [ctx.lr_ratio(t) for t in ticks] == pytest.approx(expected, abs=1e-15)
    assert ctx.lr_ratio(ctx.run.final_tick) == pytest.approx(-0.024)


def test_cleanrl_anneals_by_update() -> None:
    """CleanRL: frac = 1 − (update − 1)/num_updates for update = 1, 2, …."""
    ctx = context_of(
        {
            "training.ppo_requests": 10240,
            "ppo_config.stabilization_steps": 0,
            "advanced_optimization.learning_rate_schedule": {"type": "linear", "warmup_steps": 0},
        },
        "cleanrl",
    )
    assert ctx.run.ticks == 10
    assert [ctx.lr_ratio(k) for k in range(10)] == pytest.approx([1 - k / 10 for k in range(10)])


def test_optimizer_step_clock_counts_windows() -> None:
    """With a = 2 the clock of optimizer steps has half of the ticks."""
    assert context_of({}, "torch-optimizer-step").run.ticks * 2 == context_of({}, "note").run.ticks


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("sb4", "no profile is called 'sb4'"),
        ("sb3,clok=update", "'clok=update' sets no option"),
        ("sb3,clock=hour", "clock cannot be 'hour'"),
    ],
)
def test_unknown_profiles_are_explained(text: str, piece: str) -> None:
    """An unknown preset, option or value is an error that lists what there is."""
    with pytest.raises(UsageError, match=piece):
        parse_profile(text)


def test_declared_in_the_file() -> None:
    """The base declares its profile in the file."""
    assert HEALTHY["$ppodiag"]["profile"] == "note"
