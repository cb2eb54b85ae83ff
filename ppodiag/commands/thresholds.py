"""The severities that a command shows and fails on: the command line before the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ppodiag.finding import Severity

if TYPE_CHECKING:
    from ppodiag.settings import Settings


def lowest_shown(given: str | None, path: str | None) -> Severity:
    """The lowest severity that is shown of findings about a file; the path finds its settings."""
    return Severity.parse(given) if given else _settings(path).severity or Severity.WARNING


def failing(given: str | None, path: str | None) -> Severity:
    """The lowest severity that fails; the path finds the settings."""
    return Severity.parse(given) if given else _settings(path).fail_on or Severity.WARNING


def _settings(path: str | None) -> Settings:
    from ppodiag.runner import settings_for

    return settings_for(path or "")
