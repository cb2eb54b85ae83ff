"""Values in messages, and values too deep or too long to be handed on."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ppodiag.schema.values import MOST_BITS, MOST_DEPTH, prune, show
from tests.test_properties import values


def depth_of(value: Any) -> int:
    depth = 0
    while isinstance(value, dict | list) and value:
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
        depth += 1
    return depth


def test_show() -> None:
    """A value is shown as JSON, a container by its kind, a long one abbreviated to 40 characters."""
    assert [show(v) for v in (None, True, 1000.0, "ä", {}, [], {"a": 1}, [1])] == [
        "null", "true", "1000.0", '"ä"', "{}", "[]", "{…}", "[…]",
    ]  # fmt: skip
    assert show("x" * 100) == '"' + "x" * 37 + '…"'
    assert show(10**5000) == "of thousands of digits"


@given(values)
def test_show_is_short(value: Any) -> None:
    """Nothing is shown in more than 40 characters."""
    assert len(show(value)) <= 40


@given(st.dictionaries(st.text(max_size=3), values, max_size=4))
def test_ordinary_values_are_handed_on_as_they_are(value: dict[str, Any]) -> None:
    """What is neither deep nor long is not even copied."""
    assert prune(value) is value


def test_prune() -> None:
    """A deep value is cut off to little more than MOST_DEPTH, a huge number to one that prints."""
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    value = {"a": deep, "b": [1, {"c": "x"}], "d": -(10**9999), "e": True}
    pruned = prune(value)
    assert MOST_DEPTH <= depth_of(pruned["a"]) <= MOST_DEPTH + 2
    assert pruned["b"] == value["b"]
    assert pruned["e"] is True
    assert pruned["d"] < 0
    assert pruned["d"].bit_length() == MOST_BITS + 2
    assert len(str(pruned["d"])) < 4300
    assert value["a"] is deep
