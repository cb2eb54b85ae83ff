"""The loss against a literal transcription, and its gradient, by hand and by autograd."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from ppodiag.architecture import architecture_of
from reference_trainer.distributions import Categorical, Gaussian
from reference_trainer.gradients import Autograd, gradient_of
from reference_trainer.losses import Coefficients, Minibatch, mean_k3, ppo_loss, statistics
from reference_trainer.nets.actor_critic import ActorCritic
from reference_trainer.nets.mlp_gradient import DenseGradient
from reference_trainer.nets.parameters import Parameters
from reference_trainer.spaces import Discrete
from tests.trainer.configs import CPU, experiment, small

S, N_ROWS, A, D = 2, 13, 3, 5
F64 = torch.float64


def coefficients(clip_value: float | None = None, kl: float | None = None) -> Coefficients:
    return Coefficients(
        clip=0.2, clip_value=clip_value, value=0.7, entropy=torch.tensor([0.03, 0.0], dtype=F64),
        kl=None if kl is None else torch.tensor([kl, 2 * kl], dtype=F64),
    )  # fmt: skip


def batch(seed: int = 0) -> Minibatch:
    """Samples whose ratios lie inside and outside the clip range."""
    g = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=g, dtype=F64)

    weights = torch.rand(S, N_ROWS, generator=g, dtype=F64)
    weights[:, -2:] = 0
    return Minibatch(
        observations=normal(S, N_ROWS, D),
        actions=torch.randint(A, (S, N_ROWS), generator=g),
        log_probs=-math.log(A) + 0.3 * normal(S, N_ROWS),
        advantages=normal(S, N_ROWS),
        targets=normal(S, N_ROWS),
        old_values=normal(S, N_ROWS),
        weights=weights / weights.sum(dim=1, keepdim=True),
    )


def literal_loss(
    outputs: np.ndarray, values: np.ndarray, b: Minibatch, c: Coefficients, s: int
) -> tuple[float, np.ndarray]:
    """The loss of one seed and its parts, sample by sample in plain Python."""
    sums = np.zeros(6)
    for i in range(N_ROWS):
        z = outputs[s, i]
        p = np.exp(z - z.max())
        p /= p.sum()
        advantage, old_value = float(b.advantages[s, i]), float(b.old_values[s, i])
        target, value = float(b.targets[s, i]), float(values[s, i])
        log_ratio = math.log(p[int(b.actions[s, i])]) - float(b.log_probs[s, i])
        ratio = math.exp(log_ratio)
        surrogate = min(ratio * advantage, min(max(ratio, 1 - c.clip), 1 + c.clip) * advantage)
        error = (value - target) ** 2
        if c.clip_value is not None:
            near = old_value + min(max(value - old_value, -c.clip_value), c.clip_value)
            error = max(error, (near - target) ** 2)
        entropy = -float((p * np.log(p)).sum())
        parts = (
            -surrogate, error, entropy, -log_ratio, ratio - 1 - log_ratio, abs(ratio - 1) > c.clip,
        )  # fmt: skip
        sums += float(b.weights[s, i]) * np.array(parts, dtype=float)
    loss = sums[0] + c.value * sums[1] - float(c.entropy[s]) * sums[2]
    if c.kl is not None:
        loss += float(c.kl[s]) * sums[4]
    return loss, sums


CASES = [(None, None), (0.4, None), (None, 0.5), (0.4, 0.5)]


@pytest.mark.parametrize(("clip_value", "kl"), CASES)
def test_the_loss_is_that_of_the_paper(clip_value: float | None, kl: float | None) -> None:
    """Every part, in double precision, to 1e-12."""
    b, c = batch(), coefficients(clip_value, kl)
    g = torch.Generator().manual_seed(5)
    outputs = torch.randn(S, N_ROWS, A, generator=g, dtype=F64)
    values = torch.randn(S, N_ROWS, generator=g, dtype=F64)
    loss, seen = ppo_loss(outputs, values, b, c, Categorical())
    sums = statistics(seen, b, c).sum(dim=1)
    clipped = sums[:, 5]
    assert (clipped > 0).all()
    assert (clipped < 1).all()
    for s in range(S):
        expected, parts = literal_loss(outputs.numpy(), values.numpy(), b, c, s)
        assert float(loss[s]) == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(sums[s].numpy(), parts, rtol=1e-12)
    torch.testing.assert_close(mean_k3(seen, b), sums[:, 4], rtol=1e-12, atol=0)


def network(seeds: int = S, layers: int = 2, checkpointing: bool = False) -> ActorCritic:
    config = small()
    config["actor_critic_architecture"] = {
        "hidden_size": 7,
        "num_layers": layers,
        "critic": {"hidden_size": 6},
    }
    found = replace(experiment(config).config, state_dim=D, action_dim=A)
    architecture = architecture_of(found)
    assert architecture is not None
    generators = [torch.Generator().manual_seed(s) for s in range(seeds)]
    parameters = Parameters(architecture, Discrete(A), generators, CPU, F64)
    # Away from the small start of the last layers, so that ratios leave the clip range.
    g = torch.Generator().manual_seed(9)
    with torch.no_grad():
        parameters.flat.add_(0.5 * torch.randn(parameters.flat.shape, generator=g, dtype=F64))
    return ActorCritic(architecture, Discrete(A), parameters, checkpointing)


@pytest.mark.parametrize(("clip_value", "kl"), CASES)
def test_the_gradient_that_is_written_out_is_autograds(
    clip_value: float | None, kl: float | None
) -> None:
    """All parameters and all sums, to 1e-12; both add to what is there."""
    net, b, c = network(), batch(), coefficients(clip_value, kl)
    by_hand = gradient_of(net, Categorical(), None, True)
    assert isinstance(by_hand, DenseGradient)
    grad = net.parameters.grad
    found = []
    for gradient in (by_hand, Autograd(net, Categorical())):
        grad.fill_(1.0)
        seen = gradient(b, c)
        found.append((grad.clone(), statistics(seen, b, c)))
    torch.testing.assert_close(found[0][0], found[1][0], rtol=1e-11, atol=1e-12)
    torch.testing.assert_close(found[0][1], found[1][1], rtol=1e-12, atol=1e-14)
    assert (found[0][0] != 1.0).float().mean() > 0.99


@pytest.mark.parametrize("layers", [1, 2, 4, 9])
def test_checkpointing_changes_no_bit_of_the_gradient_that_is_written_out(layers: int) -> None:
    """Networks of 2 to 10 layers: segments of several sizes, the last one of one layer among them."""
    found = []
    for checkpointing in (False, True):
        net = network(layers=layers, checkpointing=checkpointing)
        by_hand = gradient_of(net, Categorical(), None, True)
        assert isinstance(by_hand, DenseGradient)
        assert (by_hand.actor.parts is not None) == checkpointing
        net.parameters.grad.zero_()
        seen = by_hand(batch(), coefficients(0.4, 0.5))
        found.append((net.parameters.grad.clone(), seen.values, seen.log_probs))
    for plain, recomputed in zip(*found, strict=True):
        assert torch.equal(plain, recomputed)
    assert found[0][0].any()


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    """Torch's gradcheck of the loss by outputs and values, in double precision."""
    b, c = batch(), coefficients(0.4, 0.5)
    g = torch.Generator().manual_seed(5)
    outputs = torch.randn(S, N_ROWS, A, generator=g, dtype=F64, requires_grad=True)
    values = torch.randn(S, N_ROWS, generator=g, dtype=F64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda o, v: ppo_loss(o, v, b, c, Categorical())[0], (outputs, values)
    )


def test_a_gaussian_has_torchs_densities() -> None:
    """Log π and entropy equal torch.distributions' diagonal normal."""
    g = torch.Generator().manual_seed(2)
    log_std = torch.randn(S, A, generator=g, dtype=F64)
    outputs = torch.randn(S, N_ROWS, A, generator=g, dtype=F64)
    actions = torch.randn(S, N_ROWS, A, generator=g, dtype=F64)
    policy = Gaussian(log_std)
    torchs = torch.distributions.Normal(outputs, log_std.exp()[:, None])
    torch.testing.assert_close(policy.log_prob(outputs, actions), torchs.log_prob(actions).sum(-1))
    torch.testing.assert_close(policy.entropy(outputs), torchs.entropy().sum(-1))


def test_gumbel_samples_have_the_probabilities_of_the_logits() -> None:
    """200,000 draws: frequencies within five standard errors of softmax."""
    logits = torch.tensor([0.0, 1.0, -2.0], dtype=F64)
    uniform = torch.rand(1, 200_000, 3, generator=torch.Generator().manual_seed(0), dtype=F64)
    policy = Categorical()
    actions = policy.sample(logits.expand(1, 200_000, 3), policy.noise(uniform))
    found = torch.bincount(actions.flatten(), minlength=3) / 200_000
    p = logits.softmax(0)
    assert ((found - p).abs() < 5 * (p * (1 - p) / 200_000).sqrt()).all()
