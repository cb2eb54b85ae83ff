"""Whatever a log holds, there is a diagnosis: no rule and no report fails."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ppodiag.case import ABSENT
from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.diagnosis.engine import diagnose_run
from ppodiag.diagnosis.verdicts import verdicts
from ppodiag.finding import Severity
from ppodiag.healthy import with_changes
from ppodiag.profile import NOTE
from ppodiag.report.diagnosis import render_diagnoses
from ppodiag.report.diagnosis_json import render_json, render_markdown
from ppodiag.report.html import render_html
from ppodiag.report.tags import render_tags
from ppodiag.rules.loader import load_run_rules
from ppodiag.runlog.canonical import recognise
from ppodiag.runlog.run import Run, Series
from ppodiag.runlog.tags import COLUMNS

RULES = load_run_rules()

numbers = st.one_of(
    st.floats(-10, 200),
    st.sampled_from([0.0, 1.0, math.nan, math.inf, -math.inf, 1e300, -1e300, 5e-324]),
)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    series = {}
    for name in draw(st.sets(st.sampled_from(sorted(COLUMNS)))):
        size = draw(st.sampled_from([1, 4, 16, 40]))
        pattern = draw(st.lists(numbers, min_size=1, max_size=8))
        values = np.resize(np.array(pattern), size)
        steps = draw(st.integers(0, 40_000)) + np.arange(size) * draw(st.sampled_from([0, 1, 64]))
        series[name] = Series(name, steps.astype(np.int64), values)
    found = recognise(series, None)
    return Run("x", "csv", series, found.canonical, (), found.trainer, found.step_unit)


configs = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "training.ppo_requests": st.sampled_from([0, 1000, 51200, ABSENT]),
            "ppo_config.stabilization_steps": st.sampled_from([0, 10**9]),
            "advanced_optimization.learning_rate_schedule.type": st.sampled_from(
                ["linear", "cosine_annealing_with_warmup", "constant"]
            ),
            "advanced_optimization.adaptive_batch_size.enable": st.sampled_from([False, ABSENT]),
        }
    ),
)


@settings(max_examples=120)
@given(run=runs(), changes=configs, compared=st.booleans())
def test_any_log_is_diagnosed(run: Run, changes: dict[str, Any] | None, compared: bool) -> None:
    """Numbers of every kind in every column: findings, a checklist, and every report."""
    context = None
    if changes is not None:
        value = with_changes(changes)
        context = Context(parse_config(value), NOTE, value=value)
    diagnosis = diagnose_run(run, RULES, context, run if compared else None)
    assert len(verdicts(diagnosis)) == 4
    text = render_diagnoses([diagnosis], Severity.INFO, False)
    assert max(map(len, text.splitlines())) <= 100
    render_json([diagnosis])
    render_markdown([diagnosis], Severity.INFO)
    render_html([diagnosis], {0: verdicts(diagnosis)})
    render_tags(run)
