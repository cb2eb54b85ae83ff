"""Rows as CSV and Parquet: every column of every forecast, also where no update is applied."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from ppodiag.export import columns_of, export
from ppodiag.forecast import Forecast
from tests.conftest import require
from tests.simulate.forecasts import ABS, forecast_of

SHORT: dict[str, Any] = {"training.ppo_requests": 8192}
ADAPTS = {
    **SHORT,
    ABS: {"enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 0.1},
}
DEFERRED = {"training.ppo_requests": 4096}
"""S = 4,096 and R = 1,024: all 4 rollouts are skipped."""

NO_ROLLOUT = {"training.ppo_requests": 100}
EVERY = ("update", "optimizer", "minibatch")


def both() -> list[Forecast]:
    """A fixed batch, which needs no norms, and one that adapts."""
    return [forecast_of(SHORT, "0.json"), forecast_of(ADAPTS, "1.json")]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_columns_of_later_forecasts_are_kept(tmp_path: Path) -> None:
    """Only the second forecast has gradient norms: its 4 · 2 applied updates have one each."""
    export(both(), "update", "csv", str(tmp_path / "a.csv"))
    rows = read(tmp_path / "a.csv")
    norms = {"0": 0, "1": 0}
    for row in rows:
        norms[Path(row["file"]).stem] += row["pg_grad_norm"] != ""
    assert norms == {"0": 0, "1": 8}


def test_a_norm_that_is_not_there_is_an_empty_cell(tmp_path: Path) -> None:
    """Of 8 rollouts 4 are skipped: their norms are empty in CSV and null in Parquet, not "nan"."""
    adapts = forecast_of(ADAPTS, seeds=1)
    export([adapts], "update", "csv", str(tmp_path / "a.csv"))
    cells = [row["pg_grad_norm"] for row in read(tmp_path / "a.csv")]
    assert cells[:4] == [""] * 4
    assert all(float(cell) > 0 for cell in cells[4:])
    parquet = reader()
    export([adapts], "update", "parquet", str(tmp_path / "a.parquet"))
    norms = parquet.read_table(tmp_path / "a.parquet")["pg_grad_norm"].to_pylist()
    assert norms[:4] == [None] * 4
    assert norms[4:] == [float(cell) for cell in cells[4:]]


def test_columns_of_later_forecasts_are_kept_in_parquet(tmp_path: Path) -> None:
    """The columns are the same as in CSV; what a forecast lacks is null."""
    parquet = reader()
    export(both(), "update", "parquet", str(tmp_path / "a.parquet"))
    export(both(), "update", "csv", str(tmp_path / "a.csv"))
    table = parquet.read_table(tmp_path / "a.parquet")
    assert table.column_names == list(read(tmp_path / "a.csv")[0])
    # 8 rollouts of a fixed batch; of 2 seeds, 4 skipped ones each.
    assert table["pg_grad_norm"].null_count == 8 + 2 * 4


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("change", [SHORT, ADAPTS, DEFERRED, NO_ROLLOUT])
def test_columns_are_those_of_the_rows(every: str, change: dict[str, Any]) -> None:
    """The header that is written beforehand names what the rows hold, in their order."""
    one = forecast_of(change)
    header = list(columns_of([one], every))
    for columns in one.trajectory.rows(every, 1000):
        assert [name for name in header if name in columns] == list(columns)
        if one.trajectory.updates:
            assert header == list(columns)
            kinds = {name: values.dtype.name for name, values in columns.items()}
            assert columns_of([one], every) == kinds


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize(("change", "rows"), [(DEFERRED, 4), (NO_ROLLOUT, 0)])
def test_a_run_without_updates_still_has_a_header(
    tmp_path: Path, every: str, change: dict[str, Any], rows: int
) -> None:
    """A reader finds its columns; of skipped rollouts there are rows, of steps there are none."""
    one = forecast_of(change)
    expected = rows * len(one.trajectory.seeds) if every == "update" else 0
    export([one], every, "csv", str(tmp_path / "a.csv"))
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(columns_of([one], every))
    assert len(lines) == 1 + expected


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize(("change", "rows"), [(DEFERRED, 4), (NO_ROLLOUT, 0)])
def test_parquet_of_a_run_without_updates(
    tmp_path: Path, every: str, change: dict[str, Any], rows: int
) -> None:
    """The file is written, with typed columns."""
    parquet = reader()
    one = forecast_of(change)
    export([one], every, "parquet", str(tmp_path / "a.parquet"))
    table = parquet.read_table(tmp_path / "a.parquet")
    assert table.column_names == list(columns_of([one], every))
    assert table.num_rows == (rows * len(one.trajectory.seeds) if every == "update" else 0)
    assert str(table.schema.field("update").type) == "int64"


def reader() -> Any:
    """The module that reads Parquet back."""
    try:
        from pyarrow import parquet
    except ImportError:
        parquet = None
    require(parquet is not None, "pyarrow")
    return parquet
