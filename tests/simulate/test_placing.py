"""Rows of a record are placed by their steps, and what is assumed is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ppodiag.norms.placing import Plan, place
from ppodiag.norms.recorded import read_norms

PLAN = Plan(samples=512, skipped=2)


@pytest.mark.parametrize(
    ("steps", "unit", "updates", "said"),
    [
        ([1536, 2048, 2560], "env_steps", [0, 1, 2], ""),
        # R = 512: a distance of 1,536 is three updates.
        ([1536, 2048, 3584], "env_steps", [0, 1, 4], "known of 3 of the 5 updates"),
        ([1536, 1536, 2048, 2048], "env_steps", [0, 0, 1, 1], "4 rows stand at 2 steps"),
        ([3, 5, 6], "updates", [0, 2, 3], "known of 3 of the 4 updates"),
        ([0, 1, 2], None, [0, 1, 2], ""),
        ([0, 700, 1400, 2800], None, [0, 1, 2, 4], "known of 4 of the 5 updates"),
        ([700, 1400, 2100], "env_steps", [0, 1, 2], "700 env steps apart and the plan's rollouts have 512"),
        ([700, 1400, 2003], None, [0, 1, 2], "do not tell which update a row belongs to"),
        ([40, 41], "updates", [0, 1], "begins at update 40"),
        ([51200, 51712], "env_steps", [0, 1], "begins at env step 51,200"),
        ([7], "updates", [0], "begins at update 7"),
    ],
)  # fmt: skip
def test_rows_are_placed_by_their_steps(
    steps: list[int], unit: str | None, updates: list[int], said: str
) -> None:
    """Gaps are kept, rows of one step go together, and what the steps do not tell is said."""
    found = place(np.array(steps), unit, PLAN)  # type: ignore[arg-type]  # the literal's words
    assert found.rows.tolist() == list(range(len(steps)))
    assert found.updates.tolist() == updates
    assert said in " ".join(found.notes)
    assert bool(found.notes) == bool(said)


def test_a_run_that_went_back() -> None:
    """Rows at and after the step that a resumed run went back to are superseded."""
    found = place(np.array([1, 2, 3, 4, 3, 4, 5]), "updates", PLAN)
    assert found.rows.tolist() == [0, 1, 4, 5, 6]
    assert found.updates.tolist() == [0, 1, 2, 3, 4]
    assert found.notes == ("2 rows are left out: the run went back before their steps",)


def test_means_and_last_values() -> None:
    """The norm of an update is the mean of its finite rows, a size the last of them."""
    found = place(np.array([1, 1, 1, 3]), "updates", PLAN)
    values = np.array([1.0, np.nan, 2.0, 5.0])
    assert found.mean(values).tolist() == [1.5, pytest.approx(np.nan, nan_ok=True), 5.0]
    assert found.last(values).tolist() == [2.0, pytest.approx(np.nan, nan_ok=True), 5.0]


def test_a_record_with_gaps_and_damage(tmp_path: Path) -> None:
    """Norms stand at their updates, and the reader's notes on damage are handed on."""
    rows = [{"update": k, "pg_grad_norm": float(k), "minibatch_size": 64} for k in (0, 1, 1, 4)]
    path = tmp_path / "run.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{no object\n")
    replay = read_norms(str(path), PLAN)
    assert np.array_equal(replay.norms, [0, 1, np.nan, np.nan, 4], equal_nan=True)
    assert replay.sizes is not None
    assert np.array_equal(replay.sizes, [64, 64, np.nan, np.nan, 64], equal_nan=True)
    assert any("line 5" in note and str(path) in note for note in replay.notes)
    assert any("4 rows stand at 3 steps" in note for note in replay.notes)
    assert read_norms(str(path)).norms.tolist() == [0, 1, 1, 4]
