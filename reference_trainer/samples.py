"""From a rollout to the samples of an update: advantages normalised, rows in their places."""

from __future__ import annotations

import torch
from torch import Tensor

from reference_trainer.advantages import normalised
from reference_trainer.minibatches import Cut, places
from reference_trainer.rollout import Rollout
from reference_trainer.update import Samples
from reference_trainer.world import World


def window_weights(cut: Cut, inside: Tensor | None, per_minibatch: bool, like: Tensor) -> Tensor:
    """The weight of each place of an epoch: 1/(samples of its window), or 0.

    Args:
        cut: the shape of an epoch.
        inside: True where a place counts, (S, E, P); None: all do.
        per_minibatch: True: a window is the mean of its minibatches' means (1/(minibatches of the
            window · samples of the minibatch)), as some runtimes have it; that they divide by a where
            a window has fewer is `Updater.divisor`'s.
        like: a tensor of the type wanted.

    Returns:
        (S, E, P), or (1, 1, P) where all places count.
    """
    last = cut.bounds[-1][1]
    counted = torch.ones(1, 1, last) if inside is None else inside
    counted = counted.to(torch.float64).cpu()
    weights = torch.zeros_like(counted)
    for window in cut.windows:
        groups = [(cut.bounds[window[0]][0], cut.bounds[window[-1]][1])]
        if per_minibatch:
            groups = [cut.bounds[m][:2] for m in window]
        for start, stop in groups:
            part = counted[..., start:stop]
            samples = part.sum(dim=-1, keepdim=True).clamp(min=1)
            weights[..., start:stop] = part / (samples * len(groups))
    return weights.to(like.dtype)


def samples_of(
    rollout: Rollout,
    advantages: Tensor,
    targets: Tensor,
    cut: Cut,
    permutations: Tensor,
    *,
    advantages_per: str,
    guarded: bool,
    mean_of_means: bool,
    world: World,
) -> Samples:
    """The samples of an update.

    Args:
        rollout: of this process.
        advantages, targets: (S, T, N).
        cut: the shape of an epoch of the whole rollout, all processes together.
        permutations: of all sequences, (S, E, Q), on the CPU.
        advantages_per: window, minibatch or rollout.
        guarded: whether the deviation of a single sample is guarded.
        mean_of_means: as `per_minibatch` of `window_weights`.
        world: the processes that train together.
    """
    device, (seeds, epochs, _) = advantages.device, permutations.shape
    rows, inside = places(cut, permutations)
    weights = window_weights(cut, inside, mean_of_means, advantages)
    weights = weights.expand(seeds, epochs, -1).to(device)
    on_device = rows.to(device)
    everywhere = world.gathered(advantages, dim=2).flatten(1)
    placed = _at(everywhere, on_device)
    mask = None if inside is None else inside.to(device)
    placed = normalised(placed, mask, cut, advantages_per, guarded)
    bounds = (cut.bounds,) * epochs
    chosen = permutations
    if world.size > 1:
        from reference_trainer.partition import partition

        part = partition(cut, permutations, rows, world)
        on_device, chosen, bounds = part.rows.to(device), part.chosen, part.bounds
        kept = part.places.to(device)
        placed, weights = _at_places(placed, kept), _at_places(weights, kept)
    return Samples(
        observations=rollout.observations.flatten(1, 2),
        actions=rollout.actions.flatten(1, 2),
        log_probs=rollout.log_probs.flatten(1, 2),
        targets=targets.flatten(1, 2),
        old_values=rollout.values.flatten(1, 2),
        advantages=placed,
        rows=on_device,
        weights=weights,
        bounds=bounds,
        hidden=rollout.hidden,
        chosen=None if rollout.hidden is None else chosen.to(device),
        started=None if rollout.started is None else rollout.started.flatten(1, 2),
    )


def _at(values: Tensor, rows: Tensor) -> Tensor:
    """Values (S, R) at rows (S, E, P)."""
    return values.unsqueeze(1).expand(-1, rows.shape[1], -1).gather(2, rows)


def _at_places(values: Tensor, kept: Tensor) -> Tensor:
    """Values (S, E, P) at places (S, E, P')."""
    return values.gather(2, kept)
