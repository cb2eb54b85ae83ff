"""The rows of forecasts as CSV or Parquet, chunk by chunk."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ppodiag.errors import UsageError
from ppodiag.forecast import Forecast
from ppodiag.printing import printable
from ppodiag.writing import whole_file

CHUNK = 1 << 16

Columns = dict[str, Any]

TEXT, COUNT, REAL, FLAG = "object", "int64", "float64", "bool"
_TOLD_APART = {"file": TEXT, "profile": TEXT}
_BEGIN = {"seed": COUNT, "update": COUNT, "env_steps": COUNT}
_STEP = {"samples": COUNT, "tick": COUNT, "lr": REAL}
_NORM = "pg_grad_norm"
_COLUMNS = {
    "update": {
        **_BEGIN, "applied": FLAG, "minibatch_size": COUNT, "minibatch_steps": COUNT,
        "optimizer_steps": COUNT, "tick": COUNT, "lr_first": REAL, "lr_last": REAL, _NORM: REAL,
    },
    "optimizer": {**_BEGIN, "epoch": COUNT, "window": COUNT, **_STEP},
    "minibatch": {**_BEGIN, "epoch": COUNT, "minibatch": COUNT, **_STEP, "ends_window": FLAG},
}  # fmt: skip
"""Kind of each column of `ppodiag.trajectory_rows.rows`."""


def columns_of(forecasts: Sequence[Forecast], every: str) -> dict[str, str]:
    """Names and numpy kinds of all columns that these forecasts can have together.

    They do not depend on whether a run applies an update, so a reader always finds them.
    """
    found = {**(_TOLD_APART if len(forecasts) > 1 else {}), **_COLUMNS[every]}
    if all(forecast.trajectory.norms is None for forecast in forecasts):
        found.pop(_NORM, None)
    return found


def chunks(forecasts: Sequence[Forecast], every: str) -> Iterator[Columns]:
    """The rows of all forecasts; several are told apart by their file and profile."""
    several = len(forecasts) > 1
    for forecast in forecasts:
        for columns in forecast.trajectory.rows(every, CHUNK):
            if several:
                rows = len(columns["update"])
                named = {
                    "file": np.full(rows, _shown(forecast.path), dtype=object),
                    "profile": np.full(rows, forecast.trajectory.profile.name, dtype=object),
                }
                columns = {**named, **columns}
            yield columns


def _shown(path: str) -> str:
    """The path of a file as a cell: nothing that a spreadsheet would take for a formula, or a terminal run."""
    return printable(os.path.join(os.curdir, path) if path[:1] in "=+-@\t\r" else path)


def export(forecasts: Sequence[Forecast], every: str, format: str, output: str | None) -> None:
    """Write the rows to a file, whole or not at all, or as CSV to the standard output.

    The columns are those of `columns_of`; what a forecast or an update lacks stays empty, and is null in
    Parquet.

    Raises:
        UsageError: Parquet without a file or without pyarrow, or a file that cannot be written.
    """
    header, parts = columns_of(forecasts, every), chunks(forecasts, every)
    if format == "parquet":
        if output is None:
            raise UsageError("Parquet is no text", "give a file with --output FILE.parquet")
        with whole_file(output) as path:
            _write_parquet(header, parts, path)
    elif output is None:
        _write_csv(header, parts, sys.stdout.write)
    else:
        with whole_file(output) as path, open(path, "w", encoding="utf-8", newline="") as file:
            _write_csv(header, parts, file.write)


def _write_csv(
    header: dict[str, str], parts: Iterator[Columns], write: Callable[[str], object]
) -> None:
    """Numbers in their shortest exact form."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(header)
    write(buffer.getvalue())
    for columns in parts:
        buffer = io.StringIO()
        blank = [""] * len(columns["update"])
        lists = [columns[name].tolist() if name in columns else blank for name in header]
        if _NORM in columns:
            lists[list(header).index(_NORM)] = [
                "" if g != g else g for g in columns[_NORM].tolist()
            ]
        csv.writer(buffer, lineterminator="\n").writerows(zip(*lists, strict=True))
        write(buffer.getvalue())


def _write_parquet(header: dict[str, str], parts: Iterator[Columns], path: str) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs pyarrow", "pip install 'ppodiag[data]'") from None
    schema = pyarrow.schema(
        (name, pyarrow.string() if kind == TEXT else pyarrow.from_numpy_dtype(kind))
        for name, kind in header.items()
    )
    with parquet.ParquetWriter(path, schema) as writer:
        for columns in parts:
            rows = len(columns["update"])
            writer.write_table(
                pyarrow.table(
                    {
                        field.name: pyarrow.array(columns[field.name], from_pandas=True)
                        if field.name in columns
                        else pyarrow.nulls(rows, field.type)
                        for field in schema
                    },
                    schema=schema,
                )
            )
