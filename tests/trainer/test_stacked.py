"""Many seeds at once: each is what it would be alone, and none depends on its neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from reference_trainer import train
from tests.trainer.configs import COSINE, GRU, small, trainer, untimed, with_features

ATTENTION = {
    "hidden_size": 16, "num_layers": 1, "num_replicas": 2,
    "cross_replica_attention": {"enable": True, "feature_dim": 8, "num_heads": 2},
}  # fmt: skip


def config(architecture: dict[str, Any]) -> dict[str, Any]:
    made = with_features(
        small(),
        learning_rate_schedule=COSINE,
        gradient_optimization={"accumulation_steps": 3},
    )
    made["kl_regularization"] = {"early_stopping": {"enable": True, "kl_threshold": 0.001}}
    return {**made, "actor_critic_architecture": architecture}


@pytest.mark.parametrize(
    "architecture", [{}, {"shared_backbone": True}, GRU, ATTENTION], ids=["mlp", "shared", "gru", "attention"]
)  # fmt: skip
def test_a_seed_among_others_is_its_single_run(architecture: dict[str, Any]) -> None:
    """Three seeds stacked, two updates: rows to 1e-4, counts and rates exactly, though each seed
    stops when it will.
    """
    seeds = (3, 0, 7)
    stacked = untimed(trainer(config(architecture), seeds), updates=2)
    stops = set()
    for place, seed in enumerate(seeds):
        alone = untimed(trainer(config(architecture), (seed,)), updates=2)
        for one, among in zip(alone, stacked[place::3], strict=True):
            for name, value in one.items():
                if isinstance(value, float) and name != "lr":
                    assert among[name] == pytest.approx(value, rel=1e-4, abs=1e-5), name
                else:
                    assert among[name] == value, name
        stops.add(alone[-1]["optimizer_steps"])
    assert stops != {6}


def test_another_neighbour_changes_nothing() -> None:
    """Seed 5 beside seed 3 and seed 5 beside seed 4: the same bits."""
    runs = []
    for neighbour in (3, 4):
        trained = trainer(config({}), (neighbour, 5))
        runs.append((untimed(trained)[1::2], trained.parameters.flat[1]))
    assert runs[0][0] == runs[1][0]
    assert torch.equal(runs[0][1], runs[1][1])


def test_seeds_that_cannot_be_stacked_are_trained_one_by_one_and_that_is_said() -> None:
    """Where the batch adapts each seed has a size of its own; its run is that of the seed alone."""
    features = {
        "adaptive_batch_size": {
            "enable": True, "min_batch_size": 8, "max_batch_size": 64, "adaptation_rate": 0.5,
        }
    }  # fmt: skip
    adaptive = with_features(small(), **features)
    both = train(adaptive, env="CartPole-v1", seeds=(0, 1))
    alone = train(adaptive, env="CartPole-v1", seeds=1)
    assert "one after the other" in both.notes[0]
    assert not alone.notes

    def sizes(run: Any, seed: int) -> list[float]:
        return [row.number("batch_state") for row in run.rows[seed]]

    np.testing.assert_array_equal(sizes(both, 1), sizes(alone, 1))
    assert sizes(both, 0) != sizes(both, 1)
