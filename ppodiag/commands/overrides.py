"""What the command line sets in the place of what the file says."""

from __future__ import annotations

from typing import Any

from ppodiag.errors import UsageError
from ppodiag.overrides import parse_value, resolve_key


def parse_overrides(
    settings: tuple[str, ...], total_env_steps: str | None
) -> list[tuple[tuple[str, ...], Any]]:
    """Path and value of each `--set KEY=VALUE` and of `--total-env-steps N`.

    Raises:
        UsageError: a setting that is not KEY=VALUE, a key or a number that is none, or a length that
            is no whole number from 0.
    """
    found: list[tuple[tuple[str, ...], Any]] = []
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise UsageError(
                f"--set {setting!r} is not KEY=VALUE", "write for example --set ppo_config.lr=3e-4"
            )
        try:
            found.append((resolve_key(key), parse_value(text)))
        except UsageError as error:
            raise UsageError(f"--set {setting}: {error.message}", error.remedy) from None
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
