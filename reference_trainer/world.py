"""The processes that train together: one, or those that torchrun started."""

from __future__ import annotations

import atexit
import os
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor


@dataclass(frozen=True)
class World:
    """One process among those that train together.

    Attributes:
        rank: 0 … size − 1.
        size: processes.
    """

    rank: int = 0
    size: int = 1

    def total(self, values: Tensor) -> Tensor:
        """The sum over all processes; the same bits everywhere. In place where there are several."""
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def gathered(self, values: Tensor, dim: int) -> Tensor:
        """All processes' tensors, in the order of their ranks, side by side along an axis."""
        if self.size == 1:
            return values
        parts = [torch.empty_like(values) for _ in range(self.size)]
        dist.all_gather(parts, values.contiguous())
        return torch.cat(parts, dim=dim)

    def share(self, count: int) -> range:
        """The part of `count` environments that is its own; the processes must divide them."""
        each = count // self.size
        return range(self.rank * each, (self.rank + 1) * each)


def join_world(device: torch.device) -> World:
    """The world that torchrun describes in the environment; alone where it does not.

    A process joins once, and leaves when it ends.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return World()
    if not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(_leave)
    return World(dist.get_rank(), dist.get_world_size())


def _leave() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()
