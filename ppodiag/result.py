"""What a lint found: per file, and in all."""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from ppodiag.diagnostic import Diagnostic
    from ppodiag.finding import Severity
    from ppodiag.source.document import Document


@dataclass(frozen=True, slots=True)
class FileReport:
    """The findings of one file.

    Attributes:
        path: as the user named it, without . and empty parts.
        diagnostics: every finding at or above the shown severity, in the order of the file.
        below: findings under the shown severity; computed only where something is shown.
        suppressed: number of findings that the file itself suppresses.
        baselined: number of findings that the baseline knows.
        related: False: no PPO configuration, passed over.
        error: why the file could not be read; empty where it could.
        remedy: what to do about the error; may be empty.
        document: the text with its positions, for code frames; None for a clean file.
    """

    path: str
    diagnostics: tuple[Diagnostic, ...] = ()
    below: tuple[Diagnostic, ...] = ()
    suppressed: int = 0
    baselined: int = 0
    related: bool = True
    error: str = ""
    remedy: str = ""
    document: Document | None = None

    @property
    def fault(self) -> str:
        """The error and its remedy in one line; empty where the file could be read."""
        return f"{self.error} ({self.remedy})" if self.remedy else self.error


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of all files of one lint."""

    files: tuple[FileReport, ...] = field(default=())

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Every shown finding, file by file."""
        return tuple(d for file in self.files for d in file.diagnostics)

    @property
    def worst(self) -> Severity | None:
        """The highest severity that is shown; None where nothing is."""
        return max((d.severity for d in self.diagnostics), default=None)

    @property
    def unreadable(self) -> tuple[FileReport, ...]:
        """The files that could not be read at all."""
        return tuple(file for file in self.files if file.error)
