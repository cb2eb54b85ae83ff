"""Advantages: generalised advantage estimation, and their normalisation."""

from __future__ import annotations

import torch
from torch import Tensor

from reference_trainer.minibatches import Cut

EPSILON = 1e-8
"""Added to the standard deviation; as CleanRL and Stable-Baselines3 do."""


def gae(
    rewards: Tensor,
    values: Tensor,
    next_values: Tensor,
    terminated: Tensor,
    truncated: Tensor,
    gamma: float,
    gae_lambda: float,
) -> tuple[Tensor, Tensor]:
    """Advantages and value targets.

    δ_t = r_t + γ·V(s'_t)·[not terminated] − V(s_t);   A_t = δ_t + γ·λ·[neither]·A_{t+1};
    target = A_t + V(s_t). A truncated episode is cut off with its value beyond; a terminated one has
    none.

    Args:
        rewards, values: (S, T, N).
        next_values: V of what the action led to, (S, T, N): of the final observation where the
            episode ended.
        terminated, truncated: (S, T, N) bool.
        gamma: γ, discount a step.
        gae_lambda: λ.

    Returns:
        Advantages and targets, each (S, T, N).

    Source: Schulman et al. 2016, High-Dimensional Continuous Control Using Generalized Advantage
    Estimation, equation 16.
    """
    kept = values.new_ones(()) - (terminated | truncated).to(values.dtype)
    decay = kept * (gamma * gae_lambda)
    going = values.new_ones(()) - terminated.to(values.dtype)
    delta = torch.addcmul(rewards - values, next_values, going, value=gamma)
    last, found = torch.zeros_like(values[:, 0]), []
    for now, share in zip(reversed(delta.unbind(1)), reversed(decay.unbind(1)), strict=True):
        last = torch.addcmul(now, share, last)
        found.append(last)
    advantages = torch.stack(found[::-1], dim=1)
    return advantages, advantages + values


def standardised(values: Tensor, weights: Tensor | None, guarded: bool = True) -> Tensor:
    """Values minus their mean over their standard deviation, along the last axis.

    The deviation has n − 1 in its denominator, as torch's. A single sample becomes 0 where it is
    guarded, and NaN, as in runtimes without a guard, where it is not.

    Args:
        values: (…, n).
        weights: True where a value counts, (…, n); None: all count. What does not count becomes 0.
        guarded: whether a single sample is guarded.
    """
    if weights is None:
        count = values.new_full((), float(values.shape[-1]))
        centred = values - values.mean(dim=-1, keepdim=True)
    else:
        count = weights.sum(dim=-1, keepdim=True).to(values.dtype)
        mean = (values * weights).sum(dim=-1, keepdim=True) / count.clamp(min=1)
        centred = (values - mean) * weights
    free = (count - 1).clamp(min=1) if guarded else count - 1
    deviation = (centred.square().sum(dim=-1, keepdim=True) / free).sqrt()
    return centred / (deviation + EPSILON)


def normalised(
    advantages: Tensor, weights: Tensor | None, cut: Cut, per: str, guarded: bool = True
) -> Tensor:
    """Advantages at the places of each epoch, normalised over the groups that a runtime takes.

    Args:
        advantages: at the places of each epoch, (S, E, P).
        weights: True where a place counts, (S, E, P), or None.
        cut: the shape of an epoch.
        per: window, minibatch or rollout.
        guarded: as for `standardised`.

    Returns:
        The same shape.
    """
    if per == "rollout":
        return standardised(advantages, weights, guarded)
    minibatches = [window[-1] for window in cut.windows]
    if per == "minibatch":
        minibatches = list(range(cut.minibatches))
    edges = [cut.bounds[m][1] for m in minibatches]
    width = edges[0]
    whole = sum(1 for i, edge in enumerate(edges) if edge == (i + 1) * width)
    head = advantages[..., : whole * width].unflatten(-1, (whole, width))
    head_weights = None
    if weights is not None:
        head_weights = weights[..., : whole * width].unflatten(-1, (whole, width))
    parts = [standardised(head, head_weights, guarded).flatten(-2)]
    if whole < len(edges):
        rest = None if weights is None else weights[..., whole * width :]
        parts.append(standardised(advantages[..., whole * width :], rest, guarded))
    return torch.cat(parts, dim=-1)
