"""What `ppodiag lint` reads: files, folders, patterns, the standard input."""

from __future__ import annotations

import json
import ntpath
import os
import posixpath
from pathlib import Path

import pytest

from ppodiag.files import shortest
from ppodiag.healthy import HEALTHY
from tests.cli.files import ILL, write
from tests.conftest import ROOT, Run


def test_unreadable_file(ppodiag: Run, tmp_path: Path) -> None:
    """An unreadable file among others: exit code 2, and the others are linted."""
    write(tmp_path / "good.json", ILL)
    (tmp_path / "dangling.json").symlink_to(tmp_path / "nowhere")
    done = ppodiag("lint", "dangling.json", "good.json")
    assert done.returncode == 2
    assert "dangling.json: cannot be read: No such file or directory" in done.stdout
    assert "LR111" in done.stdout


def test_standard_input(ppodiag: Run) -> None:
    """- is the standard input, under the name it is given."""
    done = ppodiag("lint", "-", "--stdin-filename", "my.jsonc", input="// hi\n" + json.dumps(ILL))
    assert done.returncode == 1
    assert done.stdout.startswith("my.jsonc:2:")
    assert "SYN001" not in done.stdout


def test_folders_and_patterns(ppodiag: Run, tmp_path: Path) -> None:
    """A folder is searched, unrelated files passed over; an explicit unrelated file is judged."""
    (tmp_path / "sub" / "node_modules").mkdir(parents=True)
    write(tmp_path / "sub" / "a.json")
    write(tmp_path / "sub" / "node_modules" / "b.json", ILL)
    write(tmp_path / "sub" / "package.json", {"name": "x"})
    (tmp_path / "sub" / "broken.json").write_text('{"ppo_config": {')
    (tmp_path / "sub" / "notes.txt").write_text("{}")
    done = ppodiag("lint", "sub")
    assert "broken.json:1:" in done.stdout
    assert "1 file passed over: no PPO configuration" in done.stdout
    assert "node_modules" not in done.stdout
    assert ppodiag("lint", "sub/*.json").stdout == done.stdout
    explicit = ppodiag("lint", "sub/package.json")
    assert "SCH103" in explicit.stdout
    assert ppodiag("lint", "sub/package.json", "--skip-unrelated").returncode == 0


def test_many_files_in_processes(ppodiag: Run, tmp_path: Path) -> None:
    """From 400 files on several processes share the work; the report is the same."""
    for number in range(401):
        write(tmp_path / f"{number:03}.json", ILL if number == 200 else HEALTHY)
    done = ppodiag("lint", ".", "--jobs", "2", "--format", "json")
    alone = ppodiag("lint", ".", "--jobs", "1", "--format", "json")
    assert done.stdout == alone.stdout
    found = json.loads(done.stdout)["files"]
    assert [f["path"] for f in found if f["findings"]] == ["200.json"]


def test_syntax_and_meaning_in_one_run(ppodiag: Run, tmp_path: Path) -> None:
    """Syntax errors, and what could be read beside them; no missing key is claimed of a lost one."""
    text = json.dumps(ILL, indent=1).replace('"epochs": 10,', '"epochs": ten,')
    (tmp_path / "a.json").write_text(text.replace('"gamma": 0.99,', '"gamma": 0.99'))
    done = ppodiag("lint", "a.json", "--format", "concise")
    codes = [line.split("[")[1].split("]")[0] for line in done.stdout.splitlines()]
    assert sorted(codes) == ["LR111", "SYN001", "SYN001"]


@pytest.mark.parametrize(
    "format", ["text", "concise", "json", "sarif", "github", "gitlab", "junit"]
)
def test_one_name_for_a_file_however_it_is_typed(ppodiag: Run, tmp_path: Path, format: str) -> None:
    """The report, with GitLab's fingerprints, is the same for each spelling of a path below this folder."""
    (tmp_path / "configs").mkdir()
    write(tmp_path / "configs" / "ill.json", ILL)
    wanted = ppodiag("lint", "configs/ill.json", "--format", format).stdout
    assert "configs/ill.json" in wanted
    for typed in (["."], ["./configs"], ["configs//", "./configs/ill.json"], ["./*/ill.json"]):
        assert ppodiag("lint", *typed, "--format", format).stdout == wanted


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("a/b.json", "a/b.json"),
        ("./a//./b.json", "a/b.json"),
        (".//-", "./-"),
        ("./-x.json", "./-x.json"),
        ("../a/./b.json", "../a/./b.json"),
        ("a/../b.json", "a/../b.json"),
        ("a..b/./c.json", "a..b/c.json"),
        ("/a/./b.json", "/a/b.json"),
        ("-", "-"),
    ],
)
def test_the_shortest_name_of_the_same_file(typed: str, found: str) -> None:
    """No . and no empty part; .. stays, which a link can make another folder, and so does an option's look."""
    assert shortest(typed, posixpath) == found


def test_the_shortest_name_on_windows() -> None:
    """As on others, with its separators; a drive and a share stay."""
    names = {
        ".\\configs\\a.json": "configs\\a.json",
        "configs/./a.json": "configs\\a.json",
        "C:\\x\\.\\a.json": "C:\\x\\a.json",
        "C:/x/a.json": "C:\\x\\a.json",
        "\\\\host\\share\\.\\a.json": "\\\\host\\share\\a.json",
        "a\\..\\b.json": "a\\..\\b.json",
        ".\\-": ".\\-",
    }
    assert {typed: shortest(typed, ntpath) for typed in names} == names


def test_unreadable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be read is handed on to be reported, not left out."""
    from ppodiag.files import find_files

    closed = tmp_path / "closed"
    closed.mkdir()
    write(tmp_path / "a.json")
    scan = os.scandir

    def refuse(path: str) -> object:
        if os.fspath(path) == str(closed):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = {target.path for target in find_files((str(tmp_path),))}
    assert found == {str(tmp_path / "a.json"), str(closed)}


@pytest.fixture
def no_yaml(tmp_path: Path) -> str:
    """A PYTHONPATH on which PyYAML cannot be imported."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "yaml.py").write_text("raise ModuleNotFoundError('yaml', name='yaml')\n")
    return f"{folder}{os.pathsep}{ROOT}"


@pytest.mark.parametrize("more", [[], ["--format", "concise"]])
def test_yaml_in_a_folder_without_its_reader(
    ppodiag: Run, tmp_path: Path, no_yaml: str, more: list[str]
) -> None:
    """YAML that a search of a folder leads to is passed over with one note; the rest is linted."""
    write(tmp_path / "ill.json", ILL)
    for name in ("a.yaml", "b.yml"):
        (tmp_path / name).write_text("jobs: []\n")
    done = ppodiag("lint", ".", *more, PYTHONPATH=no_yaml)
    assert done.returncode == 1
    assert done.stderr == (
        "note: 2 YAML files passed over: reading them needs PyYAML (pip install 'ppodiag[yaml]')\n"
    )
    assert "LR111" in done.stdout
    assert "not readable" not in done.stdout


@pytest.mark.parametrize("path", ["a.yaml", "*.yaml"])
def test_yaml_that_is_named_without_its_reader(
    ppodiag: Run, tmp_path: Path, no_yaml: str, path: str
) -> None:
    """YAML that is named, or asked for by a pattern, is an error of two lines with the path once."""
    (tmp_path / "a.yaml").write_text("jobs: []\n")
    done = ppodiag("lint", path, PYTHONPATH=no_yaml)
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines()[:2] == [
        "error: a.yaml: reading YAML needs PyYAML",
        "  = help: pip install 'ppodiag[yaml]'",
    ]
    short = ppodiag("lint", path, "--format", "concise", PYTHONPATH=no_yaml)
    assert short.stdout == (
        "a.yaml: error reading YAML needs PyYAML (pip install 'ppodiag[yaml]')\n"
    )
