"""JSONL files: numbers by key, and every line that is none told."""

from __future__ import annotations

import math
import os
import random
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from ppodiag.runlog import Run, read_run


def _run(tmp_path: Path, text: str, name: str = "log.jsonl") -> Run:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_run(path)


def _notes(run: Run) -> list[tuple[str, str, str]]:
    return [(note.severity, note.place, note.message) for note in run.notes]


@pytest.mark.parametrize(
    ("key", "unit"), [("step", None), ("env_steps", "env_steps"), ("update", "updates")]
)
def test_numbers_by_step(tmp_path: Path, key: str, unit: str | None) -> None:
    """Each key with numbers is a series over the step; keys may come and go."""
    run = _run(tmp_path, f'{{"{key}": 1, "lr": 0.5}}\n{{"{key}": 3, "kl": 2}}\n', "any.name")
    assert run.kind == "jsonl"
    assert (run.series["lr"].steps.tolist(), run.series["lr"].values.tolist()) == ([1], [0.5])
    assert (run.series["kl"].steps.tolist(), run.series["kl"].values.tolist()) == ([3], [2.0])
    assert run.step_unit == unit


def test_environment_steps_before_updates(tmp_path: Path) -> None:
    """A log with both is laid out over environment steps."""
    run = _run(tmp_path, '{"update": 1, "env_steps": 128, "lr": 0.5}\n')
    assert run.series["lr"].steps.tolist() == [128]


def test_nan_and_infinity(tmp_path: Path) -> None:
    """As JSON's extension and as words they are values; null is absent."""
    run = _run(
        tmp_path,
        '{"a": NaN}\n{"a": -Infinity}\n{"a": "NaN"}\n{"a": "Infinity"}\n{"a": null}\n{"a": 1}\n',
    )
    values = run.series["a"].values
    assert math.isnan(values[0])
    assert math.isnan(values[2])
    assert values[[1, 3, 4]].tolist() == [-math.inf, math.inf, 1.0]
    assert run.series["a"].steps.tolist() == [0, 1, 2, 3, 5]


def test_broken_lines(tmp_path: Path) -> None:
    """They are left out with their numbers; the rest is read."""
    run = _run(tmp_path, '{"a": 1}\n{"a": \n[1]\nwords\n{"a": 2}\n{"a": 3')
    assert run.series["a"].values.tolist() == [1, 2]
    assert [(s, p) for s, p, _ in _notes(run)[:4]] == [
        ("error", "line 2"),
        ("error", "line 3"),
        ("error", "line 4"),
        ("error", "line 6"),
    ]
    assert _notes(run)[1][2] == "left out: not an object but list"


def test_many_broken_lines(tmp_path: Path) -> None:
    """The first five are named, the number is told."""
    run = _run(tmp_path, '{"a": 1}\n' + "{\n" * 40)
    errors = [note for note in run.notes if note.severity == "error"]
    assert len(errors) == 6
    assert errors[-1].message.startswith("40 lines are no JSON object and left out")


def test_objects_within(tmp_path: Path) -> None:
    """Keys are joined with a slash; settings that RLlib repeats in each line are no metrics."""
    run = _run(tmp_path, '{"info": {"learner": {"kl": 0.5}}, "config": {"lr": 1}, "l": [1]}\n')
    assert list(run.series) == ["info/learner/kl"]
    assert (
        "info",
        "",
        "values that are no numbers are left out, of keys: 'config', 'l'",
    ) in _notes(run)


def test_other_values(tmp_path: Path) -> None:
    """Truth values and words are no numbers; a very large integer is infinite."""
    run = _run(tmp_path, '{"a": true, "b": "x", "c": 1' + "0" * 400 + "}\n")
    assert list(run.series) == ["c"]
    assert run.series["c"].values.tolist() == [math.inf]


def test_a_key_twice(tmp_path: Path) -> None:
    """As in JSON, the last one holds; nothing shifts."""
    run = _run(tmp_path, '{"a": 1, "a": 2, "b": {"c": 1}, "b/c": 5}\n')
    assert run.series["a"].values.tolist() == [2]
    assert run.series["b/c"].values.tolist() == [5]


def test_zero_bytes_behind_the_lines(tmp_path: Path) -> None:
    """A sparse file is read up to its hole."""
    path = tmp_path / "log.jsonl"
    path.write_text('{"a": 1}\n')
    os.truncate(path, 2**30)
    run = read_run(path)
    assert run.series["a"].values.tolist() == [1]
    assert run.notes[0].place == "byte 9"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n  "a": 1\n}\n', "no line of it is an object of its own"),
        ("[1, 2]\n", "no line of it is an object of its own"),
        ('{"a": "x"}\n', "1 JSON objects and 0 other lines, without one number"),
        ("[" * 100_000, "no line of it is an object of its own"),
    ],
)
def test_not_a_log(tmp_path: Path, text: str, message: str) -> None:
    """A configuration, a list, or objects without numbers are no log."""
    with pytest.raises(UsageError, match=message):
        _run(tmp_path, text)


def test_any_bytes(tmp_path: Path) -> None:
    """Whatever is written over a JSONL file, it is read or refused, and never crashes."""
    rng = random.Random(2)
    sound = b"".join(b'{"step": %d, "a": 0.5, "b": {"c": [1]}}\n' % i for i in range(50))
    path = tmp_path / "log.jsonl"
    for _ in range(300):
        data = bytearray(sound)
        for _ in range(rng.randrange(1, 8)):
            at = rng.randrange(len(data))
            data[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
        path.write_bytes(data)
        try:
            run = read_run(path)
        except UsageError:
            continue
        assert all(len(s.steps) == len(s.values) for s in run.series.values())
