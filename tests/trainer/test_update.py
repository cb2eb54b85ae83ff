"""The update: Adam, accumulation, clipping, early stops, steps without a finite gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from reference_trainer.adam import BETAS, EPSILON, Adam
from reference_trainer.update import Updater, clip_scale
from tests.trainer.configs import COSINE, GRU, small, trainer, untimed, with_features

F64 = torch.float64


@pytest.mark.parametrize("host", [True, False])
@pytest.mark.parametrize("seeds", [1, 3])
def test_adam_takes_torchs_steps(seeds: int, host: bool) -> None:
    """20 steps with changing rates equal torch.optim.Adam's, seed by seed, to 1e-12; by the shorter
    ways of the CPU and by that of other devices.
    """
    g = torch.Generator().manual_seed(0)
    start = torch.randn(seeds, 11, generator=g, dtype=F64)
    ours, adam = start.clone(), Adam(start)
    adam.host = host
    theirs = [row.clone().requires_grad_() for row in start]
    optimizers = [torch.optim.Adam([row], lr=1.0, betas=BETAS, eps=EPSILON) for row in theirs]
    for step in range(20):
        gradient = torch.randn(seeds, 11, generator=g, dtype=F64)
        lr = torch.tensor([0.1 / (step + 1), 0.01, 0.0], dtype=F64)[:seeds]
        half = torch.full((seeds,), 0.5, dtype=F64)
        for row, optimizer, rate, its in zip(theirs, optimizers, lr, gradient, strict=True):
            optimizer.param_groups[0]["lr"] = float(rate)
            row.grad = 0.5 * its
            optimizer.step()
        adam.step(ours, gradient, lr, half, torch.ones(seeds, dtype=torch.bool))
    torch.testing.assert_close(ours, torch.stack(theirs).detach(), rtol=1e-12, atol=1e-14)


def test_a_step_that_is_left_out_changes_nothing() -> None:
    """Neither parameters nor moments of that seed, whatever its gradient holds."""
    alone, ones = torch.ones(1, 5), torch.ones(1)
    single = Adam(alone)
    single.step(alone, torch.full((1, 5), float("nan")), ones, ones, torch.tensor([False]))
    assert alone.eq(1).all()
    assert not single.steps
    g = torch.Generator().manual_seed(0)
    parameters = torch.randn(3, 5, generator=g)
    adam = Adam(parameters)
    one, every = torch.ones(3), torch.ones(3, dtype=torch.bool)
    adam.step(parameters, torch.randn(3, 5, generator=g), one, one, every)
    before = parameters.clone(), adam.mean.clone(), adam.square.clone(), adam.steps.clone()
    gradient = torch.randn(3, 5, generator=g)
    gradient[1] = float("nan")
    adam.step(parameters, gradient, one, one, torch.tensor([True, False, True]))
    for now, old in zip((parameters, adam.mean, adam.square, adam.steps), before, strict=True):
        assert torch.equal(now[1], old[1])
        assert not torch.equal(now[0], old[0])
        assert now.isfinite().all()


@pytest.mark.parametrize("host", [True, False])
def test_a_neighbour_that_leaves_a_step_out_changes_no_bit(host: bool) -> None:
    """Three steps of two seeds, the first of which takes all of them or skips the second."""
    found = []
    for skips in (False, True):
        g = torch.Generator().manual_seed(0)
        parameters = torch.randn(2, 999, generator=g)
        adam = Adam(parameters)
        adam.host = host
        for step in range(3):
            gradient = torch.randn(2, 999, generator=g)
            taken = torch.tensor([not skips or step != 1, True])
            adam.step(parameters, gradient, torch.full((2,), 1e-3), torch.full((2,), 0.3), taken)
        found.append(torch.stack((parameters, adam.mean, adam.square)))
    assert torch.equal(found[0][:, 1], found[1][:, 1])
    assert not torch.equal(found[0][:, 0], found[1][:, 0])


def test_clipping_scales_as_torch_does() -> None:
    """To the threshold above it, not at all below it."""
    gradient = torch.tensor([[3.0, 4.0]], dtype=F64)
    for threshold in (0.5, 4.999, 5.001, 100.0):
        parameter = torch.zeros(1, 2, dtype=F64, requires_grad=True)
        parameter.grad = gradient.clone()
        torch.nn.utils.clip_grad_norm_([parameter], threshold)
        norm = torch.linalg.vector_norm(gradient, dim=1)
        torch.testing.assert_close(gradient * clip_scale(norm, threshold), parameter.grad)


def parameters_after(config: dict[str, Any], updates: int = 1, **choices: Any) -> Tensor:
    trained = trainer(config, dtype=F64, **choices)
    for _ in range(updates):
        trained.step()
    return trained.parameters.flat.clone()


PLAIN_WINDOWS = [({}, size, a) for size, a in ((8, 4), (24, 2), (50, 2), (9, 5), (3, 7))]
SEQUENCE_WINDOWS = [(GRU, 5 * group, a) for group, a in ((8, 3), (5, 5), (7, 2))]


@pytest.mark.parametrize(("architecture", "size", "a"), PLAIN_WINDOWS + SEQUENCE_WINDOWS)
def test_accumulation_equals_one_large_batch(
    architecture: dict[str, Any], size: int, a: int
) -> None:
    """Minibatches of B, a to a window, are one batch of a·B, unequal tails included, to 1e-6."""
    found = []
    for minibatch, windows in ((size, a), (size * a, 1)):
        config = small(minibatch_size=minibatch, epochs=1)
        config["actor_critic_architecture"] = architecture
        config = with_features(config, gradient_optimization={"accumulation_steps": windows})
        found.append(parameters_after(config))
    start = trainer({**small(), "actor_critic_architecture": architecture}, dtype=F64)
    moved = (found[1] - start.parameters.flat).abs().max()
    assert moved > 1e-4
    assert float((found[0] - found[1]).abs().max() / moved) < 1e-6


def test_a_mean_of_means_weighs_a_short_tail_too_much() -> None:
    """Of 4 × 30 + 8 samples the profile's window is far from that of one batch, the note's is not."""
    one = parameters_after(small(minibatch_size=128, epochs=1, max_grad_norm=None))
    config = with_features(
        small(minibatch_size=30, epochs=1, max_grad_norm=None),
        gradient_optimization={"accumulation_steps": 5},
    )
    samples = parameters_after(config)
    config["$ppodiag"] = {"profile": "note,accumulation=mean_of_means"}
    means = parameters_after(config)
    assert float((samples - one).abs().max()) < 1e-9
    assert float((means - one).abs().max()) > 1e-4


@pytest.mark.parametrize(("size", "a", "share"), [(64, 3, 2 / 3), (32, 3, 1 / 3)])
def test_a_mean_of_means_divides_a_partial_window_by_all_of_a(
    size: int, a: int, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """128 = 2 × 64 = 3 × 32 + 32: the last window's gradient is that of its means, times 2/3 or 1/3."""
    norms: dict[str, float] = {}
    run = Updater.run
    for accumulation in ("samples", "mean_of_means"):

        def recorded(*given: Any, name: str = accumulation) -> Tensor:
            record = run(*given)
            norms[name] = float(record[0, -1, -3])
            return record

        config = with_features(
            small(minibatch_size=size, epochs=1, max_grad_norm=None, lr=1e-12),
            gradient_optimization={"accumulation_steps": a},
        )
        config["$ppodiag"] = {"profile": f"note,accumulation={accumulation}"}
        monkeypatch.setattr(Updater, "run", recorded)
        parameters_after(config)
    assert norms["mean_of_means"] / norms["samples"] == pytest.approx(share, rel=1e-6)


def test_an_early_stop_leaves_out_the_rest_of_the_update() -> None:
    """The stopped run's parameters are those of the windows that it did: here, of one epoch."""
    config = small(minibatch_size=64, epochs=1)
    whole = parameters_after(config)
    config["ppo_config"]["epochs"] = 5
    # The first window has ratio 1, so its k3 is 0; the second window's is above 1e-12.
    stops = {"early_stopping": {"enable": True, "kl_threshold": 1e-12}}
    trained = trainer({**config, "kl_regularization": stops}, dtype=F64)
    (row,) = trained.step()
    assert row.values["optimizer_steps"] == 2
    assert torch.equal(trained.parameters.flat, whole)


def test_a_gradient_that_is_not_finite_is_skipped_and_counted() -> None:
    """An infinite reward reaches the log, and never the weights."""
    trained = trainer(small(), normalize_reward=False)
    before = trained.parameters.flat.clone()
    step = trained.env.step

    def poisoned(actions: Tensor, draws: Tensor) -> Any:
        found = step(actions, draws)
        found.reward.fill_(float("inf"))
        return found

    trained.env.step = poisoned
    (row,) = trained.step()
    assert row.values["skipped_steps"] == row.values["optimizer_steps"] == 8
    assert row.values["pg_grad_norm"] is None
    assert torch.equal(trained.parameters.flat, before)


def test_the_norm_of_an_update_is_the_mean_over_its_steps_before_clipping() -> None:
    """Clipping changes the norm after it alone; the first step's norm is that of the same run."""
    rows = {}
    for threshold in (None, 1e-6):
        (row,) = trainer(small(max_grad_norm=threshold, minibatch_size=128, epochs=1)).step()
        rows[threshold] = row.values
    assert rows[None]["pg_grad_norm"] == rows[1e-6]["pg_grad_norm"]
    assert rows[None]["grad_norm_clipped"] == rows[None]["pg_grad_norm"]
    assert rows[1e-6]["grad_norm_clipped"] == pytest.approx(1e-6, rel=1e-2)
    assert (rows[None]["clipped_share"], rows[1e-6]["clipped_share"]) == (0.0, 1.0)


def test_stabilization_updates_the_normalizers_and_nothing_else() -> None:
    """No step, no tick, no adaptation in the first D rollouts; the statistics move."""
    features = {
        "learning_rate_schedule": COSINE,
        "adaptive_batch_size": {
            "enable": True, "min_batch_size": 8, "max_batch_size": 64, "adaptation_rate": 0.5,
        },
    }  # fmt: skip
    trained = trainer(with_features(small(stabilization_steps=300), **features))
    before = trained.parameters.flat.clone()
    assert trained.state_normalizer is not None
    for update in range(2):
        (row,) = trained.step()
        assert (row.values["applied"], row.values["optimizer_steps"]) == (False, 0)
        assert (row.values["tick"], row.values["batch_state"]) == (0, 32.0)
        assert float(trained.state_normalizer.moments.count) == 128 * (update + 1)
    assert torch.equal(trained.parameters.flat, before)
    (row,) = trained.step()
    assert row.values["applied"]
    assert not torch.equal(trained.parameters.flat, before)


@pytest.mark.parametrize("architecture", [{}, {"shared_backbone": True}, GRU])
def test_the_same_seed_gives_the_same_bits(architecture: dict[str, Any]) -> None:
    """Every row of two runs, and their parameters; another seed gives another run."""
    config = {**small(), "actor_critic_architecture": architecture}
    first, again, other = trainer(config), trainer(config), trainer(config, seeds=(1,))
    rows = untimed(first)
    assert rows == untimed(again)
    assert torch.equal(first.parameters.flat, again.parameters.flat)
    assert rows != untimed(other)


def test_checkpointing_changes_no_bit() -> None:
    """A run with checkpointed plain networks is the run without."""
    config = small()
    config["actor_critic_architecture"] = {"hidden_size": 16, "num_layers": 5}
    runs = []
    for on in (False, True):
        features = {"gradient_optimization": {"use_gradient_checkpointing": on}}
        trained = trainer(with_features(config, **features), written_out=False)
        runs.append((untimed(trained), trained.parameters.flat))
    assert runs[0][0] == runs[1][0]
    assert torch.equal(runs[0][1], runs[1][1])


def test_the_entropy_weight_follows_the_minibatches() -> None:
    """Linear from 0.1 to 0 over 20 minibatches: after 16 of them the last one had 0.1 · 5/20."""
    schedule = {
        "enable": True,
        "initial": 0.1,
        "final": 0.0,
        "decay_steps": 20,
        "decay_type": "linear",
    }
    trained = trainer(small(entropy_schedule=schedule))
    values = [trained.step()[0].values["entropy_coef"] for _ in range(4)]
    np.testing.assert_allclose(values, [0.1 * 13 / 20, 0.1 * 5 / 20, 0.0, 0.0], rtol=1e-12)


def test_the_kl_weight_follows_its_target() -> None:
    """Far below the target it falls by the rate in each update, far above it rises."""
    weights = []
    for target in (10.0, 1e-12):
        penalty = {
            "kl_coef": 0.5, "target_kl": target,
            "adaptive_kl": {"enable": True, "adaptation_rate": 0.5},
        }  # fmt: skip
        trained = trainer({**small(), "kl_regularization": penalty})
        weights.append([trained.step()[0].values["kl_coef"] for _ in range(3)])
    np.testing.assert_allclose(weights[0], [0.5, 0.5 / 1.5, 0.5 / 1.5**2])
    np.testing.assert_allclose(weights[1], [0.5, 0.5 * 1.5, 0.5 * 1.5**2])


def test_a_forward_pass_in_bfloat16_trains_alike() -> None:
    """The first update's norm and losses lie within 5% of those in single precision, and differ."""
    rows = [
        trainer(small(), written_out=False, autocast=kind).step()[0].values
        for kind in (None, torch.bfloat16)
    ]
    for name in ("pg_grad_norm", "value_loss", "entropy"):
        assert rows[1][name] == pytest.approx(rows[0][name], rel=0.05), name
    assert rows[0]["pg_grad_norm"] != rows[1]["pg_grad_norm"]
