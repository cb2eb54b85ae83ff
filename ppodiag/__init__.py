"""ppodiag finds the silent failures of PPO training configurations, before and after the run."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any

    from ppodiag.api import diagnose, lint, simulate
    from ppodiag.diagnosis.engine import Diagnosis
    from ppodiag.diagnostic import Diagnostic
    from ppodiag.errors import PpodiagError, UsageError
    from ppodiag.finding import Severity
    from ppodiag.norms.model import NormModel, Replay
    from ppodiag.result import FileReport, Report
    from ppodiag.trajectory import Trajectory
    from ppodiag.watching import UnreadKeys, watch

__version__ = "0.1.0"

__all__ = [
    "Diagnosis",
    "Diagnostic",
    "FileReport",
    "NormModel",
    "PpodiagError",
    "Replay",
    "Report",
    "Severity",
    "Trajectory",
    "UnreadKeys",
    "UsageError",
    "__version__",
    "diagnose",
    "lint",
    "simulate",
    "watch",
]

_HOMES = {
    "lint": "api",
    "simulate": "api",
    "diagnose": "api",
    "Diagnosis": "diagnosis.engine",
    "Diagnostic": "diagnostic",
    "Severity": "finding",
    "PpodiagError": "errors",
    "UsageError": "errors",
    "FileReport": "result",
    "Report": "result",
    "NormModel": "norms.model",
    "Replay": "norms.model",
    "Trajectory": "trajectory",
    "UnreadKeys": "watching",
    "watch": "watching",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that importing ppodiag costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ppodiag' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"ppodiag.{_HOMES[name]}"), name)
