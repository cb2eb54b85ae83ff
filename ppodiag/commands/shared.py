"""Options that several commands have, in one wording."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def override_options(command: Decorated) -> Decorated:
    """`--set KEY=VALUE` and `--total-env-steps N`, which `overrides.parse_overrides` reads."""
    length = click.option("--total-env-steps", metavar="N", help="The length of the run, e.g. 1e6.")
    settings = click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        help="Stand in for a key, named by its path or by the end of it.",
    )
    return settings(length(command))
