"""The PPO loss of a minibatch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from reference_trainer.distributions import Distribution

STATISTICS = ("policy_loss", "value_loss", "entropy", "kl_k1", "approx_kl", "clip_fraction")
"""What a minibatch adds up over its samples, in this order; `approx_kl` is the k3 estimate."""


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
) -> tuple[Tensor, Tensor]:
    """The loss of each seed, and its parts.

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
        Loss (S,), and the weighted sums of `STATISTICS`, (S, 6), without gradient.

    Source: Schulman et al. 2017, Proximal Policy Optimization Algorithms, equations 7 to 9; k1 = −log ρ
    and k3 = ρ − 1 − log ρ are Schulman's Approximating KL Divergence (2020).
    """
    log_ratio = policy.log_prob(outputs, batch.actions) - batch.log_probs
    ratio = log_ratio.exp()
    clipped = ratio.clamp(1 - coefficients.clip, 1 + coefficients.clip)
    surrogate = torch.maximum(-batch.advantages * ratio, -batch.advantages * clipped)
    error = (values - batch.targets).square()
    if coefficients.clip_value is not None:
        limit = coefficients.clip_value
        near = batch.old_values + (values - batch.old_values).clamp(-limit, limit)
        error = torch.maximum(error, (near - batch.targets).square())
    entropy = policy.entropy(outputs)
    k3 = ratio - 1 - log_ratio
    outside = ((ratio - 1).abs() > coefficients.clip).to(ratio.dtype)
    parts = torch.stack((surrogate, error, entropy, -log_ratio, k3, outside), dim=-1)
    sums = (parts * batch.weights.unsqueeze(-1)).sum(dim=1)
    loss = sums[:, 0] + coefficients.value * sums[:, 1] - coefficients.entropy * sums[:, 2]
    if coefficients.kl is not None:
        loss = loss + coefficients.kl * sums[:, 4]
    return loss, sums.detach()
