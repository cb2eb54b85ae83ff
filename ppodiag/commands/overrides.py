"""What the command line sets in the place of what the file says."""

from __future__ import annotations

import json
from typing import Any

from ppodiag.errors import UsageError


def parse_overrides(
    settings: tuple[str, ...], total_env_steps: str | None
) -> list[tuple[tuple[str, ...], Any]]:
    """Path and value of each `--set KEY=VALUE` and of `--total-env-steps N`.

    Raises:
        UsageError: a setting that is not KEY=VALUE, or a length that is no whole number from 0.
    """
    found: list[tuple[tuple[str, ...], Any]] = []
    for setting in settings:
        key, equals, text = setting.partition("=")
        path = tuple(part for part in key.strip().lstrip("/").replace("/", ".").split("."))
        if not equals or not all(path):
            raise UsageError(
                f"--set {setting!r} is not KEY=VALUE", "write for example --set ppo_config.lr=3e-4"
            )
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = text
        found.append((path, value))
    if total_env_steps is not None:
        found.append((("training", "ppo_requests"), _whole(total_env_steps)))
    return found


def _whole(text: str) -> int:
    try:
        number = float(text)
        if number >= 0 and number == int(number):
            return int(text) if text.isdigit() else int(number)
    except (ValueError, OverflowError):
        pass
    raise UsageError(f"--total-env-steps {text} is no whole number from 0", "write for example 1e6")
