"""`--check`: what could not be trained is refused, and nothing is trained or written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ppodiag._main import exit_code_of
from ppodiag.commands.invoke import invoke
from ppodiag.healthy import with_changes
from reference_trainer import checking
from reference_trainer.__main__ import command

Check = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Check:
    """Exit code and output of a command line."""

    def code(*words: str) -> tuple[int, str]:
        found = exit_code_of(lambda: invoke(command, list(words), "python -m reference_trainer"))
        captured = capsys.readouterr()
        return found, captured.out + captured.err

    return code


@pytest.fixture
def check(tmp_path: Path, run: Check) -> Check:
    """The same for a check of one.json, and of two.json with some keys changed."""

    def code(*words: str, changes: dict[str, Any] | None = None) -> tuple[int, str]:
        paths = tmp_path / "one.json", tmp_path / "two.json"
        paths[0].write_text(json.dumps(with_changes({})))
        paths[1].write_text(json.dumps(with_changes(changes or {})))
        return run(*map(str, paths), "--check", *words)

    return code


def test_what_can_be_trained_is_said_of_each(tmp_path: Path, check: Check) -> None:
    """Exit code 0, a line a file, and no other file."""
    code, said = check("--env", "CartPole-v1")
    assert code == 0
    assert said.splitlines() == [
        f"{tmp_path / name} can be trained on CartPole-v1" for name in ("one.json", "two.json")
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"one.json", "two.json"}


def test_the_file_that_is_refused_is_named(tmp_path: Path, check: Check) -> None:
    """Of several, with what is wrong and what to do."""
    code, said = check("--env", "CartPole-v1", changes={"ppo_config.epochs": 0})
    assert code == 2
    assert said.startswith(f"error: {tmp_path / 'two.json'}: ")
    assert "epochs is 0" in said


def test_networks_are_built_once_where_files_share_them(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of other learning rates share theirs; one with other networks has its own."""
    built = []

    def spy(experiment: Any, *rest: Any) -> list[Any]:
        built.append(experiment.value.get("actor_critic_architecture"))
        return []

    monkeypatch.setattr(checking, "trainers", spy)
    assert check(changes={"ppo_config.lr": 1e-3})[0] == 0
    assert len(built) == 1
    assert check(changes={"actor_critic_architecture.actor.hidden_size": 8})[0] == 0
    assert len(built) == 3


@pytest.mark.parametrize(
    ("words", "named"),
    [(("--env", "CartPole"), "CartPole"), (("--device", "cuda:99"), "cuda:99")],
)
def test_an_environment_or_device_is_refused(
    check: Check, words: tuple[str, ...], named: str
) -> None:
    """With what to do."""
    code, said = check(*words)
    assert code == 2
    first, remedy = said.splitlines()
    assert named in first
    assert remedy.startswith("  = help: ")


def test_several_files_are_only_checked(run: Check, check: Check) -> None:
    """To train them is refused, and so is a folder for a check."""
    code, said = run("a.json", "b.json")
    assert (code, "2 files are named" in said) == (2, True)
    code, said = check("--out", "x")
    assert (code, "--check trains and writes nothing" in said) == (2, True)
