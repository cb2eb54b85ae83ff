"""What other systems and Pythons need, as far as it can be tried on this one."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path, PureWindowsPath

import pytest

from ppodiag.ablate.arms import parse_arm
from ppodiag.files import from_here
from ppodiag.launch.trainer import split_words
from ppodiag.norms.spec import FromRun, parse_norms
from ppodiag.report import Style, renderer
from ppodiag.result import FileReport, Report
from tests.conftest import ROOT

UNIX = ("fcntl", "resource", "termios", "pwd", "grp", "pty", "tty", "posix")
PACKAGES = ("ppodiag", "reference_trainer")


def test_no_module_needs_unix_to_be_imported() -> None:
    """Every module of ppodiag, and the trainer's command, where those of Unix are missing."""
    code = (
        "import importlib, os, pkgutil, signal, sys\n"
        "import numpy, jsonschema, click, multiprocessing, subprocess, tempfile\n"  # others' own needs
        f"for name in {UNIX!r}: sys.modules[name] = None\n"
        "for name in ('SIGKILL', 'SIGHUP', 'SIGALRM'): delattr(signal, name)\n"
        "for name in ('fork', 'killpg', 'getuid', 'sched_getaffinity', 'chown'): delattr(os, name)\n"
        "import ppodiag\n"
        "count = 0\n"
        "for found in pkgutil.walk_packages(ppodiag.__path__, 'ppodiag.'):\n"
        "    if found.name.startswith(('ppodiag.plot', 'ppodiag.__main__')): continue\n"
        "    importlib.import_module(found.name); count += 1\n"
        "import reference_trainer.__main__\n"
        "print(count)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 200


@lru_cache(maxsize=1)
def trees() -> dict[Path, ast.Module]:
    """Every file of both packages, read as Python 3.11."""
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return {
        path: ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 11))
        for path in files
    }


def test_the_oldest_python_can_read_it() -> None:
    """Every file is of the grammar of 3.11."""
    assert len(trees()) > 300


def test_files_are_opened_in_a_named_encoding() -> None:
    """No text file is opened in the encoding of the place: it is another one on Windows."""
    careless = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _opens_text_carelessly(node)
    ]
    assert careless == []


def _opens_text_carelessly(call: ast.Call) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    named = {keyword.arg for keyword in call.keywords}
    if name in ("read_text", "write_text"):
        return "encoding" not in named and not call.args
    if name == "open" and isinstance(call.func, ast.Name):
        mode = call.args[1] if len(call.args) > 1 else None
        mode = next((k.value for k in call.keywords if k.arg == "mode"), mode)
        binary = isinstance(mode, ast.Constant) and "b" in str(mode.value)
        variable = mode is not None and not isinstance(mode, ast.Constant)
        return "encoding" not in named and not binary and not variable
    return False


def test_options_hold_paths_of_windows() -> None:
    """A drive's colon is no separator, and a backslash is none either."""
    assert parse_norms(r"run:C:\runs\17") == FromRun("run", r"C:\runs\17")
    assert parse_norms(r"fit:C:\runs\17,model=noise") == FromRun(
        "fit", r"C:\runs\17", model="noise"
    )
    arm = parse_arm(r"mine: ppo_config.lr=0.001")
    assert arm.name == "mine"


def test_a_command_of_windows_keeps_its_backslashes() -> None:
    """Quoted or not; on other systems a backslash escapes, as in a shell."""
    text = r'C:\Python\python.exe "my train.py" --config {config}'
    assert split_words(text, windows=True) == [
        r"C:\Python\python.exe", "my train.py", "--config", "{config}",
    ]  # fmt: skip
    assert split_words(r"python my\ train.py '#1'", windows=False) == [
        "python",
        "my train.py",
        "#1",
    ]
    for windows in (True, False):
        with pytest.raises(ValueError, match="No closing quotation"):
            split_words("python 'x", windows=windows)


def test_places_of_windows_in_sarif() -> None:
    """Forward slashes, and a drive as the standard for file addresses has it."""
    paths = [r"configs\a b.json", r"C:\work\a.json"]
    report = Report(tuple(FileReport(path, error="not readable") for path in paths))
    text = renderer("sarif")(report, Style())
    (run,) = json.loads(text)["runs"]
    found = [
        note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for note in run["invocations"][0]["toolExecutionNotifications"]
    ]
    assert found == ["configs/a%20b.json", PureWindowsPath(paths[1]).as_uri()]


def test_a_path_on_another_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which no relative path leads to, is shown whole."""

    def another(_path: str) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    assert from_here(os.path.join(os.getcwd(), "a")) == "a"
    monkeypatch.setattr(os.path, "relpath", another)
    assert from_here("/b/a") == str(Path("/b/a"))
