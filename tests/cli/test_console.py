"""What commands say beside their results: quiet, verbose, progress, colour, one JSON object a line."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import click
import jsonschema
import pytest

from ppodiag._main import exit_code_of
from ppodiag.cli import cli, run
from ppodiag.commands import console, progress
from ppodiag.commands.invoke import invoke
from ppodiag.commands.verb import Verb
from ppodiag.errors import UsageError
from ppodiag.healthy import HEALTHY
from ppodiag.schema.load import LOG_LINE, schema_text
from tests.cli.files import ILL, write
from tests.conftest import ROOT, Run

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text(LOG_LINE)))


def lines_of(text: str) -> list[dict[str, object]]:
    """The objects of a log, each held to the schema."""
    found = [json.loads(line) for line in text.splitlines()]
    for line in found:
        VALIDATOR.validate(line)
    return found


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    console.reset()


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


def test_a_clean_file_and_quiet_say_nothing(ppodiag: Run, tmp_path: Path) -> None:
    """Of findings the report stays; a machine's report is written even without any."""
    write(tmp_path / "a.json")
    write(tmp_path / "ill.json", ILL)
    done = ppodiag("lint", "a.json", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "LR111" in ppodiag("lint", "ill.json", "-q").stdout
    assert json.loads(ppodiag("lint", "a.json", "-q", "--format", "json").stdout)


def test_verbose_says_what_was_taken_and_how_it_ended(ppodiag: Run, tmp_path: Path) -> None:
    """The settings that count, and the exit code."""
    write(tmp_path / "a.json")
    (tmp_path / "ppodiag.toml").write_text('severity = "info"\n')
    done = ppodiag("lint", "a.json", "--verbose")
    assert f"settings: {tmp_path / 'ppodiag.toml'}" in done.stderr
    assert "ppodiag lint a.json --verbose: exit code 0 after" in done.stderr
    assert done.stdout == "1 file clean\n"


def test_verbose_names_the_settings_of_every_file(ppodiag: Run, tmp_path: Path) -> None:
    """Those nearest to each file, and those of this folder, which baseline and fail-on are taken from."""
    for folder in ("own", "none"):
        (tmp_path / folder).mkdir()
    for path in ("own/a.json", "own/b.json", "none/c.json"):
        write(tmp_path / path)
    settings = tmp_path / "own" / "ppodiag.toml"
    settings.write_text('severity = "info"\n')
    lines = ppodiag("lint", ".", "--verbose").stderr.splitlines()
    assert lines[:3] == [
        "1 file; settings: none",
        f"2 files; settings: {settings}",
        "settings for baseline and fail-on: none",
    ]
    said = lines_of(ppodiag("lint", "own", "-v", "--log-format", "json").stderr)
    told = [line["path"] for line in said if line["event"] == "settings"]
    assert told == [str(settings), None]


def test_what_lint_passes_over_as_lines_of_the_schema(ppodiag: Run, tmp_path: Path) -> None:
    """YAML without its reader is a warning, entries of a baseline that are gone a note."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "yaml.py").write_text("raise ModuleNotFoundError('yaml', name='yaml')\n")
    (tmp_path / "b.yaml").write_text("a: 1\n")
    write(tmp_path / "a.json", ILL)
    ppodiag("lint", "a.json", "--baseline", "known.json", "--update-baseline")
    write(tmp_path / "a.json")
    path = f"{tmp_path / 'site'}{os.pathsep}{ROOT}"
    words = ("lint", ".", "--baseline", "known.json", "--log-format", "json")
    lines = lines_of(ppodiag(*words, PYTHONPATH=path).stderr)
    said = [(line["level"], line["event"], line["message"].split(";")[0][:25]) for line in lines]
    assert said == [
        ("warning", "warning", "note: 1 YAML file passed o"[:25]),
        ("info", "note", "note: 1 entry of the baseline"[:25]),
    ]


def test_notes_as_text_as_json_and_not_at_all(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`wrote a.svg` is a note, left out with --quiet; JSON lines are of their schema."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.json", HEALTHY)
    words = ["simulate", "a.json", "--seeds", "1", "--plot", "a.svg", "-o", "a.txt"]

    def said(*options: str) -> str:
        assert invoke(cli, [*words, *options], "ppodiag") == 0
        return capfd.readouterr().err

    assert said() == "wrote a.svg\n"
    assert said("--quiet") == ""
    lines = lines_of(said("--log-format", "json", "--verbose"))
    assert [(line["level"], line["event"]) for line in lines] == [
        ("info", "wrote"), ("debug", "wrote"), ("debug", "finished"),
    ]  # fmt: skip
    assert [line.get("path") for line in lines[:2]] == ["a.svg", "a.txt"]
    assert lines[-1]["exit_code"] == 0


@pytest.mark.parametrize(
    "words",
    ["lint nowhere.json", "lnt", "lint --formt x", "rule NO1", "simulate nowhere.json", "diff a b"],
)
def test_an_error_is_one_line_of_json(capfd: pytest.CaptureFixture[str], words: str) -> None:
    """Also where the command line is not understood; message, help and exit code."""
    for given in (["--log-format", "json"], ["--log-format=json"]):
        assert exit_code_of(lambda given=given: run([*words.split(), *given])) == 2
        said = capfd.readouterr()
        (line,) = lines_of(said.err)
        assert (line["level"], line["event"], line["exit_code"]) == ("error", "error", 2)
        assert line["help"]
        assert said.out == ""


def test_a_fault_of_ours_is_one_line_of_json(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the traceback inside, and exit code 3."""

    def fails() -> int:
        console.configure(as_json=True)
        raise RuntimeError("planted")

    monkeypatch.setattr(sys, "argv", ["ppodiag", "lint"])
    assert exit_code_of(fails) == 3
    (line,) = lines_of(capfd.readouterr().err)
    assert line["event"] == "internal_error"
    assert "RuntimeError: planted" in str(line["traceback"])
    assert "Python 3." in str(line["about"])


def test_a_warning_of_python_is_a_line_of_json(capfd: pytest.CaptureFixture[str]) -> None:
    """So that every line of such a log can be read; as text it is Python's own."""

    @click.command("warns", cls=Verb)
    def warns() -> None:
        warnings.simplefilter("always")
        warnings.warn("planted", RuntimeWarning, stacklevel=1)

    invoke(warns, ["--log-format", "json"], "warns")
    (line,) = lines_of(capfd.readouterr().err)
    assert (line["event"], line["message"]) == ("warning", "RuntimeWarning: planted")
    with pytest.warns(RuntimeWarning, match="planted"):
        invoke(warns, [], "warns")


class Clock:
    """Seconds that a test sets."""

    now = 50.0

    def monotonic(self) -> float:
        return self.now


def counted(clock: Clock, steps: int, seconds: float) -> bool:
    """Count that far, so many seconds a step; whether anybody wanted to know."""
    with progress.counter("points") as show:
        for done in range(1, steps + 1):
            clock.now += seconds
            if show is not None:
                show(done, steps)
    return show is not None


@pytest.mark.parametrize(
    ("terminal", "options", "lines"),
    [
        (True, {}, 4),  # at 2, 3, 4 and 5 s
        (True, {"quiet": True}, 0),
        (True, {"progress": False}, 0),
        (False, {}, 0),
        (False, {"verbose": True}, 0),  # a line every ten seconds, and all took five
        (False, {"as_json": True}, 5),
        (False, {"as_json": True, "progress": False}, 0),
        (False, {"as_json": True, "quiet": True}, 0),
    ],
)
def test_progress(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, options: dict[str, bool], lines: int
) -> None:
    """On a terminal once two seconds have passed; in a pipe only as JSON, once a second."""
    clock, err = Clock(), Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(progress, "time", clock)
    monkeypatch.setattr(sys, "stderr", err)
    console.configure(**options)
    counted(clock, 5, 1.0)
    if terminal:
        shown = [part for part in err.getvalue().split("\r") if part.strip()]
        assert len(shown) == lines
        assert not shown or shown[0].startswith("2 of 5 points, 3 s left")
        assert not shown or err.getvalue().endswith("\r")
    else:
        assert len(err.getvalue().splitlines()) == lines
        if options.get("as_json"):
            said = lines_of(err.getvalue())
            assert [line["done"] for line in said] == list(range(1, lines + 1))


def test_progress_in_a_pipe_if_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --verbose a line every ten seconds: five of ten points of five seconds each."""
    clock, err = Clock(), io.StringIO()
    monkeypatch.setattr(progress, "time", clock)
    monkeypatch.setattr(sys, "stderr", err)
    console.configure(verbose=True)
    counted(clock, 10, 5.0)
    assert [line.partition(",")[0] for line in err.getvalue().splitlines()] == [
        f"{done} of 10 points" for done in (2, 4, 6, 8, 10)
    ]


def test_what_does_not_tell_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its seconds are shown on a terminal and as JSON, and nothing in a pipe; the line is gone at the end."""
    monkeypatch.setattr(progress, "FIRST_AFTER", 0.0)
    monkeypatch.setattr(progress, "EVERY_AS_JSON", 0.05)
    monkeypatch.setattr(progress, "LOOK", 0.01)
    shown = []
    for err, as_json in ((Terminal(), False), (io.StringIO(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", err)
        console.configure(as_json=as_json)
        with progress.ticking("run 1 of 1: runs/17"):
            end = time.monotonic() + 20
            while not err.getvalue() and (as_json or err.isatty()) and time.monotonic() < end:
                time.sleep(0.01)
        shown.append(err.getvalue())
    assert shown[0].startswith("\rrun 1 of 1: runs/17, 0 s")
    assert shown[0].endswith(" \r")
    assert lines_of(shown[1])[0]["message"] == "run 1 of 1: runs/17, 0 s"
    assert shown[2] == ""


def test_many_files_in_processes_show_progress(tmp_path: Path) -> None:
    """The linter tells how far it is, whether files are linted here or in several processes."""
    from ppodiag.files import Target
    from ppodiag.options import Options
    from ppodiag.rules.loader import fast_rules
    from ppodiag.runner import MANY, Request, lint_targets

    path = str(write(tmp_path / "a.json"))
    targets = [Target(path, True)] * (MANY + 200)
    for jobs in (1, 2):
        told: list[tuple[int, int]] = []
        lint_targets(
            targets, Request(Options()), fast_rules(), jobs=jobs,
            progress=lambda done, whole, told=told: told.append((done, whole)),
        )  # fmt: skip
        assert len(told) >= 3
        assert told[-1] == (len(targets), len(targets))
        assert [done for done, _ in told] == sorted({done for done, _ in told})


@pytest.mark.parametrize(
    ("options", "env", "coloured"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["--color", "auto"], {"FORCE_COLOR": "1"}, True),
    ],
)
def test_colour_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, options: list[str], env: dict[str, str], coloured: bool
) -> None:
    """--color decides, then NO_COLOR, then FORCE_COLOR; a pipe alone has none."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert invoke(cli, ["schema", "--settings", *options], "ppodiag") == 0
    assert console.wants_colour() == coloured


def test_colour_reaches_the_report(ppodiag: Run) -> None:
    """Also of a plain `lint PATH`; not the file of --output."""
    plain = ppodiag("lint", ROOT / "examples" / "ill.json", FORCE_COLOR="1")
    assert "\x1b[31;1merror[LR111]" in plain.stdout
    clicked = ppodiag("lint", ROOT / "examples" / "ill.json", "--color", "always")
    assert clicked.stdout == plain.stdout


def test_never_is_never_on_a_terminal(tmp_path: Path) -> None:
    """--color never on a terminal, with FORCE_COLOR too; a file has none with `auto`."""
    parent, child = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "ppodiag", "lint", "examples/ill.json", "--color", "never"],
        cwd=ROOT,
        stdout=child,
        env={**os.environ, "FORCE_COLOR": "1", "TERM": "xterm"},
        check=False,
    )
    os.close(child)
    assert b"\x1b[" not in os.read(parent, 4096)
    os.close(parent)


def test_wrong_values_of_common_options() -> None:
    """They are refused as any other's."""
    for words in (["--color", "blue"], ["--log-format", "xml"]):
        with pytest.raises(UsageError) as error:
            invoke(cli, ["lint", "a.json", *words], "ppodiag")
        assert error.value.message.startswith(words[0])
