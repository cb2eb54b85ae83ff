"""The project's own files: action, hooks, the way of the imports, what it promises."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT, require


def test_action_lints_and_gives_its_verdict(tmp_path: Path) -> None:
    """The action's own steps, run in bash: SARIF is written, the verdict is the linter's code."""
    yaml = pytest.importorskip("yaml")
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = {step.get("name"): step for step in action["runs"]["steps"]}
    example = (ROOT / "examples" / "ill.json").read_text(encoding="utf-8")
    (tmp_path / "ill.json").write_text(example, encoding="utf-8")
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PPODIAG_PATHS": "ill.json",
        "PPODIAG_ARGS": "--profile sb3",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    require((Path(sys.executable).parent / "ppodiag").exists(), "the ppodiag command")
    lint = subprocess.run(
        ["bash", "-e", "-c", steps["Lint"]["run"]],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "::error file=ill.json,line=17" in lint.stdout
    assert (tmp_path / "ppodiag.sarif").exists()
    code = (tmp_path / "output").read_text().strip().removeprefix("code=")
    assert code == "1"
    verdict = subprocess.run(
        ["bash", "-c", steps["Verdict"]["run"]], env={**env, "PPODIAG_CODE": code}, check=False
    )
    assert verdict.returncode == 1
    used = {name for step in action["runs"]["steps"] for name in step.get("env", {}).values()}
    assert "${{ inputs.paths }}" in used


def test_action_lints_a_repository_with_workflows(tmp_path: Path) -> None:
    """As it is used by default: all of a repository that holds YAML; it installs the reader of YAML."""
    yaml = pytest.importorskip("yaml")
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = {step.get("name"): step for step in action["runs"]["steps"]}
    require((Path(sys.executable).parent / "ppodiag").exists(), "the ppodiag command")
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    for name in (".pre-commit-config.yaml", ".github/workflows/ci.yml"):
        (tmp_path / name).write_text("jobs: []\n", encoding="utf-8")
    example = (ROOT / "examples" / "ill.json").read_text(encoding="utf-8")
    (tmp_path / "ill.json").write_text(example, encoding="utf-8")
    without = tmp_path / "node_modules"
    without.mkdir()
    (without / "yaml.py").write_text("raise ModuleNotFoundError('yaml', name='yaml')\n")
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PPODIAG_PATHS": action["inputs"]["paths"]["default"],
        "PPODIAG_ARGS": action["inputs"]["args"]["default"],
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    for path in (str(ROOT), f"{without}{os.pathsep}{ROOT}"):
        (tmp_path / "output").unlink(missing_ok=True)
        done = subprocess.run(
            ["bash", "-e", "-c", steps["Lint"]["run"]],
            cwd=tmp_path, env={**env, "PYTHONPATH": path}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert (tmp_path / "output").read_text() == "code=1\n", done.stdout + done.stderr
        assert "title=LR111" in done.stdout
    install = steps["Install"]
    asked = [
        subprocess.run(
            ["bash", "-c", install["run"].replace("python -m pip install --quiet", "echo")],
            env={**env, "PPODIAG_VERSION": version, "PPODIAG_ACTION": "/the/action"},
            capture_output=True, text=True, check=True,
        ).stdout
        for version in ("", "ppodiag[yaml]==0.1.0")
    ]  # fmt: skip
    assert asked == ["/the/action[yaml]\n", "ppodiag[yaml]==0.1.0\n"]


def test_constraints_name_every_dependency() -> None:
    """constraints.txt pins everything that pyproject.toml asks for, within its range."""
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = dict(
        line.lower().replace("_", "-").split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    )
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = [Requirement(text) for group in groups for text in group]
    for requirement in wanted:
        name = requirement.name.lower().replace("_", "-")
        if name != "ppodiag":
            assert requirement.specifier.contains(pins[name]), requirement


def test_layers() -> None:
    """import-linter finds the contracts of pyproject.toml kept."""
    tool = Path(sys.executable).with_name("lint-imports")
    require(tool.exists(), "import-linter")
    done = subprocess.run([tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "3 kept, 0 broken" in done.stdout


def test_public_names_are_there() -> None:
    """Each public name of the package can be imported, and an unknown one cannot."""
    import ppodiag

    for name in ppodiag.__all__:
        assert getattr(ppodiag, name) is not None
    unknown = "nonsense"
    with pytest.raises(AttributeError):
        getattr(ppodiag, unknown)
