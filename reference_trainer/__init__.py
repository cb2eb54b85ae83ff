"""A complete PPO trainer in which every feature of the configuration really happens."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it; importing torch takes seconds
if TYPE_CHECKING:
    from typing import Any

    from reference_trainer.training import Run, resume, train

__all__ = ["Run", "resume", "train"]


def __getattr__(name: str) -> Any:
    """Import torch when a public name is first used, and not before."""
    if name not in __all__:
        raise AttributeError(f"module 'reference_trainer' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module("reference_trainer.training"), name)
