"""Properties of the linter as a whole."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import ppodiag
from ppodiag.finding import Severity
from ppodiag.fix import fix_bytes
from ppodiag.full import lint_fully
from ppodiag.healthy import HEALTHY
from ppodiag.linter import lint_bytes
from ppodiag.options import Options
from ppodiag.rules.loader import fast_rules

RULES = fast_rules()
ALL = Options(severity=Severity.INFO)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, 1, 2, 64, 128, 1000, 10**15, 0.1, 0.5, 1.0, 1e-4, 1e300, -1])
    | st.text(max_size=5)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def _paths(value: Any, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [at] if at else []
    if isinstance(value, dict):
        for key, below in value.items():
            found += _paths(below, (*at, key))
    return found


FULL = copy.deepcopy(HEALTHY)
FULL["advanced_optimization"]["adaptive_batch_size"] = {
    "enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 0.1,
}  # fmt: skip
FULL["kl_regularization"] = {
    "target_kl": 0.02, "entropy_min": 0.1, "kl_ref_decay_steps": 5000, "warmup_steps": 5000,
    "early_stopping": {"enable": True, "kl_threshold": 0.1},
}  # fmt: skip
FULL["curriculum_learning"] = {"enable": True, "stages": [{"duration_requests": 10}]}
FULL["actor_critic_architecture"] = {"sequence_length": 8, "dropout": 0.1, "action_dim": 4}
FULL["ppo_config"]["entropy_schedule"] = {"enable": True, "initial": 0.01, "decay_steps": 100}
del FULL["model_dimensions"]["action_dim"]
PATHS = _paths(FULL)


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    """A whole configuration of which up to four keys have other values, any values."""
    config = copy.deepcopy(FULL)
    for path in draw(st.lists(st.sampled_from(PATHS), max_size=4)):
        block: Any = config
        for part in path[:-1]:
            block = block.get(part) if isinstance(block, dict) else None
        if isinstance(block, dict):
            if draw(st.integers(0, 5)) == 0:
                block.pop(path[-1], None)
            else:
                block[path[-1]] = draw(values)
    return config


def encode(config: Any) -> bytes:
    return json.dumps(config, indent=1).encode()


@given(configurations())
@settings(max_examples=300)
def test_never_crashes_on_any_configuration(config: dict[str, Any]) -> None:
    """Any values anywhere: a report, with every span in the file and every figure finite."""
    data = encode(config)
    report = lint_fully(data, "x.json", ALL, RULES)
    for d in report.diagnostics:
        assert 0 <= d.span.start <= d.span.end <= len(data.decode())
        assert not {"nan", "inf", "-inf"} & set(d.message.split()), d.message


@given(values)
def test_never_crashes_on_any_json(value: Any) -> None:
    """Any JSON value as the whole file: a report, never an exception."""
    lint_fully(encode(value), "x.json", ALL, RULES)


@given(st.binary(max_size=200))
def test_never_crashes_on_any_bytes(data: bytes) -> None:
    """Any bytes, as JSON, JSONC and YAML: a report, never an exception."""
    for path in ("x.json", "x.jsonc", "x.yaml"):
        lint_bytes(data, path, Options(), RULES)


@given(configurations(), st.randoms(use_true_random=False))
def test_order_of_keys_changes_nothing(config: dict[str, Any], shuffler: random.Random) -> None:
    """Shuffling the members of every object changes no finding."""

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, shuffled(below)) for key, below in value.items()]
            shuffler.shuffle(items)
            return dict(items)
        return [shuffled(v) for v in value] if isinstance(value, list) else value

    def findings(value: Any) -> list[tuple[str, str, str]]:
        report = lint_fully(encode(value), "x.json", ALL, RULES)
        return sorted((d.code, d.pointer, d.severity.word) for d in report.diagnostics)

    assert findings(config) == findings(shuffled(config))


@given(configurations())
def test_short_and_long_way_agree(config: dict[str, Any]) -> None:
    """The way of a clean file says clean exactly where the long way shows nothing."""
    data = encode(config)
    short = lint_bytes(data, "x.json", Options(), RULES)
    full = lint_fully(data, "x.json", Options(), RULES)
    assert [(d.code, d.span) for d in short.diagnostics] == [
        (d.code, d.span) for d in full.diagnostics
    ]


@given(configurations())
@settings(max_examples=60)
def test_fixing_converges_and_brings_nothing_new(config: dict[str, Any]) -> None:
    """After --unsafe-fixes a second run changes nothing, and no new warning stands in the file."""
    data = encode(config)
    before = {(d.code, d.pointer) for d in lint_bytes(data, "x.json", Options(), RULES).diagnostics}
    once = fix_bytes(data, "x.json", Options(), RULES, unsafe=True)
    twice = fix_bytes(once.data, "x.json", Options(), RULES, unsafe=True)
    assert twice.data == once.data
    after = lint_bytes(once.data, "x.json", Options(), RULES).diagnostics
    renamed = any("rename" in title for title in once.applied)
    if not renamed:
        assert {(d.code, d.pointer) for d in after} <= before


def test_deep_nesting_is_no_trouble() -> None:
    """A free block nested 100,000 deep is linted, on both ways through the linter."""
    text = json.dumps(HEALTHY)[:-1] + ', "deep": ' + '{"a":' * 100_000 + "1" + "}" * 100_001
    report = ppodiag.lint(text, severity="info")
    assert [d.code for d in report.diagnostics] == []
    deep_value = text.replace('"lr": 0.0003', '"lr": ' + "[" * 100_000 + "]" * 100_000)
    assert "SCH101" in [d.code for d in ppodiag.lint(deep_value).diagnostics]


def test_a_run_of_10_to_the_15_steps() -> None:
    """T = 10^15 is linted by closed forms."""
    report = ppodiag.lint(json.dumps(FULL), total_env_steps=10**15, severity="info")
    assert "LR101" not in [d.code for d in report.diagnostics]
