"""Real logs that this project did not write, where they lie beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ppodiag.runlog import read_run
from tests.conftest import ROOT
from tests.runlog.event_files import require_tensorboard

LOGS = ROOT.parent / "shared" / "corpus" / "vidurrl" / "logs"
FIRST, SECOND = LOGS / "run_20250918_232535", LOGS / "run_20250921_144521"


@pytest.fixture(autouse=True)
def _needs_corpus() -> None:
    if not LOGS.is_dir():
        pytest.skip("the corpus is not beside the project")


def _csv(folder: Path) -> Path:
    (path,) = (folder / "metrics").glob("*.csv")
    return path


@pytest.mark.parametrize(
    ("folder", "updates", "first", "last", "scalars"),
    [(FIRST, 21, 63, 1343, 15_265), (SECOND, 39, 31_996, 36_860, 55_810)],
)
def test_event_files(folder: Path, updates: int, first: int, last: int, scalars: int) -> None:
    """Every scalar is read, and the eight training columns with a point an update."""
    require_tensorboard()
    run = read_run(folder)
    assert (run.kind, run.trainer, run.step_unit) == ("tensorboard", "vidurrl", "env_steps")
    assert sum(len(series.steps) for series in run.series.values()) == scalars
    assert set(run.canonical) == {
        "lr", "approx_kl", "clip_fraction", "entropy", "explained_variance", "value_loss",
        "policy_loss", "pg_grad_norm",
    }  # fmt: skip
    for column in run.canonical.values():
        assert len(column.series.steps) == updates
        assert (column.series.steps[0], column.series.steps[-1]) == (first, last)
    (note,) = run.notes
    assert note.message.startswith("not read, as there are event files: metrics/ppo_metrics_")


def test_series_equal_tensorboard_s() -> None:
    """Tags, steps, values and wall times are those of TensorBoard's EventAccumulator."""
    require_tensorboard()
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    accumulator = EventAccumulator(str(FIRST / "tensorboard"), size_guidance={"scalars": 0})
    accumulator.Reload()
    run = read_run(FIRST)
    assert set(run.series) == set(accumulator.Tags()["scalars"])
    for tag, series in run.series.items():
        points = accumulator.Scalars(tag)
        assert series.steps.tolist() == [point.step for point in points]
        assert series.values.tolist() == [point.value for point in points]
        assert series.wall_times is not None
        assert series.wall_times.tolist() == [point.wall_time for point in points]


@pytest.mark.parametrize(
    ("folder", "widths"),
    [
        (FIRST, {56: 300, 78: 1038}),
        (SECOND, {56: 3100, 78: 1928}),
    ],
)
def test_ragged_csv(folder: Path, widths: dict[int, int]) -> None:
    """The 50 rows that the header describes are read; all others are told, by width and kind."""
    run = read_run(_csv(folder))
    assert len(run.series["latency"].values) == 50
    errors = [note.message for note in run.notes if note.severity == "error"]
    assert len(errors) == 2
    for width, rows in widths.items():
        start = f"{rows} rows have {width} cells where the header names 57 columns"
        (message,) = [e for e in errors if e.startswith(start)]
        assert ("ppo_update" in message) == (width == 78)
    assert run.canonical == {}


def test_ragged_csv_agrees_with_the_event_file() -> None:
    """What is read of the CSV is what TensorBoard logged under the same name: nothing is shifted."""
    require_tensorboard()
    table, events = read_run(_csv(SECOND)), read_run(SECOND)
    mine, theirs = table.series["raw_reward"], events.series["Debug/RawReward"]
    assert mine.steps.tolist() == theirs.steps[:50].tolist()
    assert mine.values.astype("f4").tolist() == theirs.values[:50].astype("f4").tolist()
