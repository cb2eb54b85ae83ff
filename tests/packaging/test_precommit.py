"""The hook, by running pre-commit itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ppodiag.healthy import HEALTHY, with_changes
from tests.conftest import clean_copy, require

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]


def test_hook_judges_good_bad_and_unrelated_files(tmp_path: Path) -> None:
    """On a repository with a good, a bad and an unrelated file, the bad one alone fails."""
    tool = Path(sys.executable).with_name("pre-commit")
    require(tool.exists(), "pre-commit")
    hooks = clean_copy(tmp_path / "hooks")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "hooks"]):
        subprocess.run([*GIT, *command], cwd=hooks, check=True, capture_output=True)
    head = subprocess.run(
        [*GIT, "rev-parse", "HEAD"], cwd=hooks, check=True, capture_output=True, text=True
    ).stdout.strip()
    project = tmp_path / "project"
    project.mkdir()
    (project / "good.json").write_text(json.dumps(HEALTHY))
    bad = with_changes({"ppo_config.lr": 0.01})
    (project / "bad.json").write_text(json.dumps(bad, indent=1))
    (project / "package.json").write_text('{"name": "x", "lr": 1}')
    (project / "broken.json").write_text('{"name": ')
    (project / ".pre-commit-config.yaml").write_text(
        json.dumps({"repos": [{"repo": str(hooks), "rev": head, "hooks": [{"id": "ppodiag"}]}]})
    )
    subprocess.run([*GIT, "init", "-q"], cwd=project, check=True)
    subprocess.run([*GIT, "add", "-A"], cwd=project, check=True)

    def run(*files: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [tool, "run", "--color", "never", "--files", *files],
            cwd=project,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
                "PRE_COMMIT_HOME": str(tmp_path / "cache"),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    passed = run("good.json", "package.json", "broken.json")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    failed = run("good.json", "bad.json", "package.json")
    assert failed.returncode == 1, failed.stdout + failed.stderr
    line = (project / "bad.json").read_text().splitlines().index('  "lr": 0.01,') + 1
    assert f"bad.json:{line}:9: error[LR111]" in failed.stdout
    assert "good.json:" not in failed.stdout
