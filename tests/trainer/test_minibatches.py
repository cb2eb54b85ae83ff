"""How a rollout is cut, held to a naive loop that slices index arrays."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from ppodiag.plan import plan_rollout
from ppodiag.profile import NOTE
from reference_trainer.minibatches import cut_rollout, places
from tests.trainer.configs import experiment, small


def config_of(rollout_len: int, envs: int, size: int, length: int, a: int) -> dict[str, Any]:
    config = small(rollout_len=rollout_len, minibatch_size=size, epochs=2)
    config["training"]["ppo_requests"] = rollout_len * envs
    config["parallel_training"]["num_envs"] = envs
    config["actor_critic_architecture"] = {"sequence_length": length}
    config["advanced_optimization"] = {"gradient_optimization": {"accumulation_steps": a}}
    return config


shapes = st.tuples(
    st.integers(1, 20), st.integers(1, 4), st.integers(1, 80), st.integers(1, 9), st.integers(1, 4)
)


@given(shapes)
def test_every_sample_stands_once_in_an_epoch_and_sequences_stay_in_order(
    shape: tuple[int, int, int, int, int],
) -> None:
    """Against a loop: minibatches of s whole sequences, places ordered by time."""
    rollout_len, envs, size, length, _ = shape
    config = experiment(config_of(*shape)).config
    cut = cut_rollout(config, size)
    order = torch.randperm(cut.sequences, generator=torch.Generator().manual_seed(1))
    rows, inside = places(cut, order)
    counted = rows if inside is None else rows[inside]
    assert sorted(counted.tolist()) == list(range(rollout_len * envs))
    steps = min(length, rollout_len)
    for m, (first, last, count) in enumerate(cut.bounds):
        chosen = order[m * cut.group : m * cut.group + count].tolist()
        assert last - first == count * steps
        for place in range(first, last):
            t, i = divmod(place - first, count)
            chunk, env = divmod(chosen[i], envs)
            step = chunk * steps + t
            assert inside is None or bool(inside[place]) == (step < rollout_len)
            assert int(rows[place]) == min(step, rollout_len - 1) * envs + env


@given(shapes)
def test_counts_are_those_of_the_plan(shape: tuple[int, int, int, int, int]) -> None:
    """Minibatches and windows of an update, and those of every stop in it."""
    config = experiment(config_of(*shape)).config
    cut = cut_rollout(config, shape[2])
    plan = plan_rollout(config, NOTE, shape[2])
    assert (cut.minibatches, len(cut.windows)) == (plan.minibatches, plan.windows)
    done = 0
    for window in range(cut.optimizer_steps):
        assert cut.minibatches_done(window) == done
        done += len(cut.windows[window % len(cut.windows)])
    assert cut.minibatches_done(cut.optimizer_steps) == done == plan.epochs * plan.minibatches
