"""TensorBoard runs: scalars of both forms, restarts, several writers, damage."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from ppodiag.runlog import read_run
from tests.runlog.event_files import (
    require_tensorboard,
    scalar_event,
    write_events,
    write_scalars,
)


@pytest.fixture(autouse=True)
def _needs_tensorboard() -> None:
    require_tensorboard()


def _points(path: Path, tag: str) -> list[tuple[int, float]]:
    series = read_run(path).series[tag]
    return list(zip(series.steps.tolist(), series.values.tolist(), strict=True))


def test_scalars_in_order(tmp_path: Path) -> None:
    """Each tag is a series with steps, values and wall times in the order of the file."""
    path = write_scalars(tmp_path / "any name", [("a", 1, 0.5), ("b", 1, 2.0), ("a", 2, 0.25)])
    run = read_run(path)
    assert run.kind == "tensorboard"
    assert list(run.series) == ["a", "b"]
    a = run.series["a"]
    assert a.steps.tolist() == [1, 2]
    assert a.values.tolist() == [0.5, 0.25]
    assert a.wall_times is not None
    assert a.wall_times.tolist() == [1000.0, 1002.0]
    assert (a.steps.dtype, a.values.dtype) == ("int64", "float64")
    assert run.notes == ()


def test_tensor_scalars(tmp_path: Path) -> None:
    """A scalar as a tensor of rank 0 is read, of a later event without metadata too."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.util.tensor_util import make_tensor_proto

    events = []
    for step, value in enumerate([0.5, 1.5]):
        event = Event(wall_time=step, step=step)
        one = event.summary.value.add(tag="loss", tensor=make_tensor_proto(value))
        if step == 0:
            one.metadata.plugin_data.plugin_name = "scalars"
        events.append(event)
    assert _points(write_events(tmp_path / "e", events), "loss") == [(0, 0.5), (1, 1.5)]


def test_other_values_are_counted(tmp_path: Path) -> None:
    """Histograms, images and tensors of other plugins are left out, and a note counts them."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.util.tensor_util import make_tensor_proto

    event = Event(wall_time=1, step=1)
    event.summary.value.add(tag="h").histo.num = 3
    event.summary.value.add(tag="i").image.width = 3
    text = event.summary.value.add(tag="t", tensor=make_tensor_proto(b"words"))
    text.metadata.plugin_data.plugin_name = "text"
    event.summary.value.add(tag="curve", tensor=make_tensor_proto([1.0, 2.0]))
    event.summary.value.add(tag="a", simple_value=1.0)
    run = read_run(write_events(tmp_path / "e", [event]))
    assert list(run.series) == ["a"]
    assert [note.message for note in run.notes] == [
        "not scalars, and left out: 1 histo, 1 image, 1 tensor, 1 text"
    ]


def test_nan_and_infinity_are_values(tmp_path: Path) -> None:
    """They are evidence, not gaps."""
    path = write_scalars(tmp_path / "e", [("a", 0, float("nan")), ("a", 1, float("inf"))])
    values = [value for _, value in _points(path, "a")]
    assert values[0] != values[0]
    assert values[1] == float("inf")


def test_declared_restart(tmp_path: Path) -> None:
    """SessionLog.START at step 3 drops what stood at 3 and later, in every tag."""
    from tensorboard.compat.proto.event_pb2 import Event

    write_scalars(tmp_path / "events.out.tfevents.1", [("a", s, 0.0) for s in range(6)], wall=100)
    start = Event(wall_time=200, step=3)
    start.session_log.status = 1
    later = [start, scalar_event("b", 3, 9.0, 201), scalar_event("a", 5, 1.0, 202)]
    write_events(tmp_path / "events.out.tfevents.2", later)
    assert _points(tmp_path, "a") == [(0, 0.0), (1, 0.0), (2, 0.0), (5, 1.0)]
    note = read_run(tmp_path).notes[0]
    assert note.place == "events.out.tfevents.2"
    assert note.message == "the writer resumed at step 3: 3 points from there on are superseded"


def test_restart_from_a_checkpoint(tmp_path: Path) -> None:
    """A later file that goes back supersedes the steps that it repeats, and a note counts them."""
    write_scalars(tmp_path / "events.out.tfevents.1", [("a", s, 0.0) for s in range(5)], wall=100)
    write_scalars(tmp_path / "events.out.tfevents.2", [("a", s, 1.0) for s in (3, 4, 5)], wall=200)
    assert _points(tmp_path, "a") == [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 1)]
    (note,) = read_run(tmp_path).notes
    assert note.severity == "warning"
    assert note.message == "begins again at step 3: 2 earlier points of 1 tags are superseded"


def test_the_order_is_that_of_the_events(tmp_path: Path) -> None:
    """The first event's time orders the files, not their names."""
    write_scalars(tmp_path / "events.out.tfevents.a", [("a", 3, 1.0)], wall=200)
    write_scalars(tmp_path / "events.out.tfevents.b", [("a", 1, 0.0), ("a", 2, 0.0)], wall=100)
    assert _points(tmp_path, "a") == [(1, 0), (2, 0), (3, 1)]
    assert read_run(tmp_path).notes == ()


def test_two_runs_in_one_folder(tmp_path: Path) -> None:
    """A later file that begins before all that stood there is an error in the notes."""
    write_scalars(tmp_path / "events.out.tfevents.1", [("a", s, 0.0) for s in (5, 6)], wall=100)
    write_scalars(tmp_path / "events.out.tfevents.2", [("a", s, 1.0) for s in (0, 1)], wall=200)
    assert _points(tmp_path, "a") == [(0, 1.0), (1, 1.0)]
    (note,) = read_run(tmp_path).notes
    assert note.severity == "error"
    assert note.message.endswith("two runs in one folder?")


def test_writers_at_the_same_time(tmp_path: Path) -> None:
    """Two files written side by side with one tag: the one with more points is read."""
    write_scalars(tmp_path / "events.out.tfevents.1", [("a", s, 0.0) for s in range(9)], wall=100)
    write_scalars(
        tmp_path / "events.out.tfevents.2", [("a", 0, 1.0), ("a", 1, 1.0), ("b", 1, 2.0)], wall=103
    )
    assert _points(tmp_path, "a") == [(s, 0.0) for s in range(9)]
    assert _points(tmp_path, "b") == [(1, 2.0)]
    (note,) = read_run(tmp_path).notes
    assert note.severity == "error"
    assert "1 tags are in both, 2 points of the smaller share are set aside" in note.message


def test_steps_that_go_back_in_one_file(tmp_path: Path) -> None:
    """They stand as written, and a note names the tag."""
    path = write_scalars(tmp_path / "e", [("a", 5, 0.0), ("a", 2, 1.0)])
    assert _points(path, "a") == [(5, 0.0), (2, 1.0)]
    (note,) = read_run(path).notes
    assert note.message.endswith("the points stand as they were written: 'a'")


def test_folders_of_writers(tmp_path: Path) -> None:
    """Below files of the run's own, a folder's tags bear its name; without, they do not."""
    write_scalars(tmp_path / "one" / "events.out.tfevents.1", [("a", 0, 0.0)])
    write_scalars(tmp_path / "one" / "loss_train" / "events.out.tfevents.1", [("a", 0, 1.0)])
    assert list(read_run(tmp_path / "one").series) == ["a", "loss_train/a"]
    write_scalars(tmp_path / "two" / "tb" / "events.out.tfevents.1", [("a", 0, 0.0)])
    assert list(read_run(tmp_path / "two").series) == ["a"]


def test_several_runs_in_one_folder(tmp_path: Path) -> None:
    """Folders with the same tag and no files above them are several runs: name one."""
    for seed in ("seed1", "seed2"):
        write_scalars(tmp_path / seed / "events.out.tfevents.1", [("a", 0, 0.0)])
    with pytest.raises(UsageError, match="several runs: 'seed1' and 'seed2' both log 'a'"):
        read_run(tmp_path)


def test_other_files_beside_the_events(tmp_path: Path) -> None:
    """Tables are named in a note; an empty or broken event file costs itself alone."""
    write_scalars(tmp_path / "events.out.tfevents.1", [("a", 0, 0.5)])
    (tmp_path / "events.out.tfevents.2").write_bytes(b"")
    (tmp_path / "events.out.tfevents.3").write_bytes(b"rubbish" * 9)
    (tmp_path / "progress.csv").write_text("a,b\n1,2\n")
    (tmp_path / "model.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "config.json").write_text("{}")
    run = read_run(tmp_path)
    assert list(run.series) == ["a"]
    assert [(n.severity, n.place, n.message) for n in run.notes] == [
        (
            "error",
            "events.out.tfevents.3",
            "begins with no record of an event file; it is left out",
        ),
        ("warning", "events.out.tfevents.2", "is empty; it is left out"),
        ("info", "", "not read, as there are event files: progress.csv"),
    ]


def test_cut_anywhere(tmp_path: Path) -> None:
    """At every cut: the whole records, a note with byte and number, or a clear error; no crash."""
    whole = write_scalars(tmp_path / "whole", [("a", s, s / 4) for s in range(12)]).read_bytes()
    path = tmp_path / "events.out.tfevents.1"
    read = []
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        try:
            run = read_run(path)
        except UsageError:
            continue
        points = len(run.series["a"].steps)
        read.append(points)
        assert run.series["a"].values.tolist() == [s / 4 for s in range(points)]
        for note in run.notes:
            assert note.place.startswith("byte ")
            assert f"{points + 1} records before it are read" in note.message
    assert sorted(set(read)) == list(range(1, 12))


def test_any_bytes(tmp_path: Path) -> None:
    """Whatever is written over an event file, it is read or refused, and never crashes."""
    rng = random.Random(3)
    whole = write_scalars(tmp_path / "whole", [("a", s, s / 4) for s in range(40)]).read_bytes()
    path = tmp_path / "events.out.tfevents.1"
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 5)):
            at = rng.randrange(len(data))
            data[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
        path.write_bytes(data)
        try:
            run = read_run(path)
        except UsageError:
            continue
        points = run.series["a"]
        assert points.values.tolist() == [step / 4 for step in points.steps.tolist()]
        assert len(points.steps) == 40 or run.notes


def test_a_record_that_is_no_event(tmp_path: Path) -> None:
    """A sound record of other bytes is left out and counted."""
    from tensorboard.summary.writer.record_writer import RecordWriter

    path = write_scalars(tmp_path / "e", [("a", 0, 0.5)])
    with path.open("ab") as handle:
        RecordWriter(handle).write(b"\xff\xff no event")
    run = read_run(path)
    assert run.series["a"].values.tolist() == [0.5]
    (note,) = run.notes
    assert note.message == "1 records have a right CRC and are no event; they are left out"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\x18\0\0\0", "cut within its first record: it has 4 bytes"),
        (b"\0" * 5000, "at byte 0 zero bytes stand"),
        (bytes(range(256)) * 40, "at byte 0 no header of a record stands"),
        (b"step,lr\n1,2\n3,4\n", "at byte 0 no header of a record stands"),
    ],
)
def test_not_an_event_file(tmp_path: Path, content: bytes, message: str) -> None:
    """What bears the name of an event file and is none is an error that says why."""
    path = tmp_path / "events.out.tfevents.1.host"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_run(path)


def test_a_sparse_file_of_two_gigabytes(tmp_path: Path) -> None:
    """The scalars before the hole are read and the hole is not."""
    path = write_scalars(tmp_path / "events.out.tfevents.1", [("a", 0, 0.5)])
    size = path.stat().st_size
    os.truncate(path, 2 * 2**30)
    run = read_run(path)
    assert run.series["a"].values.tolist() == [0.5]
    assert run.notes[0].place == f"byte {size}"
    assert run.notes[0].message == (
        "zero bytes where a record should begin; 2 records before it are read, nothing after it"
    )


def test_no_scalar(tmp_path: Path) -> None:
    """An event file that holds no scalar is no run."""
    path = write_events(tmp_path / "events.out.tfevents.1", [])
    with pytest.raises(UsageError, match="1 event file with 1 records and no scalar"):
        read_run(path)


def test_without_tensorboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra that brings it."""
    path = write_scalars(tmp_path / "e", [("a", 0, 0.5)])
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)
    with pytest.raises(UsageError) as caught:
        read_run(path)
    assert caught.value.remedy == "pip install 'ppodiag[logs]'"
