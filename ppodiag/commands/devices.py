"""What trains, as `--device` names it."""

from __future__ import annotations

import re

from ppodiag.errors import UsageError

_NAMES = re.compile(r"auto|cpu|cuda(:\d{1,3})?")


def device(name: str) -> str:
    """The name as it was given, where it is `auto`, `cpu`, `cuda` or `cuda:i`.

    Raises:
        UsageError: it is another.
    """
    if not _NAMES.fullmatch(name):
        raise UsageError(f"--device: {name!r} is no device", "write auto, cpu, cuda or cuda:0")
    return name


def kind_of(name: str | None) -> str | None:
    """`cpu` or `cuda`; None where it is not said."""
    return None if name in (None, "auto") else str(name).partition(":")[0]
