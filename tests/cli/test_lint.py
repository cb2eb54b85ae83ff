"""What `ppodiag lint` prints, and the codes it exits with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ppodiag.healthy import with_changes
from tests.cli.files import ILL, write
from tests.conftest import ROOT, Run


def test_clean_file(ppodiag: Run, tmp_path: Path) -> None:
    """A clean file: one line, exit code 0."""
    done = ppodiag("lint", write(tmp_path / "a.json"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 file clean\n", "")


def test_findings(ppodiag: Run, tmp_path: Path) -> None:
    """A finding: place, severity, code, the line with a mark below the value, help; exit code 1."""
    path = write(tmp_path / "a.json", ILL)
    done = ppodiag("lint", "a.json")
    line = path.read_text().splitlines().index('    "lr": 0.01,') + 1
    assert done.returncode == 1
    assert done.stdout.startswith(f"a.json:{line}:11: error[LR111] the peak learning rate 0.01")
    assert f'{line} |     "lr": 0.01,\n' in done.stdout
    assert "|           ^^^^\n" in done.stdout
    assert "= help: set lr to 3e-4" in done.stdout
    assert done.stdout.endswith("1 finding (1 error) in 1 file\n")


@pytest.mark.parametrize("file", ["examples/ill.json", "examples/healthy.json"])
def test_the_plain_way_and_click_agree(ppodiag: Run, file: str) -> None:
    """Without options click is not used; the output and the exit code are the same."""
    plain = ppodiag("lint", ROOT / file)
    clicked = ppodiag("lint", ROOT / file, "--severity", "warning")
    assert (plain.stdout, plain.returncode) == (clicked.stdout, clicked.returncode)


def test_output_fits_100_columns_without_colour(ppodiag: Run) -> None:
    """Piped output has no escape sequence and no line over 100 columns."""
    done = ppodiag("lint", "examples/ill.json", "--severity", "info", cwd=ROOT)
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_colour_on_a_terminal_only(tmp_path: Path) -> None:
    """On a terminal there is colour; NO_COLOR and TERM=dumb switch it off."""
    import pty

    write(tmp_path / "a.json", ILL)

    def on_terminal(**env: str) -> bytes:
        parent, child = pty.openpty()
        base = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
        subprocess.run(
            [sys.executable, "-m", "ppodiag", "lint", "a.json"],
            cwd=tmp_path,
            stdout=child,
            env={**base, "PYTHONPATH": str(ROOT), **env},
            check=False,
        )
        os.close(child)
        read = b""
        while True:
            try:
                part = os.read(parent, 65536)
            except OSError:
                break
            if not part:
                break
            read += part
        os.close(parent)
        return read

    assert b"\x1b[31;1merror[LR111]\x1b[0m" in on_terminal(TERM="xterm")
    assert b"\x1b[31" not in on_terminal(TERM="xterm", NO_COLOR="1")
    assert b"\x1b[31" not in on_terminal(TERM="dumb")


@pytest.mark.parametrize(
    ("arguments", "piece"),
    [
        (["lint"], "no file is named"),
        (["lint", "nowhere.json"], "nowhere.json: does not exist"),
        (["lint", "*.nothing"], "*.nothing: nothing matches"),
        (["lint", "a.json", "--select", "XYZ"], "no rule begins with XYZ"),
        (["lint", "a.json", "--profile", "sb4"], "no profile is called 'sb4'"),
        (["lint", "a.json", "--set", "lr"], "is not KEY=VALUE"),
        (["lint", "a.json", "--total-env-steps", "-1"], "is no whole number from 0"),
        (
            ["lint", "a.json", "--memory", "16G"],
            "--memory '16G' is no size of memory: G is no unit",
        ),
        (["lint", "a.json", "--memory", "0"], "expected 1 byte to 1,000 PB"),
        (
            ["lint", "a.json", "--device", "tpu"],
            "--device: 'tpu' is no device",
        ),
        (["lint", "a.json", "--format", "xml"], "--format: 'xml' is none of its values"),
        (
            ["lint", "a.json", "--no-such-option"],
            "--no-such-option: ppodiag lint has no such option",
        ),
        (["lint", "a.json", "--baseline", "none.json"], "none.json: the baseline does not exist"),
        (["lint", "a.json", "--output", "no/such/folder/x"], "cannot write no/such/folder/x"),
        (["nonsense"], "nonsense: ppodiag has no such command"),
        (["rule", "LR999"], "there is no rule LR999"),
    ],
)
def test_wrong_usage(ppodiag: Run, tmp_path: Path, arguments: list[str], piece: str) -> None:
    """Wrong usage: exit code 2, what is wrong on the standard error, never a traceback."""
    write(tmp_path / "a.json")
    done = ppodiag(*arguments)
    assert done.returncode == 2
    assert piece in done.stderr
    assert "Traceback" not in done.stderr


def test_internal_fault(ppodiag: Run, tmp_path: Path) -> None:
    """A fault of ppodiag itself: exit code 3 and lines to report, version and platform first."""
    broken = tmp_path / "broken"
    (broken / "ppodiag").mkdir(parents=True)
    for name in os.listdir(ROOT / "ppodiag"):
        if name not in ("linter.py", "__pycache__"):
            (broken / "ppodiag" / name).symlink_to(ROOT / "ppodiag" / name)
    (broken / "ppodiag" / "linter.py").write_text("raise RuntimeError('planted')\n")
    (broken / "schemas").symlink_to(ROOT / "schemas")
    done = ppodiag("lint", write(tmp_path / "a.json"), PYTHONPATH=str(broken), cwd=broken)
    assert done.returncode == 3
    assert "please report it" in done.stderr
    assert "planted" in done.stderr


def test_severity_and_fail_on(ppodiag: Run, tmp_path: Path) -> None:
    """--severity decides what is shown, --fail-on what fails, --exit-zero that nothing does."""
    path = write(tmp_path / "a.json", with_changes({"ppo_config.lr": 0.004}))
    assert ppodiag("lint", path, "--severity", "error").returncode == 0
    assert ppodiag("lint", path, "--fail-on", "error").returncode == 0
    assert ppodiag("lint", path).returncode == 1
    assert ppodiag("lint", path, "--exit-zero").returncode == 0
    info = write(tmp_path / "b.json", with_changes({"ppo_config.gamma": 0.8}))
    shown = ppodiag("lint", info, "--severity", "info", "--format", "concise")
    assert "info[PPO001] gamma is 0.8" in shown.stdout
    assert shown.returncode == 0
    assert ppodiag("lint", info, "--severity", "info", "--fail-on", "info").returncode == 1


def test_statistics(ppodiag: Run) -> None:
    """Counts by rule, most frequent first."""
    done = ppodiag("lint", ROOT / "tests" / "healthy", "--statistics")
    assert done.stdout.splitlines()[0].split() == ["3", "PPO011", "minibatch", "exceeds", "rollout"]


def test_explain_plan(ppodiag: Run) -> None:
    """Every integer with its range and the lines that it came from."""
    done = ppodiag("lint", ROOT / "examples" / "ill.json", "--explain-plan")
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith("  ")}
    assert "2,496" in rows["N_mb"]
    assert "1,248 to 4,992" in rows["N_mb"]
    assert "line 6" in rows["T"]
    assert "0.8156" in rows["λ_end"]
    assert done.returncode == 0


def test_names_and_values_that_no_terminal_can_show(ppodiag: Run, tmp_path: Path) -> None:
    """A file name that is no UTF-8, lone surrogates in values, an ASCII terminal: still a report."""
    name = os.fsencode(tmp_path) + b"/caf\xe9.json"
    stages = [{"name": "\ud800", "duration_requests": 10**7}] * 2
    value = with_changes({"curriculum_learning": {"enable": True, "stages": stages}})
    with open(name, "wb") as file:
        file.write(json.dumps(value).encode())
    for format_ in ("text", "concise", "json", "sarif", "github", "gitlab", "junit"):
        done = ppodiag("lint", ".", "--format", format_, PYTHONIOENCODING="ascii")
        assert done.returncode == 1, done.stderr
        assert "UNIT701" in done.stdout
        assert ppodiag("lint", ".", "--format", format_, "--output", "out").returncode == 1


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    """A reader that goes away early ends the command quietly."""
    for number in range(300):
        write(tmp_path / f"{number}.json", ILL)
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m ppodiag lint . | head -1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
