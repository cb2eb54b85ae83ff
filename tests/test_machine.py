"""What a machine can do to a command: circles of links, files that may not be read, full disks, clocks."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ppodiag.errors import UsageError
from ppodiag.files import Target
from ppodiag.runner import Request
from tests.cli.files import ILL, write
from tests.conftest import ROOT, Run, as_a_plain_user

PPODIAG = [sys.executable, "-m", "ppodiag"]
LINES = (
    "\n".join(json.dumps({"step": i, "loss": 1.0, "learning_rate": 0.1}) for i in range(40)) + "\n"
)


@pytest.fixture
def circles(tmp_path: Path) -> Path:
    """A folder with a configuration, a log, links that lead round in a circle and one that leads nowhere."""
    write(tmp_path / "a.json", ILL)
    (tmp_path / "log.jsonl").write_text(LINES)
    (tmp_path / "here").symlink_to(".", target_is_directory=True)
    (tmp_path / "round.json").symlink_to("again.json")
    (tmp_path / "again.json").symlink_to("round.json")
    (tmp_path / "events.out.tfevents.1").symlink_to("events.out.tfevents.1")
    (tmp_path / "nowhere.json").symlink_to("gone.json")
    return tmp_path


def test_circles_of_links(ppodiag: Run, circles: Path) -> None:
    """Searching a folder ends, each file is linted once, and links that lead nowhere are named as unreadable."""
    done = ppodiag("lint", ".", "--format", "json", cwd=circles)
    files = {file["path"]: file["error"] for file in json.loads(done.stdout)["files"]}
    assert sorted(map(os.path.normpath, files)) == [
        "a.json",
        "again.json",
        "nowhere.json",
        "round.json",
    ]
    assert done.returncode == 2
    for name in ("round.json", "again.json"):
        assert "Too many levels of symbolic links" in next(
            v for k, v in files.items() if k.endswith(name)
        )
    for words in (["diagnose", "round.json"], ["simulate", "round.json"], ["lint", "round.json"]):
        done = ppodiag(*words, cwd=circles)
        assert "Too many levels of symbolic links" in done.stdout + done.stderr
        assert done.returncode == 2
    done = ppodiag("diagnose", ".", cwd=circles)
    assert "learning_rate" in done.stdout or "lr" in done.stdout
    assert done.returncode in (0, 1)


def test_what_may_not_be_read(tmp_path: Path) -> None:
    """Unreadable files and folders are named with the reason, in lint, diagnose and settings; no traceback."""
    write(tmp_path / "a.json", ILL)
    (tmp_path / "log.jsonl").write_text(LINES)
    for name in ("shut", "project"):
        (tmp_path / name).mkdir()
    write(tmp_path / "shut.json", ILL)
    (tmp_path / "project" / "ppodiag.toml").write_text("")
    write(tmp_path / "project" / "b.json", ILL)
    shut = [tmp_path / "shut", tmp_path / "shut.json", tmp_path / "project" / "ppodiag.toml"]
    for path in shut:
        path.chmod(0)
    try:
        for words, code in (
            (["lint", "shut.json"], (2,)),
            (["lint", "."], (2,)),
            (["simulate", "shut.json"], (2,)),
            (["diagnose", "."], (0, 1)),
            (["lint", "project/b.json"], (2,)),
            (["lint", "a.json", "--baseline", "shut.json"], (2,)),
        ):
            done = as_a_plain_user([*PPODIAG, *words], cwd=tmp_path)
            assert "Permission denied" in done.stdout + done.stderr, words
            assert "Traceback" not in done.stderr
            assert done.returncode in code, words
    finally:
        for path in shut:
            path.chmod(0o755)


def test_folders_that_may_not_be_written_to(tmp_path: Path) -> None:
    """An output, a study and a run in a read-only folder are refused before anything is computed."""
    write(tmp_path / "a.json", ILL)
    shut = tmp_path / "shut"
    shut.mkdir()
    shut.chmod(0o555)
    trainer = ["--trainer", "true {config} {seed} {out}"]
    try:
        for words in (
            ["lint", "a.json", "--format", "sarif", "--output", "shut/out"],
            ["simulate", "a.json", "--plot", "shut/a.svg"],
            ["ablate", "a.json", *trainer, "--seeds", "1", "--out", "shut/study"],
            ["ablate", "a.json", *trainer, "--dead-knobs", "--out", "shut/knobs"],
        ):
            done = as_a_plain_user([*PPODIAG, *words], cwd=tmp_path)
            assert "Permission denied" in done.stderr, (words, done)
            assert "help: " in done.stderr
            assert done.returncode == 2
        assert os.listdir(shut) == []
    finally:
        shut.chmod(0o755)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a Linux device that is always full")
@pytest.mark.parametrize(
    "words", [["lint", "a.json"], ["simulate", "a.json"], ["rule", "LR101"]], ids=" ".join
)
def test_an_output_whose_disk_is_full(tmp_path: Path, words: list[str]) -> None:
    """An error with a remedy and exit code 2, no traceback and none from the interpreter's own end."""
    write(tmp_path / "a.json", ILL)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PPODIAG, *words], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60,
        )  # fmt: skip
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "help: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_file_that_changes_while_it_is_fixed_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an editor wrote in between stays, and the command says so."""
    import ppodiag.fix
    from ppodiag._main import explain_error
    from ppodiag.cli import run

    path = write(tmp_path / "a.json", ILL)
    whole = ppodiag.fix.fix_bytes

    def edited_meanwhile(*arguments: object, **options: object) -> object:
        fixed = whole(*arguments, **options)  # type: ignore[arg-type]
        path.write_text("{}")
        return fixed

    monkeypatch.setattr("ppodiag.fix.fix_bytes", edited_meanwhile)
    try:
        code = run(["lint", str(path), "--unsafe-fixes"])
    except Exception as error:
        code = explain_error(error)
    assert "changed while it was fixed" in capsys.readouterr().err
    assert code == 2
    assert path.read_text() == "{}"


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(),
    reason="a patch is inherited by fork alone",
)
def test_a_process_that_is_killed_while_it_lints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a machine without memory: an error with a remedy, and no waiting for ever."""
    from ppodiag import parallel
    from ppodiag.options import Options

    monkeypatch.setattr(parallel, "lint_target", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    targets = [Target(str(write(tmp_path / f"{n}.json")), True) for n in range(4)]
    with pytest.raises(UsageError, match="was killed") as error:
        parallel.lint_in_processes(targets, Request(Options()), {}, 2)
    assert "--jobs 1" in error.value.remedy


def test_no_duration_and_no_choice_of_a_file_hangs_on_the_clock_of_the_day() -> None:
    """Durations are of the monotonic clock; a clock that jumps moves the times that records and logs name, alone."""
    of_the_day = re.compile(r"\btime\.time\(|\.now\(|\.today\(|st_mtime|getmtime")
    named = {
        "ppodiag/suppress.py": "the date on which a suppression ends",
        "ppodiag/commands/console.py": "the time in a line of --log-format json",
        "ppodiag/commands/watching.py": "whether a log has changed: any difference counts",
        "reference_trainer/logs.py": "the wall time of an event",
        "reference_trainer/run_record.py": "when a session began and ended",
    }
    found = {
        path.relative_to(ROOT).as_posix()
        for top in ("ppodiag", "reference_trainer")
        for path in (ROOT / top).rglob("*.py")
        if of_the_day.search(path.read_text("utf-8"))
    }
    assert found <= set(named)
    assert "reference_trainer/logs.py" in found
