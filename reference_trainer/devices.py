"""The device that is trained on."""

from __future__ import annotations

import os

import torch

from ppodiag.errors import UsageError
from ppodiag.own_memory import own_peak_bytes


def device_of(name: str) -> torch.device:
    """The device of a name: auto, cpu, cuda, cuda:i, or another one that torch knows.

    `auto` is CUDA where there is one; where torchrun started several processes, the one of its own
    rank.

    Raises:
        UsageError: there is no such device here.
    """
    if name == "auto":
        if not torch.cuda.is_available():
            return torch.device("cpu")
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    try:
        device = torch.device(name)
    except RuntimeError:
        raise UsageError(f"{name!r} is no device", "write auto, cpu, cuda or cuda:0") from None
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            raise UsageError(
                f"there is no {name} here: torch sees {count} CUDA devices",
                "write --device cpu, or install a torch build with CUDA",
            )
    return device


def peak_memory_bytes(device: torch.device) -> int | None:
    """The most memory in use so far: of the allocator on CUDA, elsewhere of this process.

    None where the system does not tell (Windows).
    """
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return own_peak_bytes()
