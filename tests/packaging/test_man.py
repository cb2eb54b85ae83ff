"""The manual pages: current, sound roff, and readable as `man` shows them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT, require

sys.path.insert(0, str(ROOT / "tools"))
from man_pages import MAN, man_pages, roff
from options_table import verbs

PAGES = man_pages()


def test_they_are_current() -> None:
    """man/ holds what the commands say now (`make docs`), a page a command, and no other."""
    assert len(PAGES) == len(verbs()) + 1
    assert {path: path.read_text(encoding="utf-8") for path in MAN.glob("*")} == PAGES


def test_text_that_roff_would_take_for_itself() -> None:
    """Hyphens, backslashes, dots at the beginning, and what is not ASCII."""
    assert roff("--set a\\b") == "\\-\\-set a\\eb"
    assert roff(".json files") == "\\&.json files"
    assert roff("λ…") == "\\[u03BB]\\[u2026]"


def test_sound_roff() -> None:
    """Mandoc finds nothing but the date that is left out; ASCII alone, at most 80 bytes a line."""
    require(shutil.which("mandoc"), "mandoc")
    done = subprocess.run(
        ["mandoc", "-T", "lint", *map(str, PAGES)], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stdout.splitlines() if "missing date" not in line]
    allowed = [line for line in said if "input text line longer" in line]  # commands stay whole
    assert said == allowed
    assert all("\\-\\-" in _line(message) for message in allowed)
    assert all(text.isascii() for text in PAGES.values())


def _line(message: str) -> str:
    """The line that mandoc speaks of."""
    path, number = re.match(r"mandoc: (\S+?):(\d+):", message).groups()  # type: ignore[union-attr]
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()[int(number) - 1]


def test_groff_warns_of_nothing() -> None:
    """The other program that sets such pages."""
    require(shutil.which("groff"), "groff")
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", "-z", *map(str, PAGES)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "cannot find" in done.stderr or "can't find macro" in done.stderr:
        pytest.skip("groff is installed without its macros")
    assert (done.returncode, done.stderr) == (0, "")


def test_as_it_is_shown() -> None:
    """Every option and example of `lint` is on the page as a person types it."""
    require(shutil.which("mandoc"), "mandoc")
    done = subprocess.run(
        ["mandoc", "-T", "utf8", "-O", "width=100", str(MAN / "ppodiag-lint.1")],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        check=True,
    )
    text = re.sub(r".\x08", "", done.stdout)
    lint = verbs()[0]
    for option in lint.options:
        assert option.names in text
    for _, command in lint.examples:
        assert command in text
    for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT"):
        assert f"\n{heading}\n" in text
