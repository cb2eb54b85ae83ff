"""Names and values that would drive a terminal, a browser, a spreadsheet or a CI system are shown, and do nothing."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from ppodiag._main import explain_error
from ppodiag.cli import run
from ppodiag.healthy import with_changes
from tests.cli.files import write

HOSTILE = (
    "\x1b]0;title\x07\x1b[31m<img src=x onerror=alert(1)>%0A::error::a\n::warning file=b::c\r"
    "|`*_[d](javascript:1)\"'&\u202e\x9b31m\u2028"
)
NAME = "=1+1" + HOSTILE.replace("/", "")
ILL = with_changes({"ppo_config.lr": 0.01})
FILES = {
    "a name": (NAME + ".json", ILL),
    "keys": ("keys.json", {**ILL, HOSTILE: 1, "ppo_config": {**ILL["ppo_config"], f"epohcs{HOSTILE}": 3}}),
    "values": ("values.json", with_changes({"ppo_config.epochs": HOSTILE, "parallel_training.enable": HOSTILE})),
    "a profile": ("profile.json", with_changes({"$ppodiag.profile": HOSTILE})),
    "suppressions": ("suppressions.json", with_changes({"$ppodiag.ignore": {HOSTILE: {"reason": HOSTILE}}})),
    "no JSON": ("broken.json", '{"a": ' + HOSTILE + "}"),
}  # fmt: skip
COMMANDS = {
    **{
        f"lint --format {f}": ["lint", "FILE", "--severity", "info", "--format", f]
        for f in ("text", "concise", "json", "sarif", "github", "gitlab", "junit")
    },
    "lint --explain-plan": ["lint", "FILE", "--explain-plan"],
    "simulate": ["simulate", "FILE"],
    "simulate --compare": ["simulate", "FILE", "--compare", "ill.json"],
    "diff": ["diff", "ill.json", "FILE"],
    "diff --format markdown": ["diff", "ill.json", "FILE", "--format", "markdown"],
    "confirm": ["confirm", "FILE", "--dry-run", "--out", "out"],
    "diagnose": ["diagnose", "log.jsonl", "--config", "FILE", "--severity", "info"],
}
DRIVES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

Said = Callable[[list[str]], tuple[str, str]]


@pytest.fixture
def said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Said:
    """Run a command in this process; what it wrote on both outputs."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "ill.json", ILL)
    row = {"loss" + HOSTILE: 1.0, "learning_rate": 0.1, "note": HOSTILE}
    lines = [json.dumps({"step": step, **row}) for step in range(40)]
    for name in ("log.jsonl", NAME + ".jsonl"):
        Path(name).write_text("\n".join([*lines, HOSTILE]), encoding="utf-8")
    for name, content in FILES.values():
        Path(name).write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")

    def go(words: list[str]) -> tuple[str, str]:
        try:
            code = run(words)
        except Exception as error:
            code = explain_error(error)
        found = capsys.readouterr()
        assert code in (0, 1, 2), found.err
        return found.out, found.err

    return go


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_sends_what_drives_a_terminal_or_a_ci_system(said: Said, name: str) -> None:
    """No control character but line ends, no line that GitHub takes for a command of ours or anybody's."""
    for kind, (file, _) in FILES.items():
        texts = said([file if word == "FILE" else word for word in COMMANDS[name]])
        for text in texts:
            found = DRIVES.search(text)
            assert not found, (kind, text[max(0, found.start() - 60) :][:120])
            commands = [line for line in text.splitlines() if line.startswith("::")]
            assert all(" file=" in line and "github" in name for line in commands), (kind, commands)
        if name.rpartition(" ")[2] in ("json", "sarif", "gitlab"):
            json.loads(texts[0])
        elif name.endswith("junit"):
            ET.fromstring(texts[0])
        elif name.endswith("markdown"):
            assert "<img" not in re.sub("`[^`]*`", "", texts[0]).replace("\\<", "")


@pytest.mark.parametrize("log", ["log.jsonl", NAME + ".jsonl"])
def test_a_page_of_a_hostile_log_holds_no_markup_of_it(said: Said, log: str) -> None:
    """What a browser does with it is tested in tests/report/test_html.py."""
    page, _ = said(["diagnose", log, "--format", "html"])
    assert "<img" not in page
    assert "&lt;img src=x" in page or log == "log.jsonl"
    assert not DRIVES.search(page)


def test_a_table_holds_no_formula(said: Said, tmp_path: Path) -> None:
    """A file whose name a spreadsheet would compute is written as ./name, which is the same file."""
    said(["simulate", NAME + ".json", "ill.json", "--format", "csv", "--output", "out.csv"])
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8"))))
    names = {row["file"] for row in rows}
    assert len(names) == 2
    assert not [
        cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "@", "\t", "\r")
    ]
    assert any(name.startswith("./=1+1") for name in names)


def test_a_name_that_is_no_utf_8(said: Said, tmp_path: Path) -> None:
    """A file whose name no encoding writes is linted, simulated and exported."""
    try:
        name = os.fsdecode(b"\xff.json")
        (tmp_path / name).write_bytes((tmp_path / "ill.json").read_bytes())
    except (OSError, UnicodeError):
        pytest.skip("this file system takes UTF-8 names alone")
    for words in (
        ["lint", name, "--format", "sarif"],
        ["simulate", name, "ill.json", "--format", "csv"],
    ):
        said([*words, "--output", "out"])
        text = (tmp_path / "out").read_text("utf-8")
        assert "dcff" in text or "%5Cudcff" in text
