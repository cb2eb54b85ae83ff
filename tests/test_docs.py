"""The documentation: what is generated is current, and what it shows is what is printed."""

from __future__ import annotations

import importlib
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, require

SHOWN = [
    page
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if re.search(
        r"^```console$|^<!-- (?!story|varies|/)", page.read_text(encoding="utf-8"), re.MULTILINE
    )
]
"""Pages that show what a command prints, or hold a table that is made."""


@pytest.fixture(scope="module")
def build_docs() -> Iterator[Any]:
    """tools/build_docs.py, which writes the documentation."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        yield importlib.import_module("build_docs")
    finally:
        sys.path.remove(str(ROOT / "tools"))


def test_rule_pages_are_current(build_docs: Any) -> None:
    """Rule pages and their index are rendered from the rules; `make docs` writes them."""
    wanted = {build_docs.RULES / f"{name}.md": name for name in build_docs.all_rule_files()}
    assert len(wanted) > 100
    for path, name in wanted.items():
        assert path.read_text(encoding="utf-8") == build_docs.rule_page(name), "run make docs"
    index = (build_docs.RULES / "index.md").read_text(encoding="utf-8")
    assert index == build_docs.index_page(), "run make docs"


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_print_what_is_shown(page: Path, build_docs: Any) -> None:
    """Each command shown prints what stands below it, and each table is what makes it; `make docs` writes both."""
    if "<!-- story:" in page.read_text(encoding="utf-8"):
        require(shutil.which("bash") and shutil.which("git"), "bash and git")
        require(Path(sys.executable).with_name("pre-commit").exists(), "pre-commit")
    text = page.read_text(encoding="utf-8")
    now = build_docs.with_outputs(text)
    assert now.splitlines() == text.splitlines()


def test_commands_with_output_are_run_or_recorded() -> None:
    """What shows a command behind a prompt is run by a test, or is called recorded in the words above it."""
    fence = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    recorded = 0
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = page.read_text(encoding="utf-8")
        for block in fence.finditer(text):
            language, title, body = block.groups()
            place = f"{page.relative_to(ROOT)}: {body[:60]!r}"
            if language == "console" and title:
                assert title == ' title="recorded"', place
                above = text[: block.start()].rstrip().rpartition("\n\n")[2]
                assert above.startswith("Recorded"), place
                recorded += 1
            elif language in ("", "sh", "text", "bash"):
                assert not re.search(r"^\$ ", body, re.MULTILINE), (
                    f"{place}: make it a console block"
                )
    assert recorded >= 2


def test_scripts_and_targets_of_the_pages_are_there() -> None:
    """Each script of tools/ and benchmarks/, and each target of make, that a page names exists."""
    targets = re.findall(
        r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    seen = 0
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = page.read_text(encoding="utf-8")
        for script in re.findall(r"python ((?:tools|benchmarks)/\w+\.py)", text):
            seen += 1
            assert (ROOT / script).is_file(), f"{page.relative_to(ROOT)}: {script}"
        for target in re.findall(r"(?:`|^    |^\$ )make ([a-z]+)", text, re.MULTILINE):
            seen += 1
            assert target in targets, f"{page.relative_to(ROOT)}: make {target}"
    assert seen > 20


def test_a_page_for_each_rule() -> None:
    """There are as many pages as rule files, and the index names each."""
    pages = {page.stem for page in (ROOT / "docs" / "rules").glob("*.md")} - {"index"}
    from ppodiag.rules.loader import all_rule_files

    assert pages == set(all_rule_files())
    index = (ROOT / "docs" / "rules" / "index.md").read_text(encoding="utf-8")
    assert all(f"({name}.md)" in index for name in pages)


def test_links_lead_somewhere() -> None:
    """Every relative link in the documentation names a file that is there."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (page.parent / link).exists(), f"{page.relative_to(ROOT)}: {link}"


def test_memory_example_runs() -> None:
    """The example of the page on memory: its parts sum up to what it prints."""
    text = (ROOT / "docs" / "memory.md").read_text(encoding="utf-8")
    match = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert match is not None
    names: dict[str, Any] = {}
    exec(match.group(1), names)
    parts = names["estimate"](names["network"], 128, rollout=2048)
    assert parts.parameters == 4 * (2 * (210 * 64 + 64) + 64 * 5 + 5)
    assert parts.rollout == 2048 * (840 + 8 + 22)


def test_python_examples_run(tmp_path: Path) -> None:
    """The examples of the API's page run on an example configuration."""
    require(importlib.util.find_spec("pandas"), "pandas")
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 3
    (tmp_path / "configs").mkdir()
    example = (ROOT / "examples" / "ill.json").read_text(encoding="utf-8")
    (tmp_path / "configs" / "ppo.json").write_text(example, encoding="utf-8")
    (tmp_path / "runs" / "17").mkdir(parents=True)
    log = (ROOT / "examples" / "runs" / "ill.jsonl").read_text(encoding="utf-8")
    (tmp_path / "runs" / "17" / "log.jsonl").write_text(log, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(examples)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "LR111 error 17 the peak learning rate" in done.stdout
    assert "RUN913 error ((" in done.stdout
    assert re.search(r"^39 \[[\d, ]+\]$", done.stdout, re.MULTILINE)
