"""What a lint is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from ppodiag.finding import Severity

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    import datetime
    from typing import Any

    from ppodiag.profile import Profile
    from ppodiag.runtime.search import Runtime
    from ppodiag.source.document import Format


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one lint.

    Attributes:
        severity: findings below it are not shown.
        profile: the profile that the command line declares; it counts before the file's.
        default_profile: the profile that the project's settings declare; the file's counts before.
        overrides: (path of the key, value) pairs that stand in for what the file says.
        select: codes or prefixes of the rules that count; empty: all.
        ignore: codes or prefixes of the rules that do not.
        format: of the text, where the name does not tell.
        skip_unrelated: pass over files that are no PPO configuration.
        memory_bytes: memory of the machine that trains, in bytes; None: not known.
        device: what trains, `cpu` or `cuda`; None: not known.
        today: for the expiry of suppressions; None: the clock's.
        runtime: the sources that are to read every key; None: they are not searched.
    """

    severity: Severity = Severity.WARNING
    profile: Profile | None = None
    default_profile: Profile | None = None
    overrides: tuple[tuple[tuple[str, ...], Any], ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    format: Format | None = None
    skip_unrelated: bool = False
    memory_bytes: int | None = None
    device: str | None = None
    today: datetime.date | None = None
    runtime: Runtime | None = None

    def counts(self, code: str) -> bool:
        """Whether findings of a rule count; those of SYN001 always do."""
        if code == "SYN001":
            return True
        if self.select and not code.startswith(self.select):
            # A longer, selected code wins over a shorter, ignored one.
            return False
        ignored = max((len(p) for p in self.ignore if code.startswith(p)), default=0)
        chosen = max((len(p) for p in self.select if code.startswith(p)), default=0)
        return ignored == 0 or chosen > ignored
