"""What `ppodiag lint` checks: rules chosen, settings, values from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ppodiag import UsageError, lint
from ppodiag.healthy import with_changes
from tests.cli.files import ILL, write
from tests.conftest import ROOT, Run


def test_select_ignore_extend(ppodiag: Run, tmp_path: Path) -> None:
    """Codes and prefixes; the longer one wins; settings are extended."""
    changes = {"ppo_config.lr": 0.01, "ppo_config.stabilization_steps": 1}
    path = write(tmp_path / "a.json", with_changes(changes))

    def codes(*options: str) -> set[str]:
        done = ppodiag("lint", path, "--format", "json", *options)
        found = json.loads(done.stdout)["files"][0]["findings"]
        return {finding["code"] for finding in found}

    assert codes() == {"LR111", "STB601", "LR104"}
    assert codes("--select", "STB") == {"STB601"}
    assert codes("--select", "LR1,STB", "--ignore", "LR104") == {"LR111", "STB601"}
    assert codes("--ignore", "LR") == {"STB601"}
    assert codes("--select", "STB", "--extend-select", "LR111") == {"STB601", "LR111"}
    assert codes("--ignore", "LR", "--extend-select", "LR") == {"LR111", "STB601", "LR104"}


def test_overrides(ppodiag: Run, tmp_path: Path) -> None:
    """--set and --total-env-steps stand in for keys, given or not, and the finding says so."""
    path = write(tmp_path / "a.json")
    done = ppodiag("lint", path, "--set", "ppo_config.lr=0.01", "--format", "concise")
    assert "(lr is set on the command line)" in done.stdout
    done = ppodiag("lint", path, "--total-env-steps", "1e4", "--format", "concise")
    assert "UNIT703" in done.stdout
    value = with_changes({"training": {}})
    silent = ppodiag("lint", write(tmp_path / "b.json", value), "--severity", "info")
    assert silent.returncode == 0
    assert "UNIT704" in silent.stdout
    known = ppodiag(
        "lint", tmp_path / "b.json", "--total-env-steps", "1024000", "--severity", "info"
    )
    assert "UNIT704" not in known.stdout


def test_a_clean_file_needs_no_estimate(tmp_path: Path) -> None:
    """Linting a file without adaptation and checkpointing imports nothing of the estimate."""
    block = {"actor_critic_architecture": {"hidden_size": 64}}
    path = write(tmp_path / "a.json", with_changes(block))
    code = (
        "import sys; from ppodiag.commands.plain import lint_plainly; "
        "assert lint_plainly((sys.argv[1],)) == 0; "
        "names = ('architecture', 'memory', 'layers', 'bytesize', 'full'); "
        "sys.exit(any(f'ppodiag.{name}' in sys.modules for name in names))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_memory_and_device(ppodiag: Run, tmp_path: Path) -> None:
    """--memory and --device reach the rules, one file or many, and Python takes them as well."""
    value = with_changes({
        "advanced_optimization.gradient_optimization.use_gradient_checkpointing": True,
        "actor_critic_architecture": {"hidden_size": 32, "num_layers": 16},
    })  # fmt: skip
    paths = [write(tmp_path / f"{name}.json", value) for name in "ab"]
    plain = ppodiag("lint", *paths, "--severity", "info")
    assert plain.returncode == 0
    assert "ACC307" not in plain.stdout
    assert "GCK502" not in plain.stdout
    shown = ("--severity", "info", "--format", "concise")
    known = ppodiag("lint", *paths, *shown, "--memory", "16GB", "--device", "cpu")
    assert (known.stdout.count("ACC307"), known.stdout.count("GCK502")) == (2, 2)
    other = ppodiag("lint", *paths, *shown, "--memory", "1MB", "--device", "cuda")
    assert "ACC307" not in other.stdout
    assert "GCK502" not in other.stdout
    report = lint(paths[0], severity="info", memory="16GB", device="cpu")
    assert sorted(d.code for d in report.diagnostics) == ["ACC307", "GCK502"]
    report = lint(paths[0], severity="info", memory=16 * 10**9)
    assert [d.code for d in report.diagnostics] == ["ACC307"]
    for wrong in ({"device": "tpu"}, {"memory": 0}, {"memory": "16G"}):
        with pytest.raises(UsageError):
            lint(paths[0], **wrong)


def test_settings(ppodiag: Run, tmp_path: Path) -> None:
    """The nearest settings upwards count, file by file; the command line before them."""
    (tmp_path / "pyproject.toml").write_text('[tool.ppodiag]\nignore = ["LR111"]\n')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "ppodiag.toml").write_text('severity = "info"\n')
    write(tmp_path / "a.json", ILL)
    write(tmp_path / "sub" / "b.json", ILL)
    assert ppodiag("lint", "a.json").returncode == 0
    assert "LR111" in ppodiag("lint", "sub/b.json").stdout
    assert "LR111" in ppodiag("lint", "a.json", "--ignore", "STB").stdout


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ('[tool.ppodiag]\nsevrity = "info"\n', "unknown key sevrity"),
        ('[tool.ppodiag]\nseverity = "loud"\n', "severity: 'loud' is not one of"),
        ('[tool.ppodiag]\nprofile = "sb4"\n', "profile: no profile is called 'sb4'"),
        ("[tool.ppodiag\n", "no TOML"),
        ("tool = {ppodiag = 3}\n", "is no table"),
    ],
)
def test_wrong_settings(ppodiag: Run, tmp_path: Path, text: str, piece: str) -> None:
    """Unknown or ill-typed settings: exit code 2 and the file's name."""
    (tmp_path / "pyproject.toml").write_text(text)
    done = ppodiag("lint", write(tmp_path / "a.json"))
    assert piece in done.stderr + done.stdout
    assert done.returncode == 2


def test_exclude(ppodiag: Run, tmp_path: Path) -> None:
    """Excluded files are not linted in folders, but are where they are named."""
    (tmp_path / "ppodiag.toml").write_text('exclude = ["vendor/*"]\n')
    (tmp_path / "vendor").mkdir()
    write(tmp_path / "vendor" / "a.json", ILL)
    assert ppodiag("lint", ".").returncode == 0
    assert ppodiag("lint", "vendor/a.json").returncode == 1
