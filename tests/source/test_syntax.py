"""Syntax errors: each kind with its place, what is left of the file, and no cascades."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppodiag.source.builder import MOST_PROBLEMS
from ppodiag.source.reader import NotClean, quick_value, read_document

ONE = [
    # text, code, start, end, piece of the message, value that is left
    ('{"a":1,}', "SYN001", 6, 7, "a comma before the closing }", {"a": 1}),
    ('{"a":[1,]}', "SYN001", 7, 8, "a comma before the closing ]", {"a": [1]}),
    ('{"a" 1}', "SYN001", 3, 4, 'a colon is missing after the key "a"', {"a": 1}),
    ('{"a":1 "b":2}', "SYN001", 5, 6, "a comma is missing here", {"a": 1, "b": 2}),
    ('{"a":[1 2]}', "SYN001", 6, 7, "a comma is missing here", {"a": [1, 2]}),
    ('{"a":1,,"b":2}', "SYN001", 7, 8, "a comma too many", {"a": 1, "b": 2}),
    ('{"a":}', "SYN001", 4, 5, 'the key "a" has no value', {}),
    ('{"a":,"b":1}', "SYN001", 4, 5, "a value is missing here", {"b": 1}),
    ('{"a"}', "SYN001", 3, 4, 'the key "a" has no value', {}),
    ('{"a"=1}', "SYN001", 4, 5, "expected a colon, found =", {"a": 1}),
    ('{"a":1;"b":2}', "SYN001", 6, 7, "expected a comma, found ;", {"a": 1, "b": 2}),
    ("{a:1}", "SYN001", 1, 2, "the key a is not quoted", {"a": 1}),
    ("{'a':1}", "SYN001", 1, 4, "the key stands in single quotes", {"a": 1}),
    ("{\"a\":'b'}", "SYN001", 5, 8, "the string stands in single quotes", {"a": "b"}),
    ('{"a":True}', "SYN001", 5, 9, "True is Python, not JSON", {"a": True}),
    ('{"a":None}', "SYN001", 5, 9, "None is Python, not JSON", {"a": None}),
    ('{"a":yes}', "SYN001", 5, 8, "yes is no JSON value", {}),
    ('{"a":.5}', "SYN001", 5, 7, ".5 is no JSON number", {}),
    ('{"a":+1}', "SYN001", 5, 7, "+1 is no JSON number", {}),
    ('{"a":01}', "SYN001", 5, 7, "01 is no JSON number", {}),
    ('{"a":5.}', "SYN001", 5, 7, "5. is no JSON number", {}),
    ('{"a":1_000}', "SYN001", 5, 10, "1_000 is no JSON number", {}),
    ('{"a":0x1F}', "SYN001", 5, 9, "0x1F is no JSON number", {}),
    ('{"a":--1}', "SYN001", 5, 8, "--1 is no JSON number", {}),
    ('{"a":"\\x"}', "SYN001", 5, 9, "the escape \\x", {"a": "\\x"}),
    ('{"a":"\t"}', "SYN001", 5, 8, "control character U+0009", {"a": "\t"}),
    ('{"a":"b\n}', "SYN001", 5, 7, "the string is not closed on its line", {}),
    ('{"a":"b,\n"c":1}', "SYN001", 5, 7, "the string is not closed on its line", {"c": 1}),
    (
        '{"a":[1,2}',
        "SYN001",
        9,
        10,
        "expected ] for the array opened on line 1, column 6",
        {"a": [1, 2]},
    ),
    ('{"a":1]', "SYN001", 6, 7, "nothing is open that ] could close", {"a": 1}),
    ('{"a":1}}', "SYN001", 7, 8, "a closing } too many", {"a": 1}),
    ('{"a":1} x', "SYN001", 8, 9, "text after the end of the document", {"a": 1}),
    (
        '{"a":1',
        "SYN001",
        5,
        6,
        "the file ends inside the object opened on line 1, column 1",
        {"a": 1},
    ),
    ("", "SYN001", 0, 0, "the file is empty", {}),
    ('{"a":1} // c', "SYN001", 8, 12, "JSON has no comments", {"a": 1}),
    ('{"a":1 /* c', "SYN001", 7, 11, "the comment is not closed", {"a": 1}),
    ('{"a":1,"a":2}', "SYN002", 7, 10, "(first on line 1)", {"a": 2}),
    ('{"a":NaN}', "SYN003", 5, 8, "NaN is not JSON", {}),
    ('{"a":-Infinity}', "SYN003", 5, 14, "-Infinity is not JSON", {}),
    ('{"a":1e999}', "SYN004", 5, 10, "1e999 is too large", {}),
    ("[1]", "SYN005", 0, 1, "the file holds an array, not an object", {}),
    ("null", "SYN005", 0, 1, "the file holds null", {}),
    ('"a"', "SYN005", 0, 1, "the file holds a string", {}),
]


@pytest.mark.parametrize(("text", "code", "start", "end", "piece", "value"), ONE)
def test_one_fault(text: str, code: str, start: int, end: int, piece: str, value: Any) -> None:
    """One fault gives one problem at its place, and the rest is read."""
    document = read_document(text.encode(), "x.json")
    first = document.problems[0]
    assert (first.code, first.start, first.end) == (code, start, end), document.problems
    assert piece in first.message
    assert first.remedy
    assert document.value == value
    extra = {'{"a":1 /* c': 1}.get(text, 0)  # there the object is not closed either
    assert len(document.problems) == 1 + extra
    with pytest.raises(NotClean):
        quick_value(text.encode())


def test_all_faults_in_one_run() -> None:
    """Several faults of different kinds are all found, in the order of the text."""
    text = '{\n "a": 01,\n "b": "x",\n "b": nope\n "c": [1, 2,\n}'
    document = read_document(text.encode(), "x.json")
    found = [(p.code, document.lines.place(p.start)[0]) for p in document.problems]
    assert found == [("SYN001", 2), ("SYN002", 4), ("SYN001", 4), ("SYN001", 4), ("SYN001", 6)]
    assert document.lost == {"/a", "/b"}


def test_lost_and_damaged() -> None:
    """A value that cannot be read is lost; a block that is cut off is damaged, with those around it."""
    document = read_document(b'{"a": {"b": 1, "c": oops}, "d": {"e": 1,', "x.json")
    assert document.lost == {"/a/c"}
    assert document.damaged == {"", "/d"}
    assert document.value == {"a": {"b": 1}, "d": {"e": 1}}


def test_encodings() -> None:
    """UTF-16 is recognised by its mark; a byte that is no UTF-8 is placed; the rest is read."""
    utf16 = read_document('{"a": 1}'.encode("utf-16"), "x.json")
    assert [p.code for p in utf16.problems] == ["SYN006"]
    assert utf16.value == {"a": 1}
    latin = read_document('{"a": "é", "b": 1}'.encode("latin-1"), "x.json")
    assert [(p.code, p.start) for p in latin.problems] == [("SYN006", 7)]
    assert "byte 0xe9 at byte offset 7" in latin.problems[0].message
    assert latin.value["b"] == 1


def test_many_faults_are_summed_up() -> None:
    """Beyond a hundred faults the rest is counted."""
    document = read_document(b"[" + b"01," * 300 + b"1]", "x.json")
    assert len(document.problems) == MOST_PROBLEMS + 1
    assert any(p.message == "200 more syntax errors are not listed" for p in document.problems)


def test_nesting_to_any_depth() -> None:
    """A million levels are read, closed or not, without recursion."""
    closed = read_document(b"[" * 1_000_000 + b"]" * 1_000_000, "x.json")
    assert [p.code for p in closed.problems] == ["SYN005"]
    open_ = read_document(b'{"a":' * 200_000, "x.json")
    assert "200000 are open" in open_.problems[0].message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip
TEXTS = st.builds(
    lambda value, ascii_, indent, tight: json.dumps(
        value,
        ensure_ascii=ascii_,
        indent=indent,
        separators=(",", ":") if tight else None,
    ),
    st.dictionaries(st.text(), JSON, max_size=5),
    st.booleans(),
    st.sampled_from([None, 1, "\t"]),
    st.booleans(),
)


def same(a: Any, b: Any) -> bool:
    """Equal with types and signs: 1 is not 1.0, and 0.0 not -0.0."""
    return repr(a) == repr(b)


@given(TEXTS)
@settings(max_examples=300)
def test_values_equal_the_standard_library(text: str) -> None:
    """On any valid JSON the scanner reads what json.loads reads, with no fault, on both ways."""
    data = text.encode("utf-8", "surrogatepass")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return
    document = read_document(data, "x.json")
    assert document.problems == ()
    assert same(document.value, json.loads(text))
    assert same(quick_value(data), json.loads(text))


def strict(text: str) -> bool:
    """Whether the standard library accepts a text as an object without our own complaints."""

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(members)) != len(members):
            raise ValueError
        return dict(members)

    def number(digits: str) -> float:
        if abs(float(digits)) == float("inf"):
            raise ValueError
        return float(digits)

    def constant(_word: str) -> None:
        raise ValueError

    try:
        return isinstance(
            json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_float=number),
            dict,
        )
    except (ValueError, RecursionError):
        return False


CHARACTERS = st.sampled_from("{}[]:,\"\\ \n\t/*-+.eE0123tfnN'\x00é")


@given(
    TEXTS,
    st.lists(st.tuples(st.integers(0, 300), CHARACTERS), max_size=4),
    st.lists(st.integers(0, 300), max_size=4),
)
@settings(max_examples=400)
def test_verdict_and_spans_on_damaged_texts(
    text: str, inserted: list[tuple[int, str]], deleted: list[int]
) -> None:
    """Damaged texts: the verdict is the standard library's, and every span lies in the text."""
    for at, character in inserted:
        text = text[:at] + character + text[at:]
    for at in deleted:
        text = text[:at] + text[at + 1 :]
    data = text.encode("utf-8", "replace")
    text = data.decode()
    document = read_document(data, "x.json")
    text = text.removeprefix("\ufeff")
    assert (document.problems == ()) == strict(text), document.problems
    for problem in document.problems:
        assert 0 <= problem.start <= problem.end <= len(text)
    for pointer in document.pointers():
        offsets = document.value_offsets(pointer)
        assert offsets is not None
        assert 0 <= offsets[0] <= offsets[1] <= len(text)


def test_array_that_ends_before_its_first_value() -> None:
    """An array whose only value turns out to be a key ends behind its bracket, not before it."""
    text = '{\n "a": 1,\n "b": [\n  "{\n   "": null\n  }\n ]\n}'
    document = read_document(text.encode(), "x.json")
    for pointer in document.pointers():
        offsets = document.value_offsets(pointer)
        assert offsets is not None
        assert 0 <= offsets[0] <= offsets[1] <= len(text), pointer


@given(st.binary(max_size=300))
@settings(max_examples=300)
def test_any_bytes(data: bytes) -> None:
    """Any bytes give a document in every format."""
    for path in ("x.json", "x.jsonc", "x.yaml"):
        document = read_document(data, path)
        assert isinstance(document.value, dict)
