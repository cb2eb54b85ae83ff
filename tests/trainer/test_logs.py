"""What is logged, and how: exact lines, scalars that others read, files cut back to a checkpoint."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ppodiag import UsageError, simulate
from ppodiag.runlog import read_run
from ppodiag.runlog.tags import COLUMNS, TRAINERS
from reference_trainer import train
from reference_trainer.envs.cartpole import CartPole
from reference_trainer.envs.environment import EnvSpec
from reference_trainer.logs import EVENTS, LINES, SeedLog, read_rows
from reference_trainer.metrics import METRICS, TIMED
from tests.trainer.configs import TIMED as TIMED_HERE
from tests.trainer.configs import small


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    train(small(), env="CartPole-v1", out=out)
    return out


def test_every_value_of_a_row_is_in_the_table_of_metrics(trained: Path) -> None:
    """Names and their order; those that depend on the machine are marked."""
    rows = read_rows(str(trained))
    assert len(rows) == 4
    names = [metric.name for metric in METRICS]
    assert list(rows[0]) == names
    assert set(TIMED_HERE) <= TIMED


def test_the_reader_knows_the_averaging_of_every_column() -> None:
    """The table of tags and the trainer's table of metrics say the same."""
    (known,) = [trainer for trainer in TRAINERS if trainer.name == "reference_trainer"]
    metrics = {metric.name: metric for metric in METRICS}
    assert {column for column, *_ in known.tags} == set(COLUMNS)
    for column, tag, averaging, factor in known.tags:
        metric = metrics[column]
        assert tag in (metric.name, metric.tag)
        assert (averaging, factor) == (metric.averaging, 1.0)


class Clashing(CartPole):
    """An environment that calls a metric of its own as the trainer calls one."""

    @property
    def spec(self) -> EnvSpec:
        return replace(super().spec, metrics={"lr": "1", "queue": "requests"})


def clashing(config: object, **asked: Any) -> Clashing:
    return Clashing(len(asked["seeds"]), asked["envs"], asked["device"], asked["dtype"])


def test_a_metric_does_not_take_the_place_of_a_column() -> None:
    """It would overwrite what the trainer logs."""
    with pytest.raises(UsageError, match=r"calls a metric 'lr', as the trainer calls its own"):
        train(small(), env="tests.trainer.test_logs:clashing")


def test_lines_hold_the_same_doubles_as_the_rows(tmp_path: Path) -> None:
    """Reading a line gives back every number, to the last bit."""
    run = train(small(), env="CartPole-v1", out=tmp_path / "run")
    assert read_rows(str(tmp_path / "run")) == [row.values for row in run.rows[0]]


def test_event_files_hold_the_same_in_single_precision(trained: Path) -> None:
    """TensorBoard's own reader: each tag, at the env steps, to float32."""
    accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    found = accumulators.EventAccumulator(str(trained), size_guidance={"scalars": 0}).Reload()
    rows = read_rows(str(trained))
    tags = found.Tags()["scalars"]
    assert {"Training/lr", "Training/pg_grad_norm", "Training/minibatch_size"} <= set(tags)
    for metric in METRICS:
        expected = [(r["env_steps"], r[metric.name]) for r in rows if r[metric.name] is not None]
        points = found.Scalars(metric.tag) if metric.tag in tags else []
        assert [point.step for point in points] == [step for step, _ in expected]
        np.testing.assert_allclose(
            [p.value for p in points], [float(v) for _, v in expected], rtol=1e-7
        )


def test_ppodiags_reader_takes_the_lines_and_the_event_file_alike(trained: Path) -> None:
    """A run's folder is one run; its canonical columns are there from either file."""
    whole, events = read_run(str(trained)), read_run(str(trained / EVENTS))
    for column in ("lr", "pg_grad_norm", "minibatch_size", "minibatch_steps", "approx_kl"):
        lines = whole.columns[column].values
        np.testing.assert_allclose(events.columns[column].values, lines, rtol=1e-7)
        assert len(lines) == 4
    rate = [row["lr"] for row in read_rows(str(trained))]
    assert whole.columns["lr"].values.tolist() == rate
    replayed = simulate(small(), norms=f"run:{trained}").to_frame()
    assert replayed["lr_last"].tolist() == rate


def test_what_is_not_finite_is_null_in_the_lines(tmp_path: Path) -> None:
    """JSON knows no NaN; other readers would fail on it."""
    log = SeedLog(str(tmp_path))
    log.write({"env_steps": 1, "lr": math.nan, "entropy": math.inf})
    log.close()
    line = (tmp_path / LINES).read_text()
    assert json.loads(line) == {"env_steps": 1, "lr": None, "entropy": None}


def test_logs_are_cut_back_to_what_a_checkpoint_saw(tmp_path: Path) -> None:
    """Lines and events written after it are gone, the next ones follow without a gap."""
    log = SeedLog(str(tmp_path))
    log.write({"env_steps": 1, "lr": 0.5})
    positions = log.positions()
    log.write({"env_steps": 2, "lr": 0.25})
    log.close()
    again = SeedLog(str(tmp_path), positions)
    again.write({"env_steps": 2, "lr": 0.125})
    again.close()
    assert [row["lr"] for row in read_rows(str(tmp_path))] == [0.5, 0.125]
    assert read_run(str(tmp_path / EVENTS)).columns["lr"].values.tolist() == [0.5, 0.125]


def test_logs_that_lost_what_a_checkpoint_saw_are_refused(tmp_path: Path) -> None:
    """A file that is shorter than it was: the error says by how much."""
    SeedLog(str(tmp_path)).close()
    with pytest.raises(UsageError, match="has 0 bytes, and the checkpoint saw 10"):
        SeedLog(str(tmp_path), {LINES: 10})
