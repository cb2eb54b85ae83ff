"""What an executor is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ppodiag.ablate.unit import Unit

Keep = Callable[[dict[str, Any]], None]
"""Takes the result of a unit as soon as there is one; called in the thread that called `run`."""


class Executor(Protocol):
    """Runs units.

    Attributes:
        name: as `--executor` calls it.
    """

    name: str

    def run(self, units: Sequence[Unit], keep: Keep) -> None:
        """Run the units, in any order; return when every one has a result.

        An exception, KeyboardInterrupt among them, ends what is running and passes through; results
        that were kept stay kept.
        """
        ...
