"""Which part of every minibatch a process computes, where several train together.

A process holds the samples of its own environments. All processes draw the same permutations, so the
minibatches are those that one process would have; of each, a process computes the samples that it
holds, and the gradients are added up. The parts differ in size by chance; their sum is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from reference_trainer.minibatches import Cut
from reference_trainer.world import World


@dataclass(frozen=True)
class Part:
    """The part of one process.

    Attributes:
        places: which places of an epoch are its own, in order, (S, E, P') int64.
        rows: row of its own rollout at each of them, (S, E, P').
        chosen: sequence of its own rollout, (S, E, Q').
        bounds: as `update.Samples.bounds`, for each epoch.
    """

    places: Tensor
    rows: Tensor
    chosen: Tensor
    bounds: tuple[tuple[tuple[int, int, int], ...], ...]


def partition(cut: Cut, permutations: Tensor, rows: Tensor, world: World) -> Part:
    """The part of this process.

    Args:
        cut: the shape of an epoch of the whole rollout.
        permutations: of all sequences, (1, E, Q).
        rows: of the whole rollout at each place, (1, E, P).
        world: the processes that train together.
    """
    mine = world.share(cut.num_envs)
    places, chosen, bounds = [], [], []
    for order in permutations[0]:
        env = order % cut.num_envs
        own = (env >= mine.start) & (env < mine.stop)
        kept, edges, first = [], [], 0
        for m, (start, _, sequences) in enumerate(cut.bounds):
            inside = own[m * cut.group : m * cut.group + sequences].nonzero().flatten()
            steps = torch.arange(cut.length)[:, None] * sequences
            kept.append(start + (steps + inside).flatten())
            count = len(inside) * cut.length
            edges.append((first, first + count, len(inside)))
            first += count
        places.append(torch.cat(kept))
        sequence = order[own]
        local = sequence % cut.num_envs - mine.start
        chosen.append(sequence // cut.num_envs * len(mine) + local)
        bounds.append(tuple(edges))
    at = torch.stack(places).unsqueeze(0)
    whole = rows.gather(2, at)
    own_rows = whole // cut.num_envs * len(mine) + whole % cut.num_envs - mine.start
    return Part(at, own_rows, torch.stack(chosen).unsqueeze(0), tuple(bounds))
