"""The rows of forecasts as CSV or Parquet, chunk by chunk."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ppodiag.errors import UsageError
from ppodiag.forecast import Forecast
from ppodiag.writing import whole_file

CHUNK = 1 << 16

Columns = dict[str, Any]


def chunks(forecasts: Sequence[Forecast], every: str) -> Iterator[Columns]:
    """The rows of all forecasts; several are told apart by their file and profile."""
    several = len(forecasts) > 1
    for forecast in forecasts:
        for columns in forecast.trajectory.rows(every, CHUNK):
            if several:
                rows = len(columns["update"])
                named = {
                    "file": np.full(rows, forecast.path, dtype=object),
                    "profile": np.full(rows, forecast.trajectory.profile.name, dtype=object),
                }
                columns = {**named, **columns}
            yield columns


def export(forecasts: Sequence[Forecast], every: str, format: str, output: str | None) -> None:
    """Write the rows to a file, whole or not at all, or as CSV to the standard output.

    Raises:
        UsageError: Parquet without a file or without pyarrow, or a file that cannot be written.
    """
    if format == "parquet":
        if output is None:
            raise UsageError("Parquet is no text", "give a file with --output FILE.parquet")
        with whole_file(output) as path:
            _write_parquet(chunks(forecasts, every), path)
    elif output is None:
        _write_csv(chunks(forecasts, every), sys.stdout.write)
    else:
        with whole_file(output) as path, open(path, "w", encoding="utf-8", newline="") as file:
            _write_csv(chunks(forecasts, every), file.write)


def _write_csv(parts: Iterator[Columns], write: Callable[[str], object]) -> None:
    """Numbers in their shortest exact form; a column that a later forecast lacks stays empty."""
    header: list[str] = []
    for columns in parts:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        if not header:
            header = list(columns)
            writer.writerow(header)
        blank = [""] * len(columns["update"])
        lists = [columns[name].tolist() if name in columns else blank for name in header]
        writer.writerows(zip(*lists, strict=True))
        write(buffer.getvalue())


def _write_parquet(parts: Iterator[Columns], path: str) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs pyarrow", "pip install 'ppodiag[data]'") from None
    writer = None
    try:
        for columns in parts:
            table = pyarrow.table(columns)
            if writer is None:
                writer = parquet.ParquetWriter(path, table.schema)
            for name in writer.schema.names:
                if name not in table.column_names:
                    nulls = pyarrow.nulls(table.num_rows, writer.schema.field(name).type)
                    table = table.append_column(name, nulls)
            writer.write_table(table.select(writer.schema.names))
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise UsageError("there is no row to write", "the run applies no update; see the table")
