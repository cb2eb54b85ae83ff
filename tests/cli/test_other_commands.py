"""`rule`, `schema`, `diff`, `completion`, and what every command has in common."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ppodiag.healthy import HEALTHY, with_changes
from ppodiag.rules.loader import all_rule_files
from ppodiag.rules.pages import page_text
from tests.conftest import ROOT, Run


def test_rule_page(ppodiag: Run) -> None:
    """A rule's page has its sections and its examples, and fits 100 columns."""
    done = ppodiag("rule", "lr102")
    assert done.returncode == 0
    for section in ("WHAT IT CHECKS", "EXAMPLES", "INSTEAD", "WHEN NOT TO USE", "SOURCES"):
        assert section in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("name", all_rule_files())
def test_every_rule_has_a_page(name: str) -> None:
    """Each code that the list names can be printed, the rules about logs too, within 100 columns."""
    lines = page_text(name.upper()).splitlines()
    assert lines[0].startswith(f"{name.upper()} ")
    assert "EXAMPLES" in lines
    assert max(map(len, lines)) <= 100


def test_all_rules(ppodiag: Run) -> None:
    """The list has every rule file, as text and as JSON."""
    listed = json.loads(ppodiag("rule", "--all", "--format", "json").stdout)
    assert [rule["code"].lower() for rule in listed] == all_rule_files()
    assert all(rule["what_it_checks"] and rule["sources"] for rule in listed)
    assert len(ppodiag("rule").stdout.splitlines()) == len(listed)


def test_schema(ppodiag: Run) -> None:
    """The schema is printed as it is shipped; that of the settings is one too."""
    text = (ROOT / "schemas" / "ppo-config.schema.json").read_text(encoding="utf-8")
    assert ppodiag("schema").stdout == text
    settings = json.loads(ppodiag("schema", "--settings").stdout)
    assert settings["additionalProperties"] is False


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(ppodiag: Run, shell: str) -> None:
    """Each shell gets a script that calls ppodiag."""
    done = ppodiag("completion", shell)
    assert done.returncode == 0
    assert "_PPODIAG_COMPLETE" in done.stdout


def test_completion_completes(ppodiag: Run) -> None:
    """What the script calls lists commands and options."""
    words = {"COMP_WORDS": "ppodiag lint --sev", "COMP_CWORD": "2"}
    done = ppodiag(_PPODIAG_COMPLETE="bash_complete", **words)
    assert "--severity" in done.stdout


def test_diff(ppodiag: Run, tmp_path: Path) -> None:
    """A change: its keys, the figures that move, findings added and removed; exit code 1 if added."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(with_changes({"ppo_config.stabilization_steps": 1})))
    new.write_text(json.dumps(with_changes({"ppo_config.epochs": 5})))
    done = ppodiag("diff", old, new)
    assert "/ppo_config/epochs: 10 → 5" in done.stdout
    assert "N_mb   minibatch steps           160,000 → 79,680" in done.stdout
    assert "Removed\n  1:" in done.stdout
    assert "STB601" in done.stdout.partition("Removed")[2]
    assert "LR103" in done.stdout.partition("Added")[2].partition("Removed")[0]
    assert done.returncode == 1
    assert ppodiag("diff", new, new).returncode == 0
    assert ppodiag("diff", old, new, "--exit-zero").returncode == 0


def test_diff_for_a_pull_request(ppodiag: Run, tmp_path: Path) -> None:
    """Markdown escapes what a file says, and JSON has both sides."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(HEALTHY))
    new.write_text(json.dumps({**with_changes({"ppo_config.lr": 0.01}), "a|b`": "<script>|"}))
    markdown = ppodiag("diff", old, new, "--format", "markdown").stdout
    assert markdown.startswith("### ppodiag: 1 added, 0 removed")
    rows = [line for line in markdown.splitlines() if line.startswith("| `/a")]
    assert rows == ['| `/a\\|b\'` | `(absent)` | `"<script>\\|"` |']
    change = json.loads(ppodiag("diff", old, new, "--format", "json").stdout)
    assert [finding["code"] for finding in change["added"]] == ["LR111"]
    assert {"pointer": "/ppo_config/lr", "before": "0.0003", "after": "0.01"} in change["keys"]


@pytest.mark.parametrize("old", ["", "{", '{"ppo_config": {', "[1, 2]", "\x00"])
def test_diff_with_an_old_file_that_is_none(ppodiag: Run, tmp_path: Path, old: str) -> None:
    """Where nothing can be read of the old file, as where git knew none: exit code 2, nothing claimed."""
    new = tmp_path / "new.json"
    new.write_text(json.dumps(with_changes({"ppo_config.lr": 0.01})))
    done = ppodiag("diff", "-", new, input=old, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: -: nothing can be read of the old file: ")
    assert "  = help: check the command before the pipe; to review a new file, " in done.stderr


def test_diff_of_a_new_file_and_of_one_that_is_mended(ppodiag: Run, tmp_path: Path) -> None:
    """{} stands for no file; of a file with a fault in its text, what can be read is compared."""
    new = tmp_path / "new.json"
    new.write_text(json.dumps(with_changes({"ppo_config.lr": 0.01})))
    done = ppodiag("diff", "-", new, input="{}")
    assert done.returncode == 1
    assert "/ppo_config/lr: (absent) → 0.01" in done.stdout
    mended = ppodiag("diff", "-", new, input=new.read_text()[:-1] + ",}")
    assert mended.returncode == 0
    assert "SYN001" in mended.stdout.partition("Removed")[2]


@pytest.mark.parametrize("command", ["", "lint", "rule", "schema", "diff", "completion"])
def test_help_teaches_with_examples(ppodiag: Run, command: str) -> None:
    """--help of every command shows examples and exits with 0."""
    done = ppodiag(*filter(None, [command]), "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout
    assert "ppodiag" in done.stdout


HEAVY = (
    "jsonschema numpy pandas matplotlib torch yaml click difflib inspect tomllib multiprocessing"
)


def modules_after(arguments: list[str], tmp_path: Path) -> set[str]:
    """Names of the modules that a command of the command line has imported when it ends."""
    code = (
        "import sys; sys.argv = ['ppodiag', *sys.argv[1:]]\n"
        "from ppodiag._main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('\\n' + ' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_clean_way_imports_little(tmp_path: Path) -> None:
    """Linting a clean file imports neither click nor jsonschema nor anything heavy."""
    (tmp_path / "a.json").write_text(json.dumps(HEALTHY))
    loaded = modules_after(["lint", "a.json"], tmp_path)
    assert "ppodiag.linter" in loaded
    assert not loaded & (set(HEAVY.split()) - {"inspect"})


@pytest.mark.parametrize("arguments", [["--help"], ["lint", "--help"], ["diff", "--help"]])
def test_help_imports_little(tmp_path: Path, arguments: list[str]) -> None:
    """Help imports click and nothing heavy."""
    loaded = modules_after(arguments, tmp_path)
    assert not loaded & {"jsonschema", "numpy", "pandas", "matplotlib", "torch", "yaml"}
