"""What a trainer would not take is told before anything is run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from ppodiag.launch.preflight import refusal, refuse_early
from ppodiag.launch.process import Ended
from ppodiag.launch.trainer import UserTrainer

PLACES = "{config} {seed} {out}"


def test_a_refusal_has_the_trainers_own_words_and_remedy() -> None:
    """Its error line and the line below it; the file that it was handed has the user's name for it."""
    tail = "warming up\nerror: /tmp/x/config-1.json: no such thing\n  ppodiag lint /tmp/x/config-1.json lists it\n"
    found = refusal(
        Ended(2, 0.1, tail), "ppo.json", {"/tmp/x/config-1.json": "ppo.json, arm small"}
    )
    assert found.message == "the trainer refuses it: ppo.json, arm small: no such thing"
    assert found.remedy == "ppodiag lint ppo.json lists it"


def test_a_trainer_that_breaks_is_no_refusal() -> None:
    """The exit code and the last line that it wrote."""
    found = refusal(Ended(1, 0.1, "Traceback\nMemoryError: no\n"), "ppo.json", {})
    assert found.message == "the trainer fails before it trains: exit code 1: MemoryError: no"
    assert "--check" in found.remedy


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nothing-like-it", "cannot start nothing-like-it: there is no such program"),
        ("./notes.txt", "cannot start ./notes.txt: it is no program"),
        ("{python} nothing.py", "is to run nothing.py, which does not exist in"),
    ],
)
def test_a_program_or_script_that_is_not_there(
    words: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user's command is looked at, and not run."""
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("no program")
    with pytest.raises(UsageError) as caught:
        refuse_early(UserTrainer(f"{words} {PLACES}"), "ppo.json", {}, 0)
    assert said in caught.value.message
    assert caught.value.remedy.startswith("check the command of --trainer")


def test_what_cannot_be_known_is_left_to_the_first_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module, a script that is there, another interpreter's script."""
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text("raise SystemExit(1)")
    for words in (f"{sys.executable} -m train", "{python} train.py", "env FOO=1 nothing.py"):
        refuse_early(UserTrainer(f"{words} {PLACES}"), "ppo.json", {}, 0)
