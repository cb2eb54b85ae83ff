"""From the tags of a log to canonical columns."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from ppodiag.errors import UsageError
from ppodiag.runlog.run import Canonical, Note, Series
from ppodiag.runlog.tags import COLUMNS, TRAINERS, Trainer

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ppodiag.runlog.run import StepUnit


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the tags of a log mean; the fields are those of `Run`."""

    canonical: dict[str, Canonical]
    trainer: str | None
    step_unit: StepUnit | None
    notes: tuple[Note, ...]


def recognise(series: Mapping[str, Series], mapping: Mapping[str, str] | None) -> Recognised:
    """The canonical columns of a log.

    The trainer with most of its columns in the log is taken for the log's own: its names come
    first. A column that it lacks may have the name of another. Two tags for one column: the first
    of the table is read, and a note names the other.

    Args:
        series: tag to series.
        mapping: canonical column to tag, before any known name.

    Raises:
        UsageError: the mapping has an unknown column, or a tag that the log lacks.
    """
    found = _mapped(series, mapping or {})
    notes: list[Note] = []
    ranked = sorted(TRAINERS, key=lambda t: -len({m.column for m in _matches(t, series)}))
    own = next((t for t in ranked if any(_matches(t, series))), None)
    for trainer in ranked if own else ():
        for match in _matches(trainer, series):
            there = found.setdefault(match.column, match)
            if there.trainer == "mapping" or there.series.tag == match.series.tag:
                continue
            notes.append(
                Note(
                    "info",
                    "",
                    f"{match.column} is read from {there.series.tag!r}; "
                    f"{match.series.tag!r} could be it too and is left aside",
                )
            )
    return Recognised(
        {column: found[column] for column in COLUMNS if column in found},
        own.name if own else None,
        own.step_unit if own else None,
        tuple(notes),
    )


def _matches(trainer: Trainer, series: Mapping[str, Series]) -> Iterator[Canonical]:
    if trainer.signs and not any(sign in series for sign in trainer.signs):
        return
    for column, tag, averaging, factor in trainer.tags:
        for prefix in trainer.prefixes:
            logged = series.get(prefix + tag)
            if logged is not None:
                yield Canonical(
                    column,
                    _scaled(logged, factor),
                    COLUMNS[column],
                    averaging,
                    trainer.name,
                    factor,
                )


def _scaled(series: Series, factor: float) -> Series:
    if factor == 1.0:
        return series
    return Series(series.tag, series.steps, series.values * factor, series.wall_times)


def _mapped(series: Mapping[str, Series], mapping: Mapping[str, str]) -> dict[str, Canonical]:
    found: dict[str, Canonical] = {}
    for column, tag in mapping.items():
        if column not in COLUMNS:
            raise UsageError(
                f"the mapping names the column {column!r}, which is not known",
                f"use one of {', '.join(COLUMNS)}",
            )
        if tag not in series:
            near = get_close_matches(tag, series, n=3, cutoff=0.5) or sorted(series)[:3]
            raise UsageError(
                f"the mapping takes {column} from {tag!r}, which the log does not have",
                f"the log has {len(series)} tags, among them {', '.join(map(repr, near))}",
            )
        found[column] = Canonical(
            column, series[tag], COLUMNS[column], "as the log defines it", "mapping"
        )
    return found
