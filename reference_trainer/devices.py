"""The device that is trained on."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from functools import cache

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


def unrecorded(device: torch.device) -> AbstractContextManager[object]:
    """A context in which torch records nothing for autograd.

    On the CPU that is inference mode, in which small operations take a fifth less time. Tensors made
    there cannot be changed in place outside; so whatever environments do is done in this context.
    Elsewhere it is `no_grad`: the pretend accelerator of the tests knows no inference mode.
    """
    made: AbstractContextManager[object]
    made = torch.inference_mode() if device.type == "cpu" else torch.no_grad()
    return made


@cache
def keep_freed_memory() -> None:
    """Let glibc keep what is freed for the next minibatch, where it is the one that allocates.

    Memory at the top of its heap goes back to the system as soon as more than its threshold is free,
    and is faulted in again page by page: a sixth of the time of 8 seeds. The threshold is twice the
    largest block that was mapped and freed, up to 32 MiB a block. This one is never written to, so it
    takes no memory.

    Source: mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.
    """
    torch.empty(31 * 2**20, dtype=torch.uint8)
