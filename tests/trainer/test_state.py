"""A run that was put away and taken up again goes on as if it had not been."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from reference_trainer.training import train
from tests.trainer.configs import COSINE, GRU, small, trainer, untimed, with_features

ADAPTIVE = {
    "enable": True, "min_batch_size": 8, "max_batch_size": 64, "adaptation_rate": 0.5,
}  # fmt: skip


def config(architecture: dict[str, Any]) -> dict[str, Any]:
    made = with_features(
        small(stabilization_steps=128), learning_rate_schedule=COSINE, adaptive_batch_size=ADAPTIVE
    )
    made["kl_regularization"] = {
        "kl_coef": 0.1, "target_kl": 0.01, "adaptive_kl": {"enable": True, "adaptation_rate": 0.5},
    }  # fmt: skip
    return {**made, "actor_critic_architecture": architecture}


@pytest.mark.parametrize("architecture", [{}, GRU])
@pytest.mark.parametrize("after", [0, 1, 3])
def test_going_on_from_a_state_gives_the_same_bits(
    architecture: dict[str, Any], after: int
) -> None:
    """Before the first update, within the window of stabilization, and behind it."""
    whole = trainer(config(architecture))
    rows = untimed(whole)
    first = trainer(config(architecture))
    head = untimed(first, updates=after)
    state = first.state()
    untimed(first)  # what happens to the first one later does not reach the state
    second = trainer(config(architecture))
    second.load_state(state)
    assert head + untimed(second) == rows
    assert torch.equal(second.parameters.flat, whole.parameters.flat)


def test_the_state_of_another_run_is_refused() -> None:
    """Other seeds, or another network."""
    state = trainer(small()).state()
    with pytest.raises(ValueError, match="other seeds"):
        trainer(small(), seeds=(1,)).load_state(state)
    other = {**small(), "actor_critic_architecture": {"hidden_size": 8}}
    with pytest.raises(ValueError, match="another network"):
        trainer(other).load_state(state)


def test_dropout_is_drawn_from_the_runs_seed() -> None:
    """Whatever torch's own generator has been used for: equal seeds give equal bits, others do not."""
    asked = small()
    asked["actor_critic_architecture"] = {
        "enable_cross_replica_attention": True,
        "num_replicas": 2,
        "cross_replica_attention": {"feature_dim": 16, "dropout": 0.5},
    }
    found = []
    for before, seed in ((1, 0), (2, 0), (1, 1)):
        torch.manual_seed(before)
        run = train(asked, env="CartPole-v1", seeds=seed, device="cpu", total_env_steps=128)
        found.append(run.rows[seed][0].number("pg_grad_norm"))
    assert found[0] == found[1]
    assert found[0] != found[2]
