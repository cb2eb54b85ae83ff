"""YAML 1.2: values, places, comments, and what is not supported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ppodiag
from ppodiag.source.document import Document
from ppodiag.source.reader import read_document


def read(text: str) -> Document:
    return read_document(text.encode(), "x.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4), ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("-12", -12), ("+3", 3),
        ("0o17", 15), ("0x1F", 31), ("017", 17), ("1_000", "1_000"), ("yes", "yes"),
        ("off", "off"), ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ('"1"', "1"), ("'true'", "true"), ("2027-01-01", "2027-01-01"), ("1:30", "1:30"),
        ("[1, two]", [1, "two"]), ("{a: 1}", {"a": 1}),
    ],
)  # fmt: skip
def test_values_of_yaml_12(text: str, value: Any) -> None:
    """Plain scalars resolve by the core schema of YAML 1.2, not by that of 1.1."""
    document = read(f"a: {text}\n")
    assert document.problems == ()
    assert repr(document.value) == repr({"a": value})


def test_places() -> None:
    """Keys and values have the places of their text."""
    document = read("ppo_config:\n  lr: 1e-2 # high\n  'epochs': 4\n")
    span = document.span("/ppo_config/lr")
    assert (span.start_line, span.start_column, span.end_column) == (2, 7, 11)
    assert document.span("/ppo_config/epochs", "key").start_column == 3
    assert [c.text for c in document.comments] == ["# high"]


def test_a_hash_in_a_string_is_no_comment() -> None:
    """# inside a scalar, or not behind white space, is text."""
    assert read('a: "x # y"\nb: c#d\n').comments == ()


@pytest.mark.parametrize(
    ("text", "code", "piece"),
    [
        ("a: 1\na: 2\n", "SYN002", "first on line 1"),
        ("a: .inf\n", "SYN003", ".inf is not a finite number"),
        ("a: 1e999\n", "SYN004", "too large"),
        ("- 1\n", "SYN005", "no mapping"),
        ("a: [1\n", "SYN001", "no YAML"),
        ("a: \x07\n", "SYN001", "no YAML"),
        ("", "SYN001", "empty"),
        ("a: 1\n---\nb: 2\n", "SYN001", "second document"),
        ("a: &x {b: 1}\nc: {<<: *x}\n", "SYN001", "merge keys"),
        ("1: 2\n", "SYN001", "the key 1 is no string"),
        ("? [1]\n: 2\n", "SYN001", "a key must be a word"),
        ("a: !!python/object:os.system x\n", "SYN001", "has no meaning here"),
        ("a: &x [*x]\n", "SYN001", "an alias holds itself"),
    ],
)
def test_faults(text: str, code: str, piece: str) -> None:
    """Each fault has its code and its words."""
    problems = read(text).problems
    assert code in [p.code for p in problems]
    assert any(piece in p.message for p in problems), problems


def test_a_bomb_of_aliases() -> None:
    """Aliases that double at every level end in one finding, not in exhausted memory."""
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
    problems = read("\n".join(lines)).problems
    assert "larger than any configuration" in problems[0].message


def test_deep_nesting() -> None:
    """Nesting that the parser cannot follow is a finding."""
    assert "nested too deeply" in read("a: " + "[" * 5000 + "]" * 5000).problems[0].message


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=4),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8)
            | st.floats(allow_nan=False, allow_infinity=False),
            lambda inner: st.lists(inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    )
)  # fmt: skip
def test_json_is_yaml(value: dict[str, Any]) -> None:
    """A JSON text is read as the same value when it is named .yaml."""
    document = read_document(json.dumps(value).encode(), "x.yaml")
    assert document.problems == ()
    assert repr(document.value) == repr(value)


def test_findings_and_suppressions_in_yaml() -> None:
    """A YAML file is linted with places, and a comment on the line suppresses with its reason."""
    base = "ppo_config:\n  lr: 1e-2{}\n  epochs: 4\n  rollout_len: 128\n  minibatch_size: 64\n"
    base += "  max_grad_norm: 0.5\n"
    report = ppodiag.lint(base.format(""), filename="x.yaml")
    assert [(d.code, d.span.start_line) for d in report.diagnostics] == [("LR111", 2)]
    quiet = ppodiag.lint(
        base.format("  # ppodiag: ignore[LR111]: as in the paper"), filename="x.yaml"
    )
    assert quiet.diagnostics == ()
    above = base.format("").replace("  lr", "  # ppodiag: ignore[LR111] until 2999-01-01: x\n  lr")
    assert ppodiag.lint(above, filename="x.yaml").diagnostics == ()
    bare = ppodiag.lint(base.format("  # ppodiag: ignore[LR111]"), filename="x.yaml")
    assert [d.code for d in bare.diagnostics] == ["SUP003"]
