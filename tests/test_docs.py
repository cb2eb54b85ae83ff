"""The documentation: what is generated is current, and what it shows is what is printed."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, require


def test_generated_pages_and_shown_outputs_are_current() -> None:
    """Rule pages are rendered from the rules; each command shown prints what stands below it."""
    done = subprocess.run(
        [sys.executable, "tools/build_docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


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
