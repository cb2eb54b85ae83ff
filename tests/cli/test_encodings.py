"""Encodings: what files are written in, and what a console can show."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ppodiag.cli import cli
from ppodiag.commands.invoke import invoke
from ppodiag.healthy import with_changes
from tests.cli.files import ILL, write
from tests.conftest import ROOT, Run

SHOWN = [
    "lint examples/ill.json --severity info",
    "lint examples/ill.json --explain-plan",
    "simulate examples/ill.json --seeds 2 --chart --exit-zero",
    "diff examples/healthy.json examples/ill.json",
    "diagnose examples/runs/ill.jsonl --config examples/ill.json",
    "rule LR102",
    "ablate --help",
]
"""Commands whose output holds λ, −, ×, →, ·, box characters or dots."""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_no_console_stops_a_report(encoding: str, tmp_path: Path) -> None:
    """Of each command: every character is shown or written as an escape, and no line is lost."""
    code = (
        "import sys, shlex\n"
        "from ppodiag._main import exit_code_of\n"
        "from ppodiag.cli import run\n"
        f"for words in {SHOWN!r}:\n"
        "    code = exit_code_of(lambda: run(shlex.split(words)))\n"
        "    print('\\n=====', words, code, flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": encoding,
            "PATH": "",
            "MPLCONFIGDIR": str(tmp_path),
        },
        capture_output=True,
        check=False,
    )
    text = done.stdout.decode(encoding)
    assert done.stderr.decode(encoding) == ""
    assert [line.rpartition(" ")[2] in "01" for line in text.splitlines() if line.startswith("=====")] == (
        [True] * len(SHOWN)
    )  # fmt: skip
    assert "\\u03bb" in text


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_errors_too(ppodiag: Run, encoding: str) -> None:
    """The standard error of such a console."""
    done = ppodiag("lint", "λ.json", PYTHONIOENCODING=encoding, PYTHONUTF8="1")
    assert done.returncode == 2
    assert "error: \\u03bb.json: does not exist" in done.stderr


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_a_fix_keeps_what_ends_lines(tmp_path: Path, newline: str, mark: bytes) -> None:
    """--fix changes the value that it is about: a byte-order mark and CRLF stay."""
    value = with_changes({"ppo_config.lr": "0.0003"})
    before = mark + json.dumps(value, indent=2).replace("\n", newline).encode()
    path = tmp_path / "a.json"
    path.write_bytes(before)
    assert invoke(cli, ["lint", str(path), "--unsafe-fixes", "--quiet"], "ppodiag") in (0, 1)
    after = path.read_bytes()
    assert after == before.replace(b'"lr": "0.0003"', b'"lr": 0.0003')
    assert after != before


def test_crlf_and_a_mark_move_no_place(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding has the same line and column in a file with CRLF and a byte-order mark."""
    monkeypatch.chdir(tmp_path)
    plain = write(tmp_path / "a.json", ILL).read_bytes()
    said = []
    for data in (plain, b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")):
        (tmp_path / "a.json").write_bytes(data)
        assert (
            invoke(cli, ["lint", "a.json", "--format", "concise", "--select", "LR"], "ppodiag") == 1
        )
        said.append(capfd.readouterr().out)
    assert said[0] == said[1]


def test_utf_16_is_a_finding_and_not_a_riddle(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As some editors of Windows save it: the linter names it, and reads on in it."""
    for encoding in ("utf-16-le", "utf-16-be"):
        path = tmp_path / f"{encoding}.json"
        path.write_bytes("\ufeff".encode(encoding) + json.dumps(ILL, indent=1).encode(encoding))
        assert invoke(cli, ["lint", str(path), "--format", "concise"], "ppodiag") == 1
        said = capfd.readouterr().out
        assert "SYN006" in said
        assert "UTF-16" in said
        assert "LR111" in said
