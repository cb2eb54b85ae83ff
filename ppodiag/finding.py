"""What a rule says: a `Finding`, of which the linter makes a `Diagnostic`.

A rule knows JSON pointers and numbers, not files: it makes a `Finding`. The linter adds the path, the
spans and what other profiles would say, and so makes a `Diagnostic`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Literal

    Target = Literal["value", "key"]


class Severity(IntEnum):
    """How bad a finding is; the order is the order of the numbers."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        """The name in messages: `info`, `warning` or `error`."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Severity:
        """The severity of that name.

        Raises:
            ValueError: the word is none of info, warning, error.
        """
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"{word!r} is no severity: expected info, warning or error") from None


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to the text: the value, or the key, at a pointer becomes `text` (JSON)."""

    pointer: str
    text: str
    target: Target = "value"


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that removes the finding.

    `safe` means that the meaning which the author evidently had is kept (a typing error, say); any
    other fix chooses for the author and is applied by `--unsafe-fixes` only.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """An input of the arithmetic: where it stands, and what part it plays."""

    pointer: str
    note: str
    target: Target = "value"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A place in another file that the finding speaks of: lines and columns from 1, end exclusive."""

    path: str
    line: int
    column: int
    end_column: int
    note: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at a JSON pointer, with the numbers that show it.

    Attributes:
        code: the rule, for example `LR102`.
        pointer: RFC 6901; where it does not exist, the nearest enclosing block is shown.
        message: value seen, value expected, the numbers between.
        remedy: what to do, as an instruction.
        related: every other input of the arithmetic.
        values: the numbers by name, in the unit that the name says.
        sizes: the minibatch sizes at which it holds, where that is not the initial one.
        silences: codes, or prefixes, of the echoes that this finding makes needless.
        elsewhere: places in other files.
    """

    code: str
    severity: Severity
    pointer: str
    message: str
    remedy: str
    related: tuple[Related, ...] = ()
    values: dict[str, object] = field(default_factory=dict)
    fix: Fix | None = None
    target: Target = "value"
    sizes: tuple[int, int] | None = None
    silences: tuple[str, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
