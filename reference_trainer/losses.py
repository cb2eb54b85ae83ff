"""The PPO loss of a minibatch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from reference_trainer.distributions import Distribution

STATISTICS = ("policy_loss", "value_loss", "entropy", "kl_k1", "approx_kl", "clip_fraction")
"""What is logged of a window, in this order; `approx_kl` is the k3 estimate."""


@dataclass(slots=True)
class Seen:
    """What a forward pass gave, without gradient, (S, n) each.

    Attributes:
        log_probs: log π(a|s).
        entropy: H(π(·|s)).
        values: V(s).
    """

    log_probs: Tensor
    entropy: Tensor
    values: Tensor


@dataclass(slots=True)
class Coefficients:
    """What weighs the parts of the loss.

    Attributes:
        clip: ε of the clipped surrogate.
        clip_value: ε of the clipped value loss, in units of the value; None: not clipped.
        value: weight of the value loss.
        entropy: weight of the entropy bonus, (S,).
        kl: weight of the KL penalty towards the rollout's policy, (S,); None: no penalty.
    """

    clip: float
    clip_value: float | None
    value: float
    entropy: Tensor
    kl: Tensor | None = None


@dataclass(slots=True)
class Minibatch:
    """The samples of a minibatch, (S, n) each but the first two.

    Attributes:
        observations: normalised, (S, n, D).
        actions: (S, n), or (S, n, size).
        log_probs: log π_old(a|s).
        advantages: normalised.
        targets: of the value.
        old_values: V_old(s).
        weights: 1/(samples of the window) for every sample that counts, 0 for one that does not.
        hidden: state at the start of each sequence, (S, k, H); None: no recurrent layers.
        started: True where a row is the first of its episode, (S, n); None as for `hidden`.
    """

    observations: Tensor
    actions: Tensor
    log_probs: Tensor
    advantages: Tensor
    targets: Tensor
    old_values: Tensor
    weights: Tensor
    hidden: Tensor | None = None
    started: Tensor | None = None


def ppo_loss(
    outputs: Tensor,
    values: Tensor,
    batch: Minibatch,
    coefficients: Coefficients,
    policy: Distribution,
) -> tuple[Tensor, Seen]:
    """The loss of each seed, and what it was made of.

    With ratio ρ = π(a|s)/π_old(a|s) and advantage A, a sample's loss is

        max(−A·ρ, −A·clip(ρ, 1 − ε, 1 + ε)) + c_v·L_V − c_e·H + c_kl·(ρ − 1 − log ρ)

    with L_V = (V − target)², or where the value is clipped the larger of that and
    (V_old + clip(V − V_old, ±ε_v) − target)². The loss is the sum over samples times their weights.

    Args:
        outputs: of the policy network, (S, n, A).
        values: V(s), (S, n).
        batch: the samples.
        coefficients: weights of the parts.
        policy: the distribution.

    Returns:
        Loss (S,), and what the forward pass gave.

    Source: Schulman et al. 2017, Proximal Policy Optimization Algorithms, equations 7 to 9; k1 = −log ρ
    and k3 = ρ − 1 − log ρ are Schulman's Approximating KL Divergence (2020).
    """
    log_probs, entropy = policy.log_prob(outputs, batch.actions), policy.entropy(outputs)
    parts = _parts(Seen(log_probs, entropy, values), batch, coefficients)
    sums = (torch.stack(parts, dim=-1) * batch.weights.unsqueeze(-1)).sum(dim=1)
    loss = sums[:, 0] + coefficients.value * sums[:, 1] - coefficients.entropy * sums[:, 2]
    if coefficients.kl is not None:
        loss = loss + coefficients.kl * sums[:, 3]
    return loss, Seen(log_probs.detach(), entropy.detach(), values.detach())


def _parts(
    seen: Seen, batch: Minibatch, coefficients: Coefficients
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Surrogate, value loss, entropy and k3 of every sample, (S, n)."""
    log_ratio = seen.log_probs - batch.log_probs
    ratio = log_ratio.exp()
    clipped = ratio.clamp(1 - coefficients.clip, 1 + coefficients.clip)
    surrogate = torch.maximum(-batch.advantages * ratio, -batch.advantages * clipped)
    error = (seen.values - batch.targets).square()
    if coefficients.clip_value is not None:
        limit = coefficients.clip_value
        near = batch.old_values + (seen.values - batch.old_values).clamp(-limit, limit)
        error = torch.maximum(error, (near - batch.targets).square())
    return surrogate, error, seen.entropy, ratio - 1 - log_ratio


@torch.no_grad()
def statistics(seen: Seen, batch: Minibatch, coefficients: Coefficients) -> Tensor:
    """`STATISTICS` of every sample times its weight, (S, n, 6); they add up to those of a window.

    Args:
        seen: what the forward passes gave.
        batch: the samples, of one minibatch or of a whole epoch.
        coefficients: for the ranges of the clips.
    """
    surrogate, error, entropy, k3 = _parts(seen, batch, coefficients)
    k1 = batch.log_probs - seen.log_probs
    outside = ((-k1).exp_().sub_(1).abs_() > coefficients.clip).to(k1.dtype)
    parts = torch.stack((surrogate, error, entropy, k1, k3, outside), dim=-1)
    return parts.mul_(batch.weights.unsqueeze(-1))


@torch.no_grad()
def mean_k3(seen: Seen, batch: Minibatch) -> Tensor:
    """The weighted sum of the k3 estimate over a minibatch, (S,)."""
    log_ratio = seen.log_probs - batch.log_probs
    return torch.linalg.vecdot(log_ratio.exp() - 1 - log_ratio, batch.weights)
