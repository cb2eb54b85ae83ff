"""ppodiag finds the silent failures of PPO training configurations, before and after the run."""

from __future__ import annotations

__version__ = "0.1.0"
