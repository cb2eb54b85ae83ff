"""tanh, by the quicker of two ways: torch's own, or 2·σ(2x) − 1.

torch takes tanh from MKL's vector functions where it has them. On Intel's processors these are quick:
about a quarter of the time of the logistic function. On other x86 processors MKL takes its plain
SSE way, and without MKL torch's own tanh is no quicker: four times that of the logistic function. The
two ways differ by 1e-7 in single precision. Which one is taken hangs on the processor alone, so the
same machine gives the same bits.
"""

from __future__ import annotations

import platform
from functools import cache
from typing import Any

import torch
from torch import Tensor


@cache
def quick_here() -> bool:
    """Whether torch.tanh is the quicker way on this machine's CPU."""
    return torch.backends.mkl.is_available() and "GenuineIntel" in _processor()


def quick_on(device: torch.device) -> bool:
    """Whether torch.tanh is the quicker way on a device."""
    return device.type != "cpu" or quick_here()


def _processor() -> str:
    """What the system says of its processor; on Linux only the kernel names its maker."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            return file.read(1000)
    except OSError:
        return platform.processor()


def of_half_(twice: Tensor) -> Tensor:
    """Tanh(x) in the place of 2x: 2·σ(2x) − 1."""
    return torch.add(_MINUS_ONE[twice.dtype], twice.sigmoid_(), alpha=2, out=twice)


_MINUS_ONE = {dtype: torch.tensor(-1.0, dtype=dtype) for dtype in (torch.float32, torch.float64)}


class _BySigmoid(torch.autograd.Function):  # type: ignore[misc]  # torch gives it no types
    """2·σ(2x) − 1 with the gradient of tanh; keeps what torch.tanh keeps, the output."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        y = of_half_(2 * x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Tensor:
        (y,) = ctx.saved_tensors
        found: Tensor = torch.ops.aten.tanh_backward(upstream[0], y)
        return found


def tanh(x: Tensor) -> Tensor:
    """Tanh(x), with gradient, to the same bits as `of_half_` where that is the quicker way.

    Under torch.compile it is torch's own, which the compiler writes out itself.
    """
    if torch.compiler.is_compiling() or x.dtype not in _MINUS_ONE or quick_on(x.device):
        return torch.tanh(x)
    found: Tensor = _BySigmoid.apply(x)
    return found
