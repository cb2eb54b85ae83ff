"""CSV files: what the header describes is read, and nothing else."""

from __future__ import annotations

import math
import os
import random
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from ppodiag.runlog import Run, read_run


def _run(tmp_path: Path, text: str | bytes, name: str = "log.csv") -> Run:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_run(path)


def _notes(run: Run) -> list[tuple[str, str, str]]:
    return [(note.severity, note.place, note.message) for note in run.notes]


def test_columns_by_step(tmp_path: Path) -> None:
    """Each column of numbers is a series over the step column."""
    run = _run(tmp_path, "step,lr,name\n10,1e-3,x\n20,5e-4,y\n")
    assert run.kind == "csv"
    assert list(run.series) == ["step", "lr"]
    assert run.series["lr"].steps.tolist() == [10, 20]
    assert run.series["lr"].values.tolist() == [1e-3, 5e-4]
    assert run.series["lr"].wall_times is None
    assert run.step_unit is None
    assert _notes(run) == [
        ("info", "", "1 columns hold words and are left out: 'name'"),
        ("info", "", "the step is column 'step'"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_dialects(tmp_path: Path, delimiter: str, line_end: str, mark: bytes) -> None:
    """Delimiters, line ends and a byte order mark are taken as they come."""
    text = line_end.join([delimiter.join(row) for row in (["update", "lr"], ["1", "0.5"])])
    run = _run(tmp_path, mark + (text + line_end).encode())
    assert run.series["lr"].steps.tolist() == [1]
    assert run.series["lr"].values.tolist() == [0.5]
    assert run.step_unit == "updates"


def test_quotes(tmp_path: Path) -> None:
    """A quoted cell may hold delimiters and line ends; the numbers of later lines stay right."""
    run = _run(tmp_path, 'step,"a,b",text\n1,"0.5","x\ny, z"\n2,oops,w\n')
    assert run.series["a,b"].values.tolist() == [0.5]
    assert _notes(run)[0] == (
        "warning",
        "line 4",
        "1 cells of column 'a,b' are no numbers and are left out, the first: 'oops'",
    )


def test_absent_cells(tmp_path: Path) -> None:
    """An empty cell is no point; nan and inf are values."""
    run = _run(tmp_path, "step,a\n1,\n2,nan\n3,None\n4,-inf\n")
    assert run.series["a"].steps.tolist() == [2, 4]
    assert math.isnan(run.series["a"].values[0])
    assert run.series["a"].values[1] == -math.inf


def test_no_step_column(tmp_path: Path) -> None:
    """Without one the row number is the step, and a note says so."""
    run = _run(tmp_path, "a,b\n5,6\n7,8\n")
    assert run.series["b"].steps.tolist() == [0, 1]
    assert _notes(run) == [("info", "", "no column is the step; the row number, from 0, is")]


def test_rows_without_step(tmp_path: Path) -> None:
    """They are set aside and counted."""
    run = _run(tmp_path, "step,a\n1,5\n,6\n3,7\n")
    assert run.series["a"].steps.tolist() == [1, 3]
    assert run.series["a"].values.tolist() == [5, 7]
    assert ("warning", "", "1 rows without a step in column 'step' are set aside") in _notes(run)


def test_a_step_that_is_none(tmp_path: Path) -> None:
    """A step column with fractions is not the step; the next candidate is."""
    run = _run(tmp_path, "step,update,a\n0.5,1,5\n1.5,2,6\n")
    assert run.series["a"].steps.tolist() == [1, 2]
    assert _notes(run)[0][2] == "column 'step' is no step: 2 of 2 values are no integer"


def test_comment_above_the_header(tmp_path: Path) -> None:
    """Stable-Baselines3's monitor.csv has one."""
    run = _run(tmp_path, '#{"t_start": 1.5, "env_id": "x"}\nr,l,t\n1.0,5,0.1\n')
    assert list(run.series) == ["r", "l", "t"]
    assert ("info", "line 1", "1 lines above the header are left out") in _notes(run)


def test_rows_of_another_width(tmp_path: Path) -> None:
    """They are set aside; the note has their number, lines, widths and kinds."""
    run = _run(
        tmp_path,
        "data_type,step,a\ntraining,1,5\ntraining,2,6\n"
        "9,training,3,7\n9,ppo_update,3,8\ntraining,4,9\n1,2\n",
    )
    assert run.series["a"].steps.tolist() == [1, 2, 4]
    assert run.series["a"].values.tolist() == [5, 6, 9]
    assert _notes(run)[:2] == [
        (
            "error",
            "lines 4 to 5",
            "2 rows have 4 cells where the header names 3 columns; nothing tells which cell is "
            "which column, so they are set aside; kinds: training 1, ppo_update 1",
        ),
        (
            "error",
            "line 7",
            "1 rows have 2 cells where the header names 3 columns; nothing tells which cell is "
            "which column, so they are set aside",
        ),
    ]


def test_another_kind_of_the_same_width(tmp_path: Path) -> None:
    """In a ragged file a row of the header's width and of another kind is set aside."""
    run = _run(tmp_path, "data_type,step,a\nt,1,5\nu,2,6\nt,3,7\nt,4\n")
    assert run.series["a"].values.tolist() == [5, 7]
    severity, place, message = _notes(run)[1]
    assert (severity, place) == ("error", "line 3")
    assert message.startswith("1 rows have the header's width and are of kind 'u', not 't'")


def test_shifted_row_of_the_same_width(tmp_path: Path) -> None:
    """In a ragged file a row with words where numbers stand, or the reverse, is set aside."""
    run = _run(tmp_path, "step,mode,a\n1,on,5\n2,3,4\n3,4,on\n4,off,8\n1\n")
    assert run.series["a"].steps.tolist() == [1, 4]
    assert _notes(run)[1][:2] == ("error", "lines 3 to 4")
    assert _notes(run)[1][2].startswith("2 rows have the header's width, but words where numbers")


def test_kinds_in_a_file_of_one_width(tmp_path: Path) -> None:
    """Where all rows have the header's width they are all read."""
    run = _run(tmp_path, "data_type,step,a,b\nt,1,5,\nu,1,,6\n")
    assert run.series["a"].values.tolist() == [5]
    assert run.series["b"].values.tolist() == [6]


def test_header_again(tmp_path: Path) -> None:
    """A writer that began again wrote its header again: it is no row."""
    run = _run(tmp_path, "step,a\n1,5\nstep,a\n2,6\n")
    assert run.series["a"].values.tolist() == [5, 6]
    assert _notes(run)[0] == (
        "info",
        "line 3",
        "the header stands here again; the rows go on below it",
    )


@pytest.mark.parametrize("later", ["step,b,a\n2,7,6\n", "step,a,b\n2,6,7\n", "a,step\n6,2\n"])
def test_new_header(tmp_path: Path, later: str) -> None:
    """A header of its own makes rows of another width or order safe to read by name."""
    run = _run(tmp_path, "step,a,c\n1,5,0\n" + later)
    assert run.series["a"].steps.tolist() == [1, 2]
    assert run.series["a"].values.tolist() == [5, 6]
    assert not [note for note in run.notes if note.severity == "error"]


def test_names_that_are_no_names(tmp_path: Path) -> None:
    """A name that is there twice names nothing: both columns are left out."""
    run = _run(tmp_path, ",step,a,a\n0,1,5,6\n")
    assert list(run.series) == ["step"]
    assert _notes(run)[0] == (
        "error",
        "line 1",
        "the header names 'a' more than once; these columns are left out",
    )


def test_last_line_cut(tmp_path: Path) -> None:
    """A last line that is too short and has no end was being written: it does not make it ragged."""
    run = _run(tmp_path, "step,a,b\n1,5,6\n2,7")
    assert run.series["a"].values.tolist() == [5]
    assert _notes(run)[0] == (
        "warning",
        "line 3",
        "the last line is cut after 2 cells and set aside",
    )


def test_last_line_without_end(tmp_path: Path) -> None:
    """A last line of the right width is read, with a note that it may be cut."""
    run = _run(tmp_path, "step,a\n1,5\n2,7")
    assert run.series["a"].values.tolist() == [5, 7]
    assert _notes(run)[0][:2] == ("info", "line 3")


def test_zero_bytes_behind_the_rows(tmp_path: Path) -> None:
    """A sparse file of 2 GB is read up to its hole."""
    path = tmp_path / "log.csv"
    path.write_text("step,a\n1,5\n2,6\n")
    os.truncate(path, 2 * 2**30)
    run = read_run(path)
    assert run.series["a"].values.tolist() == [5, 6]
    assert run.notes[0].place == "byte 15"


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    """They are replaced, the numbers stand, and a note counts the lines."""
    run = _run(tmp_path, b"step,a,w\n1,5,\xff\n2,6,x\n")
    assert run.series["a"].values.tolist() == [5, 6]
    assert ("warning", "", "1 lines have bytes that are not UTF-8; they are replaced") in _notes(
        run
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "no line with content"),
        (b"1,2\n3,4\n", "line 1 should name the columns and holds the number 1"),
        (b"just words\nand more\n", "line 1 is no header of a CSV file: it has one cell"),
        (b"step,a\n", "a header of 2 columns and no row"),
        (
            b"step,a\n1,2,3\n4,5,6\n",
            r"the header names 2 columns and no row has as many cells \(2 w",
        ),
        (b"x,y\na,b\nc,d\n", "no column of 2 rows holds a number"),
        (b"PK\x03\x04rest", "packed with zip"),
        (b"\x1f\x8brest", "packed with gzip"),
        (b"PAR1rest", "the file is Parquet"),
        ("step,a\n1,2\n".encode("utf-16"), "UTF-16"),
        (bytes(range(256)), "binary: a zero byte at byte 0"),
    ],
)
def test_not_a_log(tmp_path: Path, text: bytes, message: str) -> None:
    """Each is an error that says what the file is."""
    with pytest.raises(UsageError, match=message):
        _run(tmp_path, text)


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    """Absent files, other things than files, and empty folders."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, message in [
        ("absent", "cannot be read: No such file"),
        ("pipe", "not a regular file"),
        ("folder", "holds no log of a run"),
        ("a\0b", "cannot be read"),
    ]:
        with pytest.raises(UsageError, match=message):
            read_run(tmp_path / name)


def test_folder_of_tables(tmp_path: Path) -> None:
    """One table is the run; progress.csv goes before lesser ones; otherwise a person must choose."""
    (tmp_path / "a.csv").write_text("step,a\n1,5\n")
    assert read_run(tmp_path).series["a"].values.tolist() == [5]
    (tmp_path / "b.csv").write_text("step,a\n1,6\n")
    with pytest.raises(UsageError, match=r"holds 2 tables: a\.csv, b\.csv"):
        read_run(tmp_path)
    (tmp_path / "progress.csv").write_text("step,a\n1,7\n")
    run = read_run(tmp_path)
    assert run.series["a"].values.tolist() == [7]
    assert ("info", "", "the run is progress.csv; not read: a.csv, b.csv") in _notes(run)


def test_blocks_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in blocks of 100 bytes, a file gives what it gives at once."""
    rng = random.Random(1)
    rows = [f'{i},{rng.random()},"{rng.choice("ab")}\n,x"' for i in range(200)]
    rows[90:90] = ["step,a,w"]
    text = "step,a,w\n" + "\n".join(rows) + "\n"
    whole = _run(tmp_path, text)
    monkeypatch.setattr("ppodiag.runlog.blocks.BLOCK", 100)
    blocks = _run(tmp_path, text)
    assert blocks.series["a"].values.tolist() == whole.series["a"].values.tolist()
    assert len(whole.series["a"].values) == 200
    assert _notes(blocks) == _notes(whole)


def test_any_bytes(tmp_path: Path) -> None:
    """Whatever is written over a CSV file, it is read or refused, and never crashes."""
    rng = random.Random(2)
    sound = b"data_type,step,a,b\n" + b"".join(b"t,%d,0.5,x\n" % i for i in range(50))
    for _ in range(300):
        data = bytearray(sound)
        for _ in range(rng.randrange(1, 8)):
            at = rng.randrange(len(data))
            data[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
        try:
            run = _run(tmp_path, bytes(data))
        except UsageError:
            continue
        assert all(len(s.steps) == len(s.values) for s in run.series.values())
