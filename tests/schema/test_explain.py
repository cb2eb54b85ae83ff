"""What is wrong by the schema: one finding for one fault, at its place, in plain words."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppodiag._generated.accept import accept
from ppodiag.case import ABSENT
from ppodiag.finding import Finding, Severity
from ppodiag.healthy import with_changes
from ppodiag.schema.explain import explain
from tests.test_properties import configurations

ABS = "advanced_optimization.adaptive_batch_size"


def only(changes: dict[str, Any], **kwargs: Any) -> Finding:
    (finding,) = explain(with_changes(changes), **kwargs)
    return finding


def in_short(findings: list[Finding]) -> list[tuple[str, str]]:
    return sorted((f.code, f.pointer) for f in findings)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ppo_config.epochs": True}, "epochs must be a whole number, not the boolean true"),
        ({"ppo_config.epochs": 2.5}, "epochs must be a whole number, not the number 2.5"),
        (
            {"training.ppo_requests": None},
            "ppo_requests must be a whole number (environment steps), not the value null",
        ),
        (
            {"ppo_config.max_grad_norm": "x"},
            'max_grad_norm must be a number or null, not the string "x"',
        ),
        (
            {"ppo_config.stabilization_steps": -1},
            "stabilization_steps is -1; it must be at least 0 (environment steps)",
        ),
        ({"ppo_config.gamma": 2}, "gamma is 2; it must be at most 1"),
        ({"ppo_config": ABSENT}, "the required key ppo_config is missing (PPO update)"),
        (
            {"curriculum_learning": {"stages": [{"duration_requests": 1}, 3]}},
            "stages[1] must be an object, not the number 3",
        ),
        (
            {f"{ABS}": {"enable": "true"}},
            'enable must be true or false, not the string "true"',
        ),
        (
            {"ppo_config.epochs": -(10**5000)},
            "epochs is of thousands of digits; it must be at least 1",
        ),
    ],
)
def test_messages(changes: dict[str, Any], message: str) -> None:
    """A message names the key, the value seen, the value expected and its unit."""
    assert only(changes).message == message


@pytest.mark.parametrize(
    ("changes", "edit"),
    [
        ({"ppo_config.epochs": " 8 "}, "8"),
        ({"ppo_config.epochs": "2.5"}, None),  # a number, but no whole one
        ({"ppo_config.epochs": "-8"}, None),  # out of range
        ({"ppo_config.lr": "3e-4"}, "3e-4"),
        ({"ppo_config.lr": "NaN"}, None),
        ({"ppo_config.lr": "1e999"}, None),
        ({"ppo_config.lr": "true"}, None),
        ({f"{ABS}": {"enable": "False"}}, "false"),
        ({f"{ABS}": {"enable": "yes"}}, None),
    ],
)
def test_quotes_are_taken_off_what_is_then_valid(changes: dict[str, Any], edit: str | None) -> None:
    """A value in quotes has a safe fix where it is valid without them, and none elsewhere."""
    fix = only(changes).fix
    assert (fix.edits[0].text if fix else None) == edit
    assert fix is None or fix.safe


def test_renames() -> None:
    """A typo of a required key is one finding: SCH104 in the strict block, SCH105 in another."""
    strict = only({f"{ABS}": {"enable": True, "min_batch_siez": 8, "max_batch_size": 16,
                              "adaptation_rate": 0.1}})  # fmt: skip
    assert (strict.code, strict.severity) == ("SCH104", Severity.ERROR)
    assert strict.message == (
        '"min_batch_siez" is no key of adaptive_batch_size, and the required min_batch_size is '
        "missing; did you mean min_batch_size?"
    )
    open_ = only({"ppo_config.epohcs": 4, "ppo_config.epochs": ABSENT})
    assert (open_.code, open_.severity, open_.target) == ("SCH105", Severity.ERROR, "key")
    assert open_.fix is not None
    assert [(e.pointer, e.text, e.target) for e in open_.fix.edits] == [
        ("/ppo_config/epohcs", '"epochs"', "key")
    ]
    optional = only({"ppo_config.gama": 0.9, "ppo_config.gamma": ABSENT})
    assert (optional.code, optional.severity) == ("SCH105", Severity.WARNING)


def test_a_rename_that_brings_a_new_fault_is_not_offered() -> None:
    """Where the value could not stand under the key that is meant, there is advice and no fix."""
    finding = only({"ppo_config.epohcs": "many", "ppo_config.epochs": ABSENT})
    assert (finding.code, finding.fix) == ("SCH105", None)
    block = only({"advanced_optimization": {"gradient_optimisation": 3}})
    assert (block.code, block.fix) == ("SCH104", None)


def test_ambiguous_names_are_not_renamed_safely() -> None:
    """Another trainer's batch_size may be the rollout: that rename is the author's choice."""
    finding = only({"ppo_config.batch_size": 64, "ppo_config.minibatch_size": ABSENT})
    assert finding.remedy == (
        "write minibatch_size in the place of batch_size, if the minibatch size is meant"
    )
    assert finding.fix is not None
    assert not finding.fix.safe
    certain = only({"ppo_config.learning_rate": 1e-3, "ppo_config.lr": ABSENT}).fix
    assert certain is not None
    assert certain.safe


def test_two_typos_of_one_key_are_not_both_renamed() -> None:
    """Only one of two keys can become the third; the other is unknown all the same."""
    found = explain(
        with_changes({"advanced_optimization.gradient_optimization": {
            "acumulation_steps": 1, "accumulation_step": 2}})
    )  # fmt: skip
    assert [f.code for f in found] == ["SCH104", "SCH104"]
    assert len([f for f in found if f.fix]) == 1


def test_nothing_is_claimed_about_what_could_not_be_read() -> None:
    """No rename to a key that was lost, or may stand in the damaged part of its block."""
    open_ = with_changes({"ppo_config.epohcs": 4, "ppo_config.epochs": ABSENT})
    assert explain(open_, lost=frozenset(["/ppo_config/epochs"])) == []
    assert explain(open_, damaged=frozenset(["/ppo_config"])) == []
    block = "/advanced_optimization/gradient_optimization"
    strict = with_changes({"advanced_optimization.gradient_optimization": {"acumulation_steps": 1}})
    (finding,) = explain(strict, damaged=frozenset([block]))
    assert finding.code == "SCH104"
    assert finding.fix is None
    assert "did you mean" not in finding.message


@pytest.mark.parametrize(
    ("own", "pointer", "message"),
    [
        (3, "", '"$ppodiag" must be an object, not the number 3'),
        (
            {"profil": "note"},
            "",
            '"$ppodiag" holds an unknown key: "profil"; did you mean profile?',
        ),
        ({"profile": 1}, "/profile", 'profile in "$ppodiag" must be a string, not the number 1'),
        (
            {"ignore": {"LR1": 5}},
            "/ignore/LR1",
            'LR1 in "$ppodiag" must be an object, not the number 5',
        ),
        (
            {"ignore": {"LR1": {"raeson": "x"}}},
            "/ignore/LR1",
            'LR1 in "$ppodiag" holds an unknown key: "raeson"; did you mean reason?',
        ),
        (
            {"ignore": {"LR1": [{"reason": "x"}, {"reason": "x", "at": "lr"}]}},
            "/ignore/LR1/1/at",
            'at in "$ppodiag" is "lr"; expected something like "/ppo_config/lr"',
        ),
    ],
)
def test_reserved_object(own: Any, pointer: str, message: str) -> None:
    """A fault inside `$ppodiag` is SCH108 at its place, the options of `anyOf` left out."""
    finding = only({"$ppodiag": own})
    assert (finding.code, finding.pointer) == ("SCH108", f"/$ppodiag{pointer}")
    assert finding.message == message


def test_free_text_is_free_everywhere() -> None:
    """`comment` and keys that begin with `_` or `$` take anything, in strict blocks too."""
    text = {"comment": [1], "_why": {}, "$x": None}
    own = {**text, "ignore": {**text, "LR103": {"reason": "x", **text}}}
    assert explain(with_changes({"$ppodiag": own, "$y": 1, "comment": 5})) == []
    changes = {f"{ABS}": dict(text), "advanced_optimization.comment": 3, "ppo_config._lr": "x"}
    assert explain(with_changes(changes)) == []


def test_schedule_keys_without_effect() -> None:
    """A linear schedule uses no restart_period, a constant one no floor either: SCH107, a warning."""
    for kind, unused in (
        ("cosine_annealing_with_warmup", []),
        ("linear", ["restart_period"]),
        ("constant", ["min_lr_ratio", "restart_period"]),
    ):
        block = {"type": kind, "warmup_steps": 5, "min_lr_ratio": 0.1, "restart_period": 9}
        found = explain(with_changes({"advanced_optimization.learning_rate_schedule": block}))
        assert sorted(f.pointer.rsplit("/", 1)[1] for f in found) == unused
        assert {(f.code, f.severity) for f in found} <= {("SCH107", Severity.WARNING)}


@pytest.mark.parametrize("at", ["ppo_config.lr", "my_block", "advanced_optimization.x", "$ppodiag"])
def test_depth_is_harmless(at: str) -> None:
    """100,000 levels anywhere raise nothing; where a number belongs they are a wrong type."""
    deep: Any = {}
    for _ in range(50_000):
        deep = [{"a": deep}]
    value = with_changes({at: 0})  # it copies by recursion, so the depth is put in afterwards
    *path, key = at.split(".")
    block = value
    for part in path:
        block = block[part]
    block[key] = deep
    found = explain(value)
    codes = {"ppo_config.lr": "SCH101", "advanced_optimization.x": "SCH104", "$ppodiag": "SCH108"}
    assert [f.code for f in found] == ([codes[at]] if at in codes else [])


@given(configurations())
@settings(max_examples=150)
def test_findings_and_verdict_agree(value: dict[str, Any]) -> None:
    """An error is found exactly where the verdict is no; a place and code are named once."""
    found = explain(value)
    assert any(f.severity is Severity.ERROR for f in found) == (not accept(value))
    places = [(f.pointer, f.target) for f in found]
    assert len(places) == len(set(places))
    for finding in found:
        assert finding.remedy
        assert len(finding.message) < 300


@given(configurations(), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_the_order_of_keys_changes_nothing(value: dict[str, Any], chance: random.Random) -> None:
    """The same findings come of the same keys in another order; the value itself stays as it is."""

    def shuffled(node: Any) -> Any:
        if not isinstance(node, dict):
            return [shuffled(item) for item in node] if isinstance(node, list) else node
        keys = list(node)
        chance.shuffle(keys)
        return {key: shuffled(node[key]) for key in keys}

    original = copy.deepcopy(value)
    assert in_short(explain(value)) == in_short(explain(shuffled(value)))
    assert value == original
