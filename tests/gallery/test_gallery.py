"""The gallery: what is called ill is found, what is called healthy is not, and its logs are of its files."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import ppodiag
from ppodiag.diagnosis.engine import Diagnosis
from ppodiag.diagnosis.verdict_type import Verdict
from ppodiag.diagnosis.verdicts import CHECKLIST, verdicts
from ppodiag.finding import Severity
from tests.conftest import ROOT, require
from tools.demo.agreement import Update, differences, logged
from tools.gallery.rows import GALLERY, KINDS, ROWS, Row

OTHER = {"ill": "healthy", "healthy": "ill"}

by_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
by_kind = pytest.mark.parametrize("kind", KINDS)


def diagnosed(row: Row, kind: str) -> Diagnosis:
    baseline = row.log(OTHER[kind]) if row.code == "RUN941" else None
    return ppodiag.diagnose(row.log(kind), row.config(kind), baseline=baseline)


def verdict(row: Row, diagnosis: Diagnosis) -> Verdict:
    (found,) = [v for v in verdicts(diagnosis) if v.symptom == row.symptom]
    return found


def test_a_row_for_each_line_of_the_checklist() -> None:
    """Four lines, two files each with a log, and nothing else in the folder but the task."""
    assert [row.symptom for row in ROWS] == [line[0] for line in CHECKLIST]
    files = {path.relative_to(GALLERY) for path in GALLERY.rglob("*.*") if path.is_file()}
    files = {path for path in files if path.suffix != ".pyc"}
    wanted = {Path(r.name, f"{k}.{e}") for r in ROWS for k in KINDS for e in ("json", "jsonl")}
    assert files == wanted | {Path("aim.py")}


@by_row
def test_ill(row: Row) -> None:
    """The linter and the diagnosis name the fault that is on show, each by its rule."""
    report = ppodiag.lint(row.config("ill"), severity="info")
    assert row.lint in {finding.code for finding in report.diagnostics}
    diagnosis = diagnosed(row, "ill")
    worst = [f.severity for f in diagnosis.findings if f.code == row.code]
    assert worst
    assert worst[0] >= Severity.WARNING
    assert verdict(row, diagnosis).verdict.startswith(f"cause: {row.code}")


@by_row
def test_healthy(row: Row) -> None:
    """Neither has anything at warning or above, and the line of the checklist is answered with no."""
    report = ppodiag.lint(row.config("healthy"))
    assert [f.code for f in report.diagnostics if f.severity >= Severity.WARNING] == []
    diagnosis = diagnosed(row, "healthy")
    assert [f.code for f in diagnosis.findings if f.severity >= Severity.WARNING] == []
    assert verdict(row, diagnosis).verdict == "not this"


@by_row
@by_kind
def test_the_log_is_of_the_file(row: Row, kind: str) -> None:
    """Learning rate and minibatch size of each update are the forecast with the log's own norms, by ==."""
    log = logged(row.log(kind))
    trajectory = ppodiag.simulate(row.config(kind), norms=f"run:{row.log(kind)}", seeds=1)
    foretold = [
        Update(int(steps), float(lr), int(size))
        for rows in trajectory.rows("update")
        for steps, lr, size, applied in zip(
            rows["env_steps"], rows["lr_last"], rows["minibatch_size"], rows["applied"], strict=True
        )
        if applied
    ]
    assert len(log) == trajectory.updates > 20
    assert differences(log, foretold) == []


@by_row
def test_the_picture_is_of_the_logs(row: Row, tmp_path: Path) -> None:
    """Drawn again, with the versions of constraints.txt, it is the same file."""
    require(importlib.util.find_spec("matplotlib"), "matplotlib")
    import matplotlib

    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    require(f"matplotlib=={matplotlib.__version__}" in pins, "matplotlib as constraints.txt has it")
    from ppodiag.plot.style import save
    from tools.gallery.pictures import draw

    save(draw(row), str(tmp_path / "again.svg"))
    kept = ROOT / "docs" / "pictures" / f"gallery-{row.name}.svg"
    assert (tmp_path / "again.svg").read_bytes() == kept.read_bytes()
    assert kept.stat().st_size < 150_000
