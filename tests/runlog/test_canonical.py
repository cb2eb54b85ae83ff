"""Tags of known trainers under one name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from ppodiag.runlog import Run, read_run
from ppodiag.runlog.tags import COLUMNS, TRAINERS


def _run(tmp_path: Path, row: dict[str, float], mapping: dict[str, str] | None = None) -> Run:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(row) + "\n")
    return read_run(path, mapping)


def _tags(run: Run) -> dict[str, str]:
    return {column: one.series.tag for column, one in run.canonical.items()}


@pytest.mark.parametrize("trainer", TRAINERS, ids=lambda trainer: trainer.name)
def test_every_trainer(tmp_path: Path, trainer: object) -> None:
    """A log with all tags of a trainer is its log, and each column comes from the first of them."""
    assert trainer in TRAINERS
    known = next(t for t in TRAINERS if t is trainer)
    for prefix in known.prefixes:
        row = {prefix + tag: 2.0 for _, tag, _, _ in known.tags}
        run = _run(tmp_path, row | dict.fromkeys(known.signs[:1], 2.0))
        first = {column: (tag, factor) for column, tag, _, factor in reversed(known.tags)}
        assert run.trainer == known.name
        assert _tags(run) == {
            column: prefix + first[column][0] for column in COLUMNS if column in first
        }
        for column, one in run.canonical.items():
            assert one.series.values.tolist() == [2.0 * first[column][1]]
            assert one.unit == COLUMNS[column]
            assert one.averaging


def test_table_is_sound() -> None:
    """Eleven trainers; known columns only; no tag twice; a source for each."""
    assert len(TRAINERS) == 11
    for trainer in TRAINERS:
        assert {column for column, _, _, _ in trainer.tags} <= set(COLUMNS)
        tags = [tag for _, tag, _, _ in trainer.tags]
        assert len(tags) == len(set(tags))
        assert trainer.source
        assert all(factor in (1.0, -1.0) for _, _, _, factor in trainer.tags)


def test_entropy_of_stable_baselines(tmp_path: Path) -> None:
    """Its entropy loss is the negative entropy; the log's own series keeps its sign."""
    run = _run(tmp_path, {"train/entropy_loss": -1.5, "train/approx_kl": 0.01})
    assert run.canonical["entropy"].series.values.tolist() == [1.5]
    assert run.canonical["entropy"].factor == -1.0
    assert run.series["train/entropy_loss"].values.tolist() == [-1.5]


def test_a_tag_of_two_trainers(tmp_path: Path) -> None:
    """losses/entropy is CleanRL's and rl_games'; the other tags decide whose it is."""
    cleanrl = _run(tmp_path, {"losses/entropy": 1, "charts/learning_rate": 1, "charts/SPS": 1})
    assert cleanrl.canonical["entropy"].averaging == "the last minibatch of the update"
    rl_games = _run(tmp_path, {"losses/entropy": 1, "info/last_lr": 1, "info/kl": 1})
    assert rl_games.canonical["entropy"].averaging == "mean over the minibatches of the update"


def test_the_reference_trainer_is_known_by_its_sign(tmp_path: Path) -> None:
    """Its lines have ppodiag's names; the state of the batch size says that they are its own."""
    plain = _run(tmp_path, {"lr": 1.0, "pg_grad_norm": 2.0})
    assert plain.trainer == "ppodiag"
    own = _run(tmp_path, {"lr": 1.0, "pg_grad_norm": 2.0, "batch_state": 64.0})
    assert own.trainer == "reference_trainer"
    norm = own.canonical["pg_grad_norm"]
    assert norm.averaging.startswith("mean over the optimizer steps of the update with a finite")


def test_near_names_are_not_guessed(tmp_path: Path) -> None:
    """Another case, another folder or a longer name is another tag."""
    row = {"training/learningrate": 1, "Training/Learning_Rate": 1, "train/lr2": 1, "LR": 1}
    run = _run(tmp_path, dict.fromkeys(row, 1.0))
    assert run.canonical == {}
    assert run.trainer is None


def test_two_names_for_one_column(tmp_path: Path) -> None:
    """The first of the table is read, and a note names the other."""
    run = _run(tmp_path, {"Training/lr": 1.0, "Training/LearningRate": 2.0})
    assert _tags(run) == {"lr": "Training/LearningRate"}
    assert run.notes[-1].message == (
        "lr is read from 'Training/LearningRate'; 'Training/lr' could be it too and is left aside"
    )


def test_mapping(tmp_path: Path) -> None:
    """It goes before the known names."""
    run = _run(tmp_path, {"lr": 1.0, "my rate": 2.0}, {"lr": "my rate"})
    assert run.canonical["lr"].series.values.tolist() == [2.0]
    assert run.canonical["lr"].trainer == "mapping"


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"lr": "rate"}, "takes lr from 'rate', which the log does not have.*'my rate'"),
        ({"rate": "my rate"}, "names the column 'rate', which is not known.*use one of lr, "),
    ],
)
def test_mapping_that_does_not_fit(tmp_path: Path, mapping: dict[str, str], message: str) -> None:
    """An unknown column or tag is an error that names what there is."""
    with pytest.raises(UsageError, match=message):
        _run(tmp_path, {"my rate": 2.0}, mapping)
