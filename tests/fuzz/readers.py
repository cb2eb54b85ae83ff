"""Every reader of the project, called as the commands call it; a file goes in, nothing but UsageError comes out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

import tests.fuzz.files as f
from ppodiag.errors import UsageError
from ppodiag.options import Options
from tests.fuzz import record_readers as r
from tests.fuzz.files import EXAMPLES
from tests.fuzz.record_readers import written

Read = Callable[[str, bytes], None]
"""Takes an empty folder to work in, and the bytes of the file."""

TORCH = 12_000
"""MiB of address space that a process with torch takes before it reads anything, and as much again."""

OPTIONS = Options(today=date(2026, 1, 1))


@dataclass(frozen=True)
class Reader:
    """A reader and what it is fed.

    Attributes:
        read: reads the bytes as a file of its kind.
        seeds: good files.
        pieces: of such files, put where they do not belong.
        bombs: files that are small and ask for much, by name.
        memory: MiB of address space that it gets.
    """

    read: Read
    seeds: Callable[[], tuple[bytes, ...]]
    pieces: tuple[bytes, ...] = ()
    bombs: Callable[[], dict[str, bytes]] = dict
    memory: int = 1200


def _lint(name: str) -> Read:
    def read(folder: str, data: bytes) -> None:
        from ppodiag.finding import Severity
        from ppodiag.fix import fix_bytes
        from ppodiag.linter import lint_bytes
        from ppodiag.report import FORMATS, Style, renderer
        from ppodiag.result import Report
        from ppodiag.rules.loader import fast_rules

        rules = fast_rules()
        lint_bytes(data, name, OPTIONS, rules)
        report = lint_bytes(data, name, replace(OPTIONS, severity=Severity.INFO), rules)
        for format_ in FORMATS:
            text = renderer(format_)(Report((report,)), Style(Severity.INFO))
            text.encode("utf-8", "backslashreplace")
        if len(data) < 100_000:
            fix_bytes(data, name, OPTIONS, rules, unsafe=True)

    return read


def _forecast(folder: str, data: bytes) -> None:
    from ppodiag.forecast import forecast
    from ppodiag.report.forecast import render_forecast

    render_forecast(forecast(data, "a.json", OPTIONS, seeds=2), False)


def _log(name: str) -> Read:
    def read(folder: str, data: bytes) -> None:
        from ppodiag.diagnosis.engine import diagnose_run
        from ppodiag.finding import Severity
        from ppodiag.report.diagnosis import render_diagnoses
        from ppodiag.rules.loader import load_run_rules
        from ppodiag.runlog import read_run

        found = diagnose_run(read_run(written(folder, name, data)), load_run_rules(), None, None)
        render_diagnoses([found], Severity.INFO, False)

    return read


def _norms(folder: str, data: bytes) -> None:
    from ppodiag.forecast import forecast, norms_for
    from ppodiag.report.forecast import render_forecast

    path = written(folder, "log.jsonl", data)
    config = (EXAMPLES / "runs" / "ppo.json").read_bytes()
    for text in (f"run:{path}", f"fit:{path}"):
        with suppress(UsageError):
            made = forecast(config, "a.json", OPTIONS, source_for=norms_for(text), seeds=2)
            render_forecast(made, False)


def _baseline(folder: str, data: bytes) -> None:
    from ppodiag.baseline import apply_baseline
    from ppodiag.linter import lint_bytes
    from ppodiag.result import Report
    from ppodiag.rules.loader import fast_rules
    from ppodiag.runner import Request

    ill = lint_bytes((EXAMPLES / "ill.json").read_bytes(), "ill.json", OPTIONS, fast_rules())
    known = written(folder, "known.json", data)
    apply_baseline(Report((ill,)), known, Request(OPTIONS), fast_rules())


def _settings(name: str) -> Read:
    def read(folder: str, data: bytes) -> None:
        from ppodiag.settings import find_settings

        written(folder, name, data)
        find_settings(folder)

    return read


def _arms(folder: str, data: bytes) -> None:
    from ppodiag.ablate.arms import read_arms

    read_arms(data, "arms.json")


def _runtime(name: str) -> Read:
    def read(folder: str, data: bytes) -> None:
        from ppodiag.linter import lint_bytes
        from ppodiag.rules.loader import fast_rules
        from ppodiag.runtime.search import search_runtime

        written(folder, f"src/{name}", data)
        options = replace(OPTIONS, runtime=search_runtime((os.path.join(folder, "src"),)))
        lint_bytes((EXAMPLES / "ill.json").read_bytes(), "ill.json", options, fast_rules())

    return read


def _toml_bombs() -> dict[str, bytes]:
    values = {
        "nested": b"[" * 50_000,
        "a number": b"9" * 100_000,
        "a string": b'"' + b"x" * 1_000_000,
    }
    named = {name: b"tool.ppodiag.a = " + value for name, value in values.items()}
    return {**named, "dots": b"tool.ppodiag" + b".a" * 20_000 + b" = 1"}


_KNOWN = b'{"version": 1, "findings": [{"path": "ill.json", "code": "LR102", "pointer": "/a", "fingerprint": "f"}]}'
_SETTINGS = (
    b'profile = "sb3"\nseverity = "info"\nselect = ["LR"]\nexclude = ["a/*"]\nbaseline = "b.json"\n'
)
_PROJECT = b'[project]\nname = "x"\n[tool.ppodiag]\nfail-on = "error"\nignore = ["BS"]\n'
_ARMS = b'{"slow": {"ppo_config.lr": 1e-5, "advanced_optimization.x": null}, "b": {}}'
_STEPS = (b"step", b"env_steps", b"\n{")

READERS = {
    "json": Reader(_lint("a.json"), lambda: (f.EVERY, f.ILL, f.SUPPRESSED), f.PIECES, f.json_bombs),
    "jsonc": Reader(_lint("a.jsonc"), lambda: (f.COMMENTED, f.SUPPRESSED), f.PIECES),
    "yaml": Reader(_lint("a.yaml"), lambda: (f.YAML,), f.PIECES, f.yaml_bombs),
    "simulated": Reader(_forecast, lambda: (f.EVERY, f.ILL, f.SUPPRESSED), f.PIECES),
    "jsonl": Reader(_log("log.jsonl"), lambda: (f.LINES,), _STEPS, f.later_bombs),
    "csv": Reader(
        _log("log.csv"), lambda: (f.TABLE, f.TABLE.replace(b",", b"\t")), (b'""', b";", b"\t", b"\r\n"),
        f.table_bombs,
    ),
    "events": Reader(_log("events.out.tfevents.1"), f.events, (), f.event_bombs),
    "norms": Reader(_norms, lambda: (f.LINES,), _STEPS, f.later_bombs),
    "baseline": Reader(_baseline, lambda: (_KNOWN,), (b'"findings"', b'"version"', b"[1]"), f.json_bombs),
    "ppodiag.toml": Reader(
        _settings("ppodiag.toml"), lambda: (_SETTINGS,), (b"[[a]]", b"a.b.c = 1", b"1979-05-27T07:32:00Z", b"inf"),
        _toml_bombs,
    ),
    "pyproject.toml": Reader(
        _settings("pyproject.toml"), lambda: (_PROJECT,), (b"[tool]", b"tool.ppodiag = 1", b"[[tool.ppodiag]]"),
        _toml_bombs,
    ),
    "arms": Reader(_arms, lambda: (_ARMS,), (), f.json_bombs),
    "python": Reader(
        _runtime("train.py"), lambda: (f.SOURCE,), (b"cfg[", b"**", b"lambda: ", b"def f():\n", b"f'{", b"async "),
        f.source_bombs,
    ),
    "notebook": Reader(_runtime("a.ipynb"), lambda: (f.NOTEBOOK,), (b'"cells"', b'"source"', b"%%", b"!ls"), f.json_bombs),
    "result": Reader(
        r.result, lambda: (json.dumps(r.RESULT).encode(),), (b'"runs"', b'"seeds"', b'"complete"'), f.json_bombs
    ),
    "study": Reader(r.study, lambda: (json.dumps(r.STUDY).encode(),), (b'"units"', b'"format"'), f.json_bombs),
    "run.json": Reader(
        r.run_record, lambda: (json.dumps(r.RECORD).encode(),), (b'"request"', b'"seeds"', b'"overrides"'),
        f.json_bombs, memory=TORCH,
    ),
    "rows": Reader(r.rows, lambda: (r.ROWS,), _STEPS, f.later_bombs, memory=TORCH),
    "checkpoint": Reader(r.checkpoint, r.states, (), r.state_bombs, memory=TORCH),
}  # fmt: skip
