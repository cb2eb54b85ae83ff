"""Errors of every command: two lines on the standard error, exit code 2, never a traceback."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ppodiag._main import exit_code_of
from ppodiag.cli import run
from tests.conftest import ROOT

FORM = re.compile(r"error: (?P<what>[^\n]+)\n  = help: (?P<remedy>[^\n]{4,})\n")

CASES = """
lint nowhere.json                               | nowhere.json: does not exist
lint ppo.json/x                                 | ppo.json/x: does not exist
lint loud/ppo.json                              | pyproject.toml: severity: 'loud' is not one of
lint unknown/ppo.json                           | pyproject.toml: unknown key nope
lint torn/ppo.json                              | pyproject.toml: no TOML
lint ppo.json --baseline folder                 | folder: the baseline is unreadable
lint ppo.json --baseline list.json              | list.json: no baseline of version 1
lint ppo.json --output folder                   | cannot write folder: Is a directory
lint ppo.json --output nowhere/x                | cannot write nowhere/x: No such file
lint ppo.json --runtime nowhere                 | --runtime nowhere does not exist
lint ppo.json --set nope=1                      | --set nope=1: no known key is called nope
lint ppo.json --set =3                          | --set '=3' is not KEY=VALUE
lint ppo.json --profile nope                    | no profile is called 'nope'
lint ppo.json --extend-select ''                | --extend-select '' names no code
lint ppo.json --explain-plan --output nowhere/x | cannot write nowhere/x
simulate nowhere.json                           | nowhere.json: cannot be read: No such file
simulate folder                                 | folder: cannot be read: Is a directory
simulate broken.json                            | broken.json:1: the file ends inside the object
simulate list.json                              | list.json:1: the file holds an array
simulate loop                                   | loop: cannot be read: Too many levels
simulate loud/ppo.json                          | pyproject.toml: severity
simulate ppo.json --norms nope                  | no model of norms is called 'nope'
simulate ppo.json --norms run:nowhere           | nowhere: cannot be read
simulate ppo.json --norms run:folder            | folder: the folder holds no log
simulate ppo.json --norms lognormal:sigma=x     | sigma='x' is no number
simulate ppo.json --plot a.xyz                  | a.xyz: no picture can end so
simulate ppo.json --seeds 0                     | --seeds 0 names no seeds
simulate ppo.json --seeds 3..5 --seed 1         | --seed and a range of --seeds do not go together
simulate ppo.json --sweep nope=1:2:3            | no known key is called nope
simulate ppo.json --sweep lr=1:2:0              | lr
simulate ppo.json --sweep lr=1 --format csv     | a sweep has no rows of one run
simulate ppo.json --compare nowhere.json        | nowhere.json: cannot be read
diff ppo.json folder                            | folder: cannot be read: Is a directory
diff - -                                        | standard input is named twice
diff broken.json ppo.json                       | broken.json: nothing can be read of the old file
diff list.json ppo.json                         | list.json: nothing can be read of the old file
diff ppo.json ppo.json --output nowhere/x       | cannot write nowhere/x
diagnose nowhere                                | nowhere: cannot be read
diagnose nowhere --watch                        | nowhere: cannot be read
diagnose folder                                 | folder: the folder holds no log of a run
diagnose empty.json                             | empty.json: the file is empty
diagnose utf16.json                             | utf16.json: the file is UTF-16 text
diagnose ppo.json                               | ppo.json: this looks like a configuration
diagnose run.jsonl --config nowhere.json        | nowhere.json: cannot be read
diagnose run.jsonl --config broken.json         | broken.json:1: the file ends
diagnose run.jsonl --compare nowhere            | nowhere: cannot be read
diagnose run.jsonl --plot nowhere/a.png         | cannot write nowhere/a.png
diagnose run.jsonl --map x                      | --map 'x' is not COLUMN=TAG
diagnose run.jsonl --map lr=nope                | the mapping takes lr from 'nope'
diagnose run.jsonl --profile sb3                | --profile: there is no configuration
diagnose run.jsonl --set lr=1                   | --set: there is no configuration
diagnose run.jsonl --watch --format json        | --watch follows one run and prints text
confirm folder --dry-run                        | folder: cannot be read: Is a directory
confirm broken.json --dry-run                   | broken.json:1: the file ends
confirm ppo.json --dry-run --format json        | a dry run is written as text
confirm ppo.json --timeout 0                    | --timeout: 0.0 is not in the range
ablate nowhere.json                             | nowhere.json: cannot be read
ablate ppo.json --arm x                         | --arm 'x' is not NAME: KEY=VALUE
ablate ppo.json --arms-file folder              | folder: cannot be read: Is a directory
ablate ppo.json --arms-file list.json           | list.json: holds no arms
ablate ppo.json --seeds 1,1                     | --seeds 1,1 names a seed twice
ablate ppo.json --trainer "x '"                 | --trainer "x '" cannot be read
ablate ppo.json --mem x --arms no-clipping      | --mem 'x' is no size of memory
ablate merge folder folder                      | holds no study
ablate merge folder                             | OTHER... is missing
rule LR102 --all                                | CODE and --all do not go together
rule LR102 --output nowhere/x                   | cannot write nowhere/x
schema --output nowhere/x                       | cannot write nowhere/x
completion tcsh                                 | SHELL: 'tcsh' is none of its values
completion bash --output nowhere/x              | cannot write nowhere/x
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what goes wrong."""
    folder = tmp_path_factory.mktemp("errors")
    config = (ROOT / "examples" / "ill.json").read_bytes()
    log = (ROOT / "examples" / "runs" / "ill.jsonl").read_bytes()
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    files = {
        "ppo.json": config, "run.jsonl": log, "broken.json": b'{"a": ', "list.json": b"[1, 2]",
        "empty.json": b"", "utf16.json": '\ufeff{"a": 1}'.encode("utf-16-le"),
        "loud/pyproject.toml": b'[tool.ppodiag]\nseverity = "loud"\n', "loud/ppo.json": config,
        "unknown/pyproject.toml": b"[tool.ppodiag]\nnope = 1\n", "unknown/ppo.json": config,
        "torn/pyproject.toml": b"[tool.ppodiag\n", "torn/ppo.json": config,
    }  # fmt: skip
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("case", CASES.strip().splitlines(), ids=lambda case: case.split("  ")[0])
def test_an_error_has_its_place_and_a_remedy(
    place: Path, case: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """`error:` with the place and what is wrong, `= help:` with what to do; nothing is left behind."""
    words, _, message = case.partition("|")
    monkeypatch.chdir(place)
    before = sorted(place.rglob("*"))
    code = exit_code_of(lambda: run(shlex.split(words)))
    said = capfd.readouterr()
    found = FORM.fullmatch(said.err)
    assert found is not None, said.err
    assert message.strip() in found["what"]
    assert (code, said.out) == (2, "")
    assert sorted(place.rglob("*")) == before


def shell(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    ppodiag = f"{sys.executable} -m ppodiag"
    return subprocess.run(
        ["bash", "-c", command.replace("ppodiag", ppodiag, 1)],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("ppodiag rule --all >&-", 2, "error: the standard output is closed"),
        ("ppodiag rule --all --output rules.txt >&-", 0, ""),
        ("ppodiag lint - <&-", 2, ""),
        ("ppodiag simulate - <&-", 2, "error: -: cannot be read: the standard input is closed"),
        ("ppodiag rule --all >/dev/full", 2, "error: the output: No space left on device"),
        ("ppodiag lint nowhere.json 2>&-", 2, ""),
        ("ppodiag rule --all | true; exit ${PIPESTATUS[0]}", 141, ""),
    ],
)
def test_streams_that_are_closed_or_full(
    tmp_path: Path, command: str, code: int, message: str
) -> None:
    """A closed or full stream is an error in words; a reader that goes away is none."""
    done = shell(command, tmp_path)
    assert done.returncode == code
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
