"""The distributions: what is in them, and that the wheel works in an empty environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from ppodiag import __version__
from ppodiag.healthy import HEALTHY, with_changes
from tests.conftest import ROOT, clean_copy


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist, built from a clean copy of the tree."""
    pytest.importorskip("build")
    source = clean_copy(tmp_path_factory.mktemp("source") / "ppodiag")
    target = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, source],
        check=True,
        capture_output=True,
    )
    return target


def test_wheel_contents(built: Path) -> None:
    """The wheel has the schema, the typing marker, the licence and every rule; no tests, no tools."""
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"ppodiag/schemas/ppo-config.schema.json", "ppodiag/py.typed"} <= names
    assert f"ppodiag-{__version__}.dist-info/licenses/LICENSE" in names
    rules = {f"ppodiag/rules/{p.name}" for p in (ROOT / "ppodiag" / "rules").glob("*.py")}
    assert rules <= names
    assert {name.split("/")[0] for name in names} == {
        "ppodiag",
        "reference_trainer",
        f"ppodiag-{__version__}.dist-info",
        f"ppodiag-{__version__}.data",
    }
    pages = {page.name for page in (ROOT / "man").glob("*.1")}
    assert len(pages) == 12
    data = f"ppodiag-{__version__}.data/data/share/man/man1"
    assert {f"{data}/{page}" for page in pages} == {n for n in names if ".data/" in n}
    assert {"reference_trainer/__main__.py", "reference_trainer/py.typed"} <= names


def test_description(built: Path) -> None:
    """What an index shows is the README without pictures and without links to files that it lacks."""
    (wheel,) = built.glob("*.whl")
    metadata = zipfile.ZipFile(wheel).read(f"ppodiag-{__version__}.dist-info/METADATA").decode()
    _, _, shown = metadata.partition("\n\n")
    assert shown.startswith("# ppodiag\n")
    assert "## Five commands" in shown
    assert "$ ppodiag lint examples/note.json" in shown
    assert re.findall(r"\]\((?!https?:)[^)]*\)", shown) == []
    assert "<!--" not in shown
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "](docs/" in readme
    assert "![" in readme


def test_sdist_contents(built: Path) -> None:
    """The sdist has what is needed to test and build again."""
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    wanted = {
        "schemas/ppo-config.schema.json", "ppodiag/py.typed", "Makefile", "constraints.txt",
        "tests/conftest.py", "tools/build_docs.py", "examples/ill.json", "LICENSE",
    }  # fmt: skip
    assert wanted <= names


def test_wheel_without_extras_in_an_empty_environment(built: Path, tmp_path: Path) -> None:
    """Installed with nothing else, it lints, explains and prints its schema; nothing heavy came."""
    (wheel,) = built.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    folder = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run(
        [folder / "python", "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel],
        check=True,
        capture_output=True,
    )
    installed = subprocess.run(
        [folder / "python", "-m", "pip", "list", "--format", "json"],
        check=True,
        capture_output=True,
    )
    names = {package["name"].lower() for package in json.loads(installed.stdout)}
    assert not names & {"torch", "pandas", "matplotlib", "pyyaml", "pyarrow", "tensorboard"}
    (tmp_path / "good.json").write_text(json.dumps(HEALTHY))
    bad = with_changes({"ppo_config.lr": 0.01, "ppo_config.gamma": 2})
    (tmp_path / "bad.json").write_text(json.dumps(bad, indent=1))
    (tmp_path / "bad.yaml").write_text("ppo_config: {}\n")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [folder / "ppodiag", *arguments],
            cwd=tmp_path,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("lint", "good.json").stdout == "1 file clean\n"
    found = run("lint", "bad.json", "--format", "concise")
    assert "LR111" in found.stdout
    assert "SCH102" in found.stdout
    assert found.returncode == 1
    assert json.loads(run("schema").stdout)["title"] == "PPO configuration"
    assert "WHY IT MATTERS" in run("rule", "LR101").stdout
    trained = subprocess.run(
        [folder / "python", "-m", "reference_trainer", "good.json"],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert trained.returncode == 2
    assert "training needs torch" in trained.stderr
    yaml = run("lint", "bad.yaml")
    assert yaml.returncode == 2
    assert "pip install 'ppodiag[yaml]'" in yaml.stdout
