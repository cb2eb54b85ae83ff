"""What of the software is part of a run's hash."""

from __future__ import annotations

from pathlib import Path

import pytest

from ppodiag.launch import software
from ppodiag.launch.software import bundled_code, deciding, named_files
from ppodiag.launch.trainer import BundledTrainer, UserTrainer


def test_the_bundled_trainer_is_told_by_versions_and_by_its_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Libraries by their public versions: a label of a build is left out."""
    found = {"ppodiag": "1", "torch": "2.13.0+cu128", "numpy": "2.4.6"}
    monkeypatch.setattr(software, "versions", lambda: found)
    assert deciding(bundled=True) == {
        "ppodiag": "1", "torch": "2.13.0", "numpy": "2.4.6", "code": bundled_code(),
    }  # fmt: skip
    assert set(deciding(bundled=False)) == {"ppodiag"}


def test_a_change_of_the_trainer_or_of_a_formula_changes_the_hash_of_the_code() -> None:
    """Both packages' modules are in it: the loss, and the schedule that it reads."""
    names = [Path(path).name for path in software._sources()]
    assert {"losses.py", "trainer.py", "schedule.py", "plan.py"} <= set(names)


def test_files_that_a_command_names_are_hashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script, and not the places in braces; nothing of the bundled trainer."""
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text("a")
    trainer = UserTrainer("python train.py {config} {seed} {out}")
    first = named_files(trainer)
    Path("train.py").write_text("b")
    assert list(first) == ["train.py"]
    assert named_files(trainer) != first
    assert named_files(BundledTrainer()) == {}
