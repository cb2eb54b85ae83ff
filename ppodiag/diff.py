"""What a change of a configuration does: derived figures and findings, before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ppodiag.config import DoesNotApply
from ppodiag.context import Context
from ppodiag.diagnostic import Diagnostic
from ppodiag.errors import UsageError
from ppodiag.explain_plan import ROWS
from ppodiag.full import lint_fully, resolve
from ppodiag.options import Options
from ppodiag.rules.loader import load_rules
from ppodiag.source.document import Document
from ppodiag.source.reader import read_document


@dataclass(frozen=True, slots=True)
class Figure:
    """A derived figure before and after; the texts are empty where it is not known."""

    symbol: str
    meaning: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether the change moves it."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Change:
    """What a change does.

    Attributes:
        keys: (pointer, value before, value after) of every scalar that differs; None where absent.
        figures: the derived figures, moved or not.
        added: findings that the change brings.
        removed: findings that it takes away.
        altered: findings that stay, with another severity or other numbers: before and after.
        kept: number of findings that stay as they are.
    """

    keys: tuple[tuple[str, str, str], ...]
    figures: tuple[Figure, ...]
    added: tuple[Diagnostic, ...]
    removed: tuple[Diagnostic, ...]
    altered: tuple[tuple[Diagnostic, Diagnostic], ...]
    kept: int


def compare(
    before: bytes, after: bytes, before_path: str, after_path: str, options: Options
) -> Change:
    """What turns one configuration into the other.

    Args:
        before, after: the two files.
        before_path, after_path: their names.
        options: profile and overrides count for both; `severity` is the lowest compared.

    Raises:
        UsageError: nothing can be read of the file before, so that nothing is known of the change.
    """
    rules = load_rules()
    sides: list[tuple[tuple[Diagnostic, ...], Context, dict[str, str]]] = []
    for data, path in ((before, before_path), (after, after_path)):
        report = lint_fully(data, path, replace(options, format=None), rules)
        document = read_document(data, path)
        context, scalars = _read(document, options)
        if not sides and document.problems and not scalars:
            raise _no_old_file(path, document.problems[0].message)
        sides.append((report.diagnostics, context, scalars))
    (old, old_context, old_scalars), (new, new_context, new_scalars) = sides
    old_by, new_by = ({(d.code, d.pointer): d for d in side} for side in (old, new))
    common = [key for key in old_by if key in new_by]
    altered = [
        (old_by[key], new_by[key])
        for key in common
        if (old_by[key].severity, old_by[key].message)
        != (new_by[key].severity, new_by[key].message)
    ]
    return Change(
        keys=tuple(
            (pointer, old_scalars.get(pointer, ""), new_scalars.get(pointer, ""))
            for pointer in dict.fromkeys([*old_scalars, *new_scalars])
            if old_scalars.get(pointer) != new_scalars.get(pointer)
        ),
        figures=tuple(
            Figure(symbol, meaning, _text(old_context, figure), _text(new_context, figure))
            for symbol, meaning, figure, _, _ in ROWS
        ),
        added=tuple(d for key, d in new_by.items() if key not in old_by),
        removed=tuple(d for key, d in old_by.items() if key not in new_by),
        altered=tuple(altered),
        kept=len(common) - len(altered),
    )


def _no_old_file(path: str, why: str) -> UsageError:
    check = "check the command before the pipe" if path == "-" else "mend it first"
    return UsageError(
        f"{path}: nothing can be read of the old file: {why}",
        f"{check}; to review a new file, let {{}} be the old one: echo '{{}}' | ppodiag diff - NEW",
    )


def _read(document: Document, options: Options) -> tuple[Context, dict[str, str]]:
    _, context = resolve(document, options, {})
    scalars = {}
    for pointer in document.pointers():
        offsets = document.value_offsets(pointer) if pointer else None
        if offsets is not None and document.text[offsets[0] : offsets[0] + 1] not in ("{", "["):
            scalars[pointer] = document.text[slice(*offsets)]
    return context, scalars


def _text(context: Context, figure: Callable[[Context], float]) -> str:
    try:
        value = figure(context)
    except DoesNotApply:
        return ""
    text = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
    try:
        interval = context.over_range(figure)
    except DoesNotApply:
        interval = None
    if interval is None or interval.low == interval.high:
        return text
    low, high = (
        f"{v:,}" if isinstance(v, int) else f"{v:.4f}" for v in (interval.low, interval.high)
    )
    return f"{text} ({low} to {high})"
