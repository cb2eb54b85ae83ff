"""Reading logs: what is there is read, what cannot be read is said, nothing is misaligned."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ppodiag.errors import UsageError
from ppodiag.runlog import Run, read_run
from ppodiag.runlog.tags import COLUMNS, TRAINERS
from tests.conftest import CORPUS, require

LOGS = CORPUS.parent / "logs"


def events_module() -> Any:
    """The official writer; its absence skips, in CI it fails."""
    require(importlib.util.find_spec("tensorboard"), "tensorboard")
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    return EventFileWriter, event_pb2, summary_pb2


def write_events(
    folder: Path, points: dict[str, list[tuple[int, float]]], *, start: bool = False, wall: float = 0.0,
    suffix: str = "",
) -> Path:  # fmt: skip
    """One event file with scalars; returns its path."""
    writer_of, event_pb2, summary_pb2 = events_module()
    writer = writer_of(str(folder), filename_suffix=suffix)
    if start:
        log = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        writer.add_event(event_pb2.Event(wall_time=wall, session_log=log))
    for tag, series in points.items():
        for step, value in series:
            summary = summary_pb2.Summary()
            summary.value.add(tag=tag, simple_value=value)
            writer.add_event(
                event_pb2.Event(wall_time=1e9 + wall + step, step=step, summary=summary)
            )
    writer.close()
    found: list[Path] = sorted(folder.glob(f"*{suffix}"), key=os.path.getmtime)
    return found[-1]


SCALARS = {
    "train/learning_rate": [(step, 1e-3) for step in range(0, 640, 64)],
    "train/entropy_loss": [(step, -1.25) for step in range(0, 640, 64)],
}


def test_event_file(tmp_path: Path) -> None:
    """Scalars of a file by tag; Stable-Baselines3's negative entropy becomes the entropy."""
    run = read_run(str(write_events(tmp_path, SCALARS)))
    assert (run.kind, run.trainer) == ("tensorboard", "sb3")
    assert run.canonical["lr"].steps.tolist() == list(range(0, 640, 64))
    assert run.canonical["entropy"].values.tolist() == [1.25] * 10
    assert run.series["train/entropy_loss"].values.tolist() == [-1.25] * 10
    assert run.notes == ()


def test_tensor_valued_scalars_and_others(tmp_path: Path) -> None:
    """A scalar kept as a tensor is read; a histogram or text is counted and left out."""
    writer_of, event_pb2, summary_pb2 = events_module()
    from tensorboard.util.tensor_util import make_tensor_proto

    writer = writer_of(str(tmp_path))
    summary = summary_pb2.Summary()
    summary.value.add(tag="a", tensor=make_tensor_proto(np.float32(2.5)))
    summary.value.add(tag="b", tensor=make_tensor_proto(np.zeros((3, 3))))
    summary.value.add(tag="c", tensor=make_tensor_proto("words"))
    writer.add_event(event_pb2.Event(step=7, summary=summary))
    writer.close()
    run = read_run(str(tmp_path))
    assert set(run.series) == {"a"}
    assert (run.series["a"].steps.tolist(), run.series["a"].values.tolist()) == ([7], [2.5])
    assert [note.message for note in run.notes] == [
        "2 values are no scalars (pictures, histograms, texts)"
    ]


def test_cut_anywhere(tmp_path: Path) -> None:
    """Cut at any byte, the records before the cut are read, and the place of the cut is named."""
    path = write_events(tmp_path, SCALARS)
    data = path.read_bytes()
    whole = read_run(str(path))
    cut = tmp_path / "cut.tfevents.1"
    for length in range(1, len(data), 7):
        cut.write_bytes(data[:length])
        if run_offset(data, length) == 0:  # no whole record
            with pytest.raises(UsageError, match="holds no readable event"):
                read_run(str(cut))
            continue
        run = read_run(str(cut))
        for tag, series in run.series.items():
            count = len(series)
            assert series.values.tolist() == whole.series[tag].values[:count].tolist()
        ends_between_records = not run.notes
        if not ends_between_records:
            assert f"byte {run_offset(data, length):,}" in run.notes[0].place


def run_offset(data: bytes, length: int) -> int:
    """Where the last whole record ends before a length."""
    offset = 0
    while offset + 12 <= length:
        (size,) = struct.unpack("<Q", data[offset : offset + 8])
        if offset + 16 + size > length:
            break
        offset += 16 + size
    return offset


def test_wrong_checksum(tmp_path: Path) -> None:
    """A damaged record ends the reading; what came before it is there, and the note says where."""
    path = write_events(tmp_path, SCALARS)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    run = read_run(str(path))
    assert 0 < len(run.series["train/learning_rate"]) <= 10
    assert "cut or damaged here" in run.notes[0].message


def test_restart_replaces_what_it_does_again(tmp_path: Path) -> None:
    """A second file from step 320 takes the place of the first one's points from there on."""
    write_events(tmp_path, {"a": [(s, 1.0) for s in range(0, 640, 64)]}, suffix=".first")
    write_events(
        tmp_path, {"a": [(s, 2.0) for s in range(320, 960, 64)]}, start=True, wall=1e6,
        suffix=".second",
    )  # fmt: skip
    run = read_run(str(tmp_path))
    assert run.series["a"].steps.tolist() == list(range(0, 960, 64))
    assert run.series["a"].values.tolist() == [1.0] * 5 + [2.0] * 10
    assert "5 earlier points" in run.notes[0].message


def test_several_writers(tmp_path: Path) -> None:
    """The fullest folder's tags stand bare, another's behind its name; other files are named."""
    write_events(tmp_path / "main", SCALARS)
    write_events(tmp_path / "extra", {"train/learning_rate": [(0, 9.0)]})
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    run = read_run(str(tmp_path))
    assert len(run.series["train/learning_rate"]) == 10
    assert run.series["extra/train/learning_rate"].values.tolist() == [9.0]
    assert any("not read beside the events: notes.csv" in note.message for note in run.notes)


def test_csv(tmp_path: Path) -> None:
    """Columns by name, empty cells left out, counted by the best step column."""
    path = tmp_path / "progress.csv"
    path.write_text(
        "time/total_timesteps,train/learning_rate,note\n64,,a\n128,0.001,b\n192,0.0005,c\n"
    )
    run = read_run(str(tmp_path))
    assert run.kind == "csv"
    assert run.canonical["lr"].steps.tolist() == [128, 192]
    assert run.canonical["lr"].values.tolist() == [0.001, 0.0005]
    assert "note" not in run.series


def test_ragged_csv_is_never_misaligned(tmp_path: Path) -> None:
    """Rows of other widths and kinds are set aside with their lines; no value of theirs is read."""
    path = tmp_path / "metrics.csv"
    path.write_text(
        "step,data_type,reward\n"
        "1,training,0.5\n"
        "999,ppo_update,777\n"
        "2,training,0.6\n"
        "0.1,666,ppo_update,0.2,0.3\n"
        "3,training,0.7\n"
    )
    run = read_run(str(path))
    assert run.series["reward"].steps.tolist() == [1, 2, 3]
    assert run.series["reward"].values.tolist() == [0.5, 0.6, 0.7]
    assert [(note.severity, note.place.rpartition("lines ")[2]) for note in run.notes] == [
        ("error", "3 to 3"), ("error", "5 to 5"),
    ]  # fmt: skip
    assert "1 rows of kind 'ppo_update'" in run.notes[0].message
    assert "1 rows of 5 columns" in run.notes[1].message


def test_csv_with_words_among_numbers(tmp_path: Path) -> None:
    """A word in a column of numbers is left out and counted; True and False are 1 and 0."""
    path = tmp_path / "a.csv"
    path.write_text("step,x,flag\n1,0.5,True\n2,broken,False\n3,nan,True\n")
    run = read_run(str(path))
    assert run.series["x"].values.tolist() == [0.5]
    assert run.series["flag"].values.tolist() == [1, 0, 1]
    assert [note.message for note in run.notes] == [
        "column x: 1 of 3 values are no numbers; left out"
    ]


def test_jsonl(tmp_path: Path) -> None:
    """One object a line, nested ones joined by slashes; broken lines are named and left out."""
    path = tmp_path / "metrics.jsonl"
    path.write_text(
        '{"update": 1, "lr": 0.1, "loss": {"value": 2}}\n'
        '{"update": 2, "lr": NaN, "pg_grad_norm": Infinity}\n'
        "{broken\n"
        "[1]\n"
        '{"update": 3, "lr": 0.3, "applied": true, "words": "x"}\n'
    )
    run = read_run(str(tmp_path))
    assert run.kind == "jsonl"
    assert run.series["loss/value"].values.tolist() == [2]
    assert run.canonical["lr"].steps.tolist() == [1, 2, 3]
    assert math.isnan(run.canonical["lr"].values[1])
    assert run.canonical["pg_grad_norm"].values.tolist() == [math.inf]
    assert run.series["applied"].values.tolist() == [1]
    assert [note.place.rpartition(", ")[2] for note in run.notes] == ["line 3", "line 4"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.csv", b"", "is empty"),
        ("words.csv", b"just words\n", "has no header"),
        ("header.csv", b"a,b\n", "has no row that belongs to its header"),
        ("twice.csv", b"a,b,a\n1,2,3\n", "the header names 'a' twice"),
        ("binary.csv", bytes(range(256)) * 4, "is no run"),
        ("latin.csv", b"a,b\n\xff\xfe,2\n", "not UTF-8"),
        ("lines.jsonl", b"{broken\n", "has no line that is a JSON object"),
        ("x.tfevents.1", b"no events at all", "holds no readable event"),
        ("zeros.tfevents.1", bytes(4096), "holds no readable event"),
    ],
)
def test_what_is_no_run(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    """Each is refused with what it is, and with what can be named instead."""
    if "tfevents" in name:
        events_module()
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=message) as error:
        read_run(str(tmp_path / name))
    assert error.value.remedy


def test_sparse_file_of_two_gigabytes(tmp_path: Path) -> None:
    """Two gigabytes of nothing are refused at once, without being read."""
    events_module()
    path = tmp_path / "x.tfevents.1"
    with open(path, "wb") as file:
        file.truncate(2 << 30)
    with pytest.raises(UsageError, match="holds no readable event"):
        read_run(str(path))


def test_missing_and_ambiguous(tmp_path: Path) -> None:
    """No such path, a folder without a log, a folder with several."""
    with pytest.raises(UsageError, match="does not exist"):
        read_run(str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="holds no event, CSV or JSONL file"):
        read_run(str(tmp_path))
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("x,y\n1,2\n")
    with pytest.raises(UsageError, match=r"several logs: a\.csv, b\.csv"):
        read_run(str(tmp_path))


def test_mapping(tmp_path: Path) -> None:
    """A mapping counts before the known names; a wrong one says what there is."""
    path = tmp_path / "a.csv"
    path.write_text("step,my/norm,lr\n1,5,0.1\n2,6,0.1\n")
    run: Run = read_run(str(path), {"pg_grad_norm": "my/norm"})
    assert run.canonical["pg_grad_norm"].values.tolist() == [5, 6]
    with pytest.raises(UsageError, match="no canonical column is called norm"):
        read_run(str(path), {"norm": "my/norm"})
    with pytest.raises(UsageError, match="the log has no tag your/norm"):
        read_run(str(path), {"pg_grad_norm": "your/norm"})


def test_every_known_tag_leads_to_a_column() -> None:
    """No trainer's table names a column that is not there."""
    assert {column for tags in TRAINERS.values() for column in tags.values()} <= set(COLUMNS)
    assert len(TRAINERS) == 9


@pytest.mark.skipif(not LOGS.exists(), reason="the corpus is not beside the project")
@pytest.mark.parametrize(
    ("name", "updates", "points"),
    [("run_20250918_232535", 21, 15_265), ("run_20250921_144521", 39, 55_810)],
)
def test_real_runs(name: str, updates: int, points: int) -> None:
    """Both runs of the corpus: every scalar, and every metric of an update in its column."""
    events_module()
    run = read_run(str(LOGS / name))
    assert sum(len(series) for series in run.series.values()) == points
    assert run.trainer == "note"
    assert {len(series) for series in run.canonical.values()} == {updates}
    assert set(np.unique(run.canonical["lr"].values).tolist()) <= {
        float(np.float32(5e-4)), float(np.float32(3e-4)),
    }  # fmt: skip


@pytest.mark.skipif(not LOGS.exists(), reason="the corpus is not beside the project")
def test_real_csv_by_its_header_would_be_wrong() -> None:
    """Read by header alone, an update's clip fraction would stand under the latency's penalty."""
    path = next((LOGS / "run_20250918_232535" / "metrics").glob("*.csv"))
    lines = path.read_text().splitlines()
    header, update = lines[0].split(","), lines[64].split(",")
    assert (header[12], update[12], update[13]) == (
        "latency_threshold_penalty", "0.6875", "ppo_update",
    )  # fmt: skip
    run = read_run(str(path))
    assert len(run.series["latency_threshold_penalty"]) == 50
    assert 0.6875 not in run.series["latency_threshold_penalty"].values
    assert [note.message.split(" do not")[0] for note in run.notes] == [
        "300 rows of 56 columns", "1,038 rows of 78 columns",
    ]  # fmt: skip


def test_replay_from_a_jsonl_run(tmp_path: Path) -> None:
    """The norms, sizes and early stops that a JSONL log holds reach the replay."""
    from ppodiag.norms.recorded import read_norms

    path = tmp_path / "run.jsonl"
    rows = [
        {"update": k, "pg_grad_norm": 1.0 + k, "minibatch_size": 64, "minibatch_steps": 6}
        for k in range(4)
    ]
    rows[2].pop("minibatch_steps")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    replay = read_norms(str(path))
    assert replay.norms.tolist() == [1, 2, 3, 4]
    assert replay.sizes is not None
    assert replay.sizes.tolist() == [64] * 4
    assert replay.minibatches is not None
    assert np.isnan(replay.minibatches[2])
    (tmp_path / "other.csv").write_text("step,x\n1,2\n")
    with pytest.raises(UsageError, match="holds no gradient norm"):
        read_norms(str(tmp_path / "other.csv"))
