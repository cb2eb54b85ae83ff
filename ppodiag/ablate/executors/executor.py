"""What an executor is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ppodiag.ablate.unit import Unit

Keep = Callable[[dict[str, Any]], None]
"""Takes the result of a unit as soon as there is one; called in the thread that called `run`."""

Tell = Callable[[str], None]
"""Takes a line that a person should see: what was started, what is waited for, what is run again."""

LOSSES = 3
"""A unit whose worker is lost, which is no fault of the unit, is run again so many times. [judgement]"""


@dataclass(frozen=True, slots=True)
class Room:
    """What a cluster sets aside for one unit, beside the GPUs that the unit names.

    Attributes:
        cpus: cores.
        memory_bytes: None: nothing is said about it.
    """

    cpus: int = 1
    memory_bytes: int | None = None


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


def parted(units: Sequence[Unit]) -> tuple[list[Unit], list[Unit], list[Unit]]:
    """Units that may run anywhere, those of which all run on one machine, those that run alone on one.

    Two runs of one configuration are compared to the last bit, so they share a machine. Timed runs share
    it with nothing; they keep their order.
    """
    anywhere = [unit for unit in units if unit.kind not in ("probe", "timing")]
    together = [unit for unit in units if unit.kind == "probe"]
    alone = [unit for unit in units if unit.kind == "timing"]
    return anywhere, together, alone
