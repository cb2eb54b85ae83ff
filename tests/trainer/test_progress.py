"""The line that shows how far a run is."""

from __future__ import annotations

import io
from typing import Any

import pytest

from ppodiag.commands.console import Console, configure
from reference_trainer.progress import ProgressLine
from tests.trainer.configs import small, trainer


class Terminal(io.StringIO):
    """A standard error that somebody watches."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that a test sets."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setenv("COLUMNS", "100")  # the line is cut to the terminal
    monkeypatch.setattr("reference_trainer.progress.time", made)
    monkeypatch.setattr("ppodiag.commands.progress.time", made)
    monkeypatch.setattr("ppodiag.commands.console._console", Console())
    return made


def trained(line: ProgressLine, clock: Clock, seconds: float, **ppo: Any) -> None:
    """Four updates of 128 env steps, so many seconds apart."""
    made = trainer(small(**ppo))
    while not made.done:
        clock.now += seconds
        line(made, made.step())


def test_the_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Steps, rate, return, LR, B, KL and time left: 128 env steps each 2 s leave 2 s after three."""
    err = Terminal()
    monkeypatch.setattr("sys.stderr", err)
    line = ProgressLine()
    trained(line, clock, 2.0)
    shown = [text.rstrip() for text in err.getvalue().split("\r")[1:]]
    assert len(shown) == 4
    steps, rate, episode, lr, size, kl, left = shown[2].split(", ")
    assert (steps, rate, lr, size) == ("384 of 512 env steps", "64/s", "LR 0.001", "B 32")
    assert (episode[:7], kl[:3], left) == ("return ", "KL ", "2 s left")
    line.close()
    *_, gone, last = err.getvalue().split("\r")
    assert not gone.strip()
    assert len(gone) >= len(shown[-1])
    assert last == ""


def test_seeds_that_share_the_time_are_counted_in_the_rate(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """Steps and time left are those of each seed, the rate is their sum: 3 × 128 env steps in 2 s."""
    err = Terminal()
    monkeypatch.setattr("sys.stderr", err)
    line, made = ProgressLine(), trainer(small(), (0, 1, 2))
    while not made.done:
        clock.now += 2.0
        line(made, made.step())
    steps, rate, *_, left = err.getvalue().split("\r")[2].rstrip().split(", ")
    assert (steps, rate, left) == ("256 of 512 env steps", "192/s by 3 seeds", "4 s left")


def test_the_first_update_tells_no_rate(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """What is loaded and compiled in it would make a false one; so no time left either."""
    err = Terminal()
    monkeypatch.setattr("sys.stderr", err)
    trained(ProgressLine(), clock, 2.0)
    first = err.getvalue().split("\r")[1]
    assert first.startswith("128 of 512 env steps, return ")
    assert "left" not in first


def test_what_has_no_value_is_left_out(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """While updates are skipped there is neither a learning rate nor a KL."""
    err = Terminal()
    monkeypatch.setattr("sys.stderr", err)
    trained(ProgressLine(), clock, 1.0, stabilization_steps=256)
    first = err.getvalue().split("\r")[1]
    assert "LR" not in first
    assert "KL" not in first
    assert "nan" not in err.getvalue()


def test_nothing_in_a_pipe_unless_asked(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Asked for, a line every ten seconds: updates come each 6 s, so after two and after four."""
    err = io.StringIO()
    monkeypatch.setattr("sys.stderr", err)
    trained(ProgressLine(), clock, 6.0)
    assert err.getvalue() == ""
    configure(verbose=True)
    trained(ProgressLine(), clock, 6.0)
    lines = err.getvalue().splitlines()
    assert [text.partition(",")[0] for text in lines] == [
        "256 of 512 env steps", "512 of 512 env steps"
    ]  # fmt: skip
    assert "\r" not in err.getvalue()
