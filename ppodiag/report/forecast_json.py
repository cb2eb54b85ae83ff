"""Forecasts as JSON, for other programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from ppodiag import __version__
from ppodiag.errors import UsageError
from ppodiag.forecast import Forecast
from ppodiag.norms.model import NormModel
from ppodiag.report.json import finding

MOST_ROWS = 1_000_000
"""Rows that one JSON document holds; CSV and Parquet have no limit."""


def render_json(forecasts: Sequence[Forecast], every: str | None) -> str:
    """One object: version, and one entry a run; with rows where `every` is given."""
    runs = [_run(forecast, every) for forecast in forecasts]
    document = {"version": 1, "ppodiag": __version__, "runs": runs}
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _run(forecast: Forecast, every: str | None) -> dict[str, Any]:
    t = forecast.trajectory
    run: dict[str, Any] = {
        "file": forecast.path,
        "profile": t.profile.name,
        "profile_declared": t.context.profile_declared,
        "norms": None if t.source is None else t.source.describe(),
        "norms_assumed": isinstance(t.source, NormModel) and t.source.assumed,
        "seeds": list(t.seeds) if t.source is not None else [],
        "steps_are_upper_bounds": t.steps_are_upper_bounds,
        "figures": forecast.outline.plain(),
        "notes": [*forecast.notes, *forecast.outline.notes],
        "findings": [finding(d) for d in forecast.findings],
        "lint": [finding(d) for d in forecast.linted],
    }
    if every is not None:
        run["every"] = every
        run["rows"] = _rows(forecast, every)
    return run


def _rows(forecast: Forecast, every: str) -> dict[str, list[Any]]:
    """Column name to values; a number that JSON does not know is null."""
    columns: dict[str, list[Any]] = {}
    rows = 0
    for part in forecast.trajectory.rows(every):
        rows += len(part["update"])
        if rows > MOST_ROWS:
            raise UsageError(
                f"JSON would hold more than {MOST_ROWS:,} rows", "use --format csv or parquet"
            )
        for name, values in part.items():
            columns.setdefault(name, []).extend(
                None if isinstance(v, float) and not math.isfinite(v) else v
                for v in values.tolist()
            )
    return columns
