"""Forecasts of the healthy example with some keys changed, as tests of pictures and tables need them."""

from __future__ import annotations

import json
from typing import Any

from ppodiag.forecast import Forecast, forecast, norms_for
from ppodiag.healthy import with_changes
from ppodiag.options import Options
from ppodiag.profile import parse_profile

ABS = "advanced_optimization.adaptive_batch_size"
LRS = "advanced_optimization.learning_rate_schedule"


def forecast_of(
    changes: dict[str, Any],
    path: str = "ppo.json",
    *,
    profile: str = "note",
    norms: str | None = None,
    seeds: int = 2,
) -> Forecast:
    """The forecast that `ppodiag simulate` makes of a file with these changes."""
    data = json.dumps(with_changes(changes)).encode()
    options = Options(profile=parse_profile(profile))
    source_for = norms_for(norms) if norms else None
    return forecast(data, path, options, source_for=source_for, seeds=seeds)
