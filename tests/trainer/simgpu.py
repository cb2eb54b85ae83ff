"""A pretend accelerator: the device rules of CUDA, values on the CPU, and a count of what is costly.

Tensors on device `simgpu` keep their values on the CPU. Mixing devices in an operation raises, but for
the few mixes that CUDA allows; reading a value on the host is counted. It shows on any machine whether
a training loop would run on an accelerator, and how often it would wait for it. It says nothing of
CUDA's own kernels, its autocast or its allocator. It rests on private parts of torch.
"""

from __future__ import annotations

import contextlib
import types
from collections import Counter
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "simgpu"
COUNT: Counter[str] = Counter()
"""Since the last `reset`: kernels, syncs, and transfers to and from the device."""

_ATEN = torch.ops.aten
_SYNCS = {
    _ATEN._local_scalar_dense.default, _ATEN.nonzero.default, _ATEN.masked_select.default,
    _ATEN.is_nonzero.default, _ATEN.equal.default,
}  # fmt: skip
_CROSSING = {_ATEN._to_copy.default, _ATEN.copy_.default, _ATEN._copy_from.default}
_INDEXING = ("index", "index_put", "index_put_", "_index_put_impl_", "_unsafe_index")
_INDEX_TYPES = (torch.long, torch.int, torch.bool, torch.uint8)


class DeviceMismatch(RuntimeError):
    """An operation that CUDA would refuse."""


class SimTensor(Tensor):
    """A tensor of the pretend device around one of the CPU."""

    @staticmethod
    def __new__(cls, data: Tensor) -> SimTensor:
        made = Tensor._make_wrapper_subclass(
            cls, data.size(), strides=data.stride(), storage_offset=data.storage_offset(),
            dtype=data.dtype, layout=data.layout, device=torch.device(NAME, 0),
        )  # fmt: skip
        made._data = data
        return made

    def __repr__(self) -> str:
        return f"Sim({self._data})"

    def numpy(self, *_args: object, **_kwargs: object) -> Any:
        raise TypeError(f"can't convert {NAME} tensor to numpy; use Tensor.cpu()")

    __array__ = numpy

    def tolist(self) -> Any:
        COUNT["syncs"] += 1
        return self._data.tolist()

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(func, args, kwargs or {})


class SimMode(TorchDispatchMode):
    """While it is on, tensors can be made on the pretend device."""

    def __torch_dispatch__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(func, args, kwargs or {})


def install() -> torch.device:
    """Make torch know the device; once a process."""
    if not hasattr(torch, NAME):
        backend = types.ModuleType(f"torch.{NAME}")
        nothing: dict[str, Any] = {
            "is_available": lambda: True, "device_count": lambda: 1, "current_device": lambda: 0,
            "_is_in_bad_fork": lambda: False, "_initialized": True, "is_initialized": lambda: True,
            "manual_seed": lambda _s: None, "manual_seed_all": lambda _s: None,
            "get_rng_state": lambda _d=None: torch.get_rng_state(),
            "set_rng_state": lambda state, _d=None: torch.set_rng_state(state),
            "device": lambda _i: contextlib.nullcontext(), "synchronize": lambda _d=None: None,
            "get_amp_supported_dtype": lambda: [torch.bfloat16, torch.float16],
        }  # fmt: skip
        for name, value in nothing.items():
            setattr(backend, name, value)
        _setup_privateuseone_for_python_backend(NAME, backend_module=backend)
    return torch.device(NAME, 0)


def reset() -> None:
    """Count anew."""
    COUNT.clear()


def _is_sim(value: object) -> bool:
    return isinstance(value, SimTensor)


def _allowed(func: Any, args: Any, tensors: list[Tensor]) -> bool:
    """Whether CUDA takes CPU tensors here too: indices, and scalars in elementwise operations."""
    outside = [tensor for tensor in tensors if not _is_sim(tensor)]
    name = func._schema.name.split("::")[1]
    if name in _INDEXING and _is_sim(args[0]):
        return all(x.dtype in _INDEX_TYPES or x.dim() == 0 for x in outside)
    if any(x.dim() for x in outside):
        return False
    first = tensors[0] if not name.startswith("where") else next(filter(_is_sim, tensors))
    elementwise = torch.Tag.pointwise in func.tags and not func._schema.name.endswith("_")
    return _is_sim(first) or elementwise


def _check(func: Any, args: Any, kwargs: Any, flat: list[Any]) -> None:
    tensors = [x for x in flat if isinstance(x, Tensor)]
    inside = [x for x in tensors if _is_sim(x)]
    device = kwargs.get("device")
    there = device is not None and torch.device(device).type == NAME
    generator = kwargs.get("generator")
    if (inside or there) and generator is not None and generator.device.type == "cpu":
        raise DeviceMismatch(f"{func}: expected a generator of {NAME} but found one of cpu")
    if not inside or len(inside) == len(tensors) or func in _CROSSING:
        return
    if not _allowed(func, args, tensors):
        shapes = [tuple(x.shape) for x in tensors]
        raise DeviceMismatch(f"{func}: expected all tensors on one device; shapes {shapes}")


def _unwrap(value: Any) -> Any:
    return value._data if _is_sim(value) else value


def _run(func: Any, args: Any, kwargs: Any) -> Any:
    flat, _ = tree_flatten((args, kwargs))
    _check(func, args, kwargs, flat)
    inside = any(map(_is_sim, flat))
    goes_in, kwargs = _destination(inside, kwargs)
    if func is _ATEN._to_copy.default:
        COUNT["to_device"] += goes_in and not inside
        if inside and not goes_in:
            COUNT["from_device"] += 1
            COUNT["syncs"] += not kwargs.get("non_blocking")
    elif func is _ATEN.copy_.default:
        goes_in = _is_sim(args[0])
    COUNT["syncs"] += inside and func in _SYNCS
    COUNT["kernels"] += inside
    result = func(*tree_map(_unwrap, args), **tree_map(_unwrap, kwargs))
    if func is _ATEN._to_copy.default and result is _unwrap(args[0]):
        result = result.clone()
    if not goes_in:
        return result
    wrapped = {id(x._data): x for x in flat if _is_sim(x)}

    def wrap(value: Any) -> Any:
        if not isinstance(value, Tensor):
            return value
        return wrapped[id(value)] if id(value) in wrapped else SimTensor(value)

    return tree_map(wrap, result)


def _destination(inside: bool, kwargs: Any) -> tuple[bool, Any]:
    """Whether the result lies on the pretend device, and the arguments for the real operation."""
    device = kwargs.get("device")
    if device is None:
        return inside, kwargs
    kwargs = {**kwargs, "device": "cpu"}
    kwargs.pop("pin_memory", None)
    return torch.device(device).type == NAME, kwargs
