"""`make demo`, the README's first command: run for real, its page opened in a browser."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, require
from tools.demo.agreement import main as compare
from tools.demo.story import Length, story

TITLES = [step.title for step in story("x", Length())]


@dataclass(frozen=True)
class Told:
    """What an interrupted demonstration and the whole one after it left, in one folder."""

    interrupted: tuple[int, str]
    done: subprocess.CompletedProcess[str]
    folder: Path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A demonstration ended by SIGINT in its first step, then `make demo` with the same folder."""
    require(shutil.which("make"), "make")
    require(importlib.util.find_spec("torch"), "torch")
    require(importlib.util.find_spec("matplotlib"), "matplotlib")
    folder = tmp_path_factory.mktemp("a visitor's") / "out"
    command = [sys.executable, "-m", "tools.demo", "--short", "--out", str(folder)]
    first = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    while "$ ppodiag lint" not in first.stdout.readline():
        pass
    first.send_signal(signal.SIGINT)
    _, words = first.communicate(timeout=60)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("FORCE_COLOR", "NO_COLOR"))}
    words_of_demo = f"DEMO=--short --out '{folder}'".replace("visitor's", "visitor'\\''s")
    done = subprocess.run(
        ["make", "demo", f"VENV={sys.prefix}", "-o", f"{sys.prefix}/.demo", words_of_demo],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Told((first.returncode, words), done, folder)


def test_interrupt(told: Told) -> None:
    """Ctrl-C ends it with exit code 130 and one line that says what to do."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        pytest.skip("SIGINT is ignored here")
    code, words = told.interrupted
    assert code == 130, words
    assert words.strip().splitlines()[-1] == "interrupted; the same command begins anew"
    assert "Traceback" not in words


def test_story(told: Told) -> None:
    """Every step is told and its command shown; 100 columns, no colour; log and forecast agree."""
    output = told.done.stdout
    assert told.done.returncode == 0, output + told.done.stderr
    places = [output.index(f"{n}/{len(TITLES)} {title}") for n, title in enumerate(TITLES, 1)]
    assert places == sorted(places)
    assert len(TITLES) == 6
    assert "\x1b" not in output
    said = [line for line in output.splitlines() if not line.startswith("$ ")]
    assert max(map(len, said)) <= 100 + len(str(told.folder))
    assert "equal in both      10 of 10 updates" in output
    log = (told.folder / "trained" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert sum(json.loads(line)["applied"] for line in log) == 10


def test_every_command_is_on_the_page(told: Told) -> None:
    """The page repeats each command as it was run, and asks nothing of a network."""
    page = (told.folder / "demo.html").read_text(encoding="utf-8")
    commands = [line[2:] for line in told.done.stdout.splitlines() if line.startswith("$ ")]
    assert len(commands) == 8
    from html import escape

    assert all(page.count(escape(command)) >= 2 for command in commands)
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, as the machine has it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    require(path, "Chromium")
    require(importlib.util.find_spec("playwright"), "playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (390, "dark")])
def test_page_in_a_browser(told: Told, browser: Any, width: int, scheme: str) -> None:
    """No error, no request but the file's own, nothing wider than the window, all pictures drawn."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    troubles: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto((told.folder / "demo.html").as_uri())
    assert troubles == []
    assert [url for url in requests if not url.startswith("data:")] == [page.url]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("main > section").count() == len(TITLES) + 1
    assert page.evaluate("document.querySelector('#simulate img').naturalWidth") > 0
    assert page.locator("#agree figure.plot path.logged").count() == 2
    assert page.locator("#ablate figure svg").count() >= 3
    assert page.locator("#diagnose article.finding").count() >= 2
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    page.close()


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    """A folder with something else in it is refused, and nothing in it is touched."""
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tools.demo", "--out", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "is not a demonstration's folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("lr", "size", "code", "words"),
    [
        ("0.1", "64", 0, "equal in both      1 of 1 updates"),
        ("0.10000000000000002", "64", 1, "equal in both      0 of 1 updates"),
        ("0.1", "63", 1, "equal in both      0 of 1 updates"),
    ],
)
def test_the_comparison_can_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lr: str, size: str, code: int, words: str
) -> None:
    """One bit of a learning rate, or one sample of a minibatch, is a difference."""
    row = {"applied": True, "env_steps": 8, "lr": 0.1, "minibatch_size": 64}
    (tmp_path / "log.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (tmp_path / "forecast.csv").write_text(
        f"env_steps,applied,minibatch_size,lr_last\n8,True,{size},{lr}\n", encoding="utf-8"
    )
    assert compare([str(tmp_path / "log.jsonl"), str(tmp_path / "forecast.csv")]) == code
    assert words in capsys.readouterr().out
