"""How an update cuts its rollout: which rows are in which minibatch of which epoch.

A rollout has R = T·N rows, row t·N + n for step t of environment n. It is cut into Q sequences of
L' steps, of one environment each; a minibatch is s sequences, drawn by a permutation; the last of an
epoch may have fewer. Within a minibatch of k sequences, place t·k + i is step t of its i-th
sequence, as recurrent layers want it. Where T is no multiple of L', the last sequence of an
environment is short: its missing places repeat its last row with weight 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ppodiag.config import PPOConfig
from ppodiag.plan import division, sequences_of


@dataclass(frozen=True)
class Cut:
    """The shape of every epoch of an update at one minibatch size.

    Attributes:
        length: L', steps of a sequence.
        sequences: Q.
        rollout_len: T.
        num_envs: N.
        group: s, sequences of a minibatch.
        minibatches: M.
        accumulation: a, minibatches of a window.
        epochs: E.
    """

    length: int
    sequences: int
    rollout_len: int
    num_envs: int
    group: int
    minibatches: int
    accumulation: int
    epochs: int

    @cached_property
    def windows(self) -> tuple[range, ...]:
        """The minibatches of each window of an epoch."""
        a, m = self.accumulation, self.minibatches
        return tuple(range(first, min(first + a, m)) for first in range(0, m, a))

    @property
    def optimizer_steps(self) -> int:
        """E·G."""
        return self.epochs * len(self.windows)

    @cached_property
    def bounds(self) -> tuple[tuple[int, int, int], ...]:
        """First place, place behind the last, and sequences, of each minibatch."""
        found = []
        for m in range(self.minibatches):
            first, last = m * self.group, min((m + 1) * self.group, self.sequences)
            found.append((first * self.length, last * self.length, last - first))
        return tuple(found)

    @property
    def ragged(self) -> bool:
        """Whether some sequences are short."""
        return self.rollout_len % self.length != 0

    def minibatches_done(self, windows: int) -> int:
        """Minibatch steps in the first so many windows of the update."""
        epochs, rest = divmod(windows, len(self.windows))
        return epochs * self.minibatches + min(rest * self.accumulation, self.minibatches)


def cut_rollout(config: PPOConfig, size: int) -> Cut:
    """The cut of a configuration at minibatch size B, in samples."""
    length, _, sequences = sequences_of(config)
    group, minibatches = division(config, size)
    return Cut(
        length=length,
        sequences=sequences,
        rollout_len=config.rollout_len,
        num_envs=config.num_envs,
        group=min(group, sequences),
        minibatches=minibatches,
        accumulation=config.accumulation_steps,
        epochs=config.epochs,
    )


def sequence_rows(cut: Cut) -> tuple[Tensor, Tensor]:
    """Rows and weights of each sequence, both (Q, L'); sequence c·N + n is chunk c of environment n."""
    starts = torch.arange(0, cut.rollout_len, cut.length)
    steps = starts[:, None, None] + torch.arange(cut.length)
    inside = (steps < cut.rollout_len).expand(-1, cut.num_envs, -1)
    steps = steps.clamp(max=cut.rollout_len - 1)
    rows = steps * cut.num_envs + torch.arange(cut.num_envs)[:, None]
    return rows.reshape(-1, cut.length), inside.reshape(-1, cut.length)


def places(cut: Cut, permutations: Tensor) -> tuple[Tensor, Tensor | None]:
    """The row at each place of an epoch, and its weight.

    Args:
        cut: the shape of an epoch.
        permutations: of the sequences, (…, Q) int64.

    Returns:
        Rows (…, Q·L') int64, and weights of the same shape, True or False; None: all count.
    """
    if cut.length == 1:
        return permutations, None
    rows, inside = sequence_rows(cut)
    order = _time_major(cut, permutations)
    flat_rows, flat_inside = rows.flatten(), inside.flatten()
    return flat_rows[order], flat_inside[order] if cut.ragged else None


def _time_major(cut: Cut, permutations: Tensor) -> Tensor:
    """Index into the flattened (Q, L') table for each place."""
    steps = torch.arange(cut.length)
    parts = []
    for m in range(cut.minibatches):
        chosen = permutations[..., m * cut.group : (m + 1) * cut.group]
        table = chosen[..., None, :] * cut.length + steps[:, None]
        parts.append(table.flatten(-2))
    return torch.cat(parts, dim=-1)
