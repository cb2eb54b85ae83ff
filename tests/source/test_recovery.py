"""Faults that once gave several problems, lost the rest of the file, or took very long."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ppodiag.source.document import DEEPEST_NAMED
from ppodiag.source.reader import read_document

ONE = [
    # text, start, end, piece of the message, value that is left
    ('{"a": 1 # c\n}', 8, 11, "JSON has no comments", {"a": 1}),
    ('{"a": (1, 2), "b": 1}', 6, 7, "( … ) is Python", {"a": [1, 2], "b": 1}),
    ('{"a": “x”}', 6, 9, "typographic quotes", {"a": "x"}),
    ('{"a": `x`}', 6, 9, "backticks", {"a": "x"}),
    ('{"a": "x\n"}', 6, 10, "control character U+000A", {"a": "x\n"}),
    ('{"a": """x"""}', 8, 11, "a quote is missing or too many", {}),
    ('{"a": "x, "b": 1}', 11, 12, "a quote is missing or too many", {}),
    ('{"a": 1",\n "b": 2}', 7, 8, "a quote is missing or too many", {"b": 2}),
    ('{a": 1,\n "b": 2}', 2, 6, "a quote is missing or too many", {"b": 2}),
    ('{"a: 1,\n "b": 2}', 1, 6, 'the key "a" is not closed', {"b": 2}),
    ('{"a: {\n "x": 1},\n "b": 2}', 1, 4, 'the key "a" is not closed', {"a": {"x": 1}, "b": 2}),
    ('{"a"": 1}', 4, 5, "a quote too many", {"a": 1}),
    ('{""a": 1}', 1, 2, "a quote too many", {"a": 1}),
    ('{"a": ""x"}', 6, 7, "a quote too many", {"a": "x"}),
    ('{"a": x y, "b": 1}', 6, 7, "x is no JSON value", {"b": 1}),
    ('{"a": x y",\n "b": 1}', 6, 7, 'the " before this text is missing', {"b": 1}),
    ('{"a": 1 2, "b": 3}', 8, 9, "expected a comma or }, found 2", {"b": 3}),
    ('{"a": 1 {"x": 1}, "b": 3}', 6, 7, "a comma and a key are missing", {"a": 1, "b": 3}),
    ('"a": 1}', 0, 3, "the { that opens the document is missing", {"a": 1}),
    ('{"a": 1, 2], "b": 3}', 6, 7, "the [ before these values is missing", {"a": [1, 2], "b": 3}),
    (
        '{"a": [1, "x",\n "b": 2}',
        16,
        19,
        "expected ] for the array opened on line 1, column 7",
        None,
    ),
    ('{"a":\n "x": 1},\n "b": 2}', 7, 10, 'the { before "x" is missing', {"a": {"x": 1}, "b": 2}),
    ('{"a": ["x": 1}]}', 7, 10, 'the { before "x" is missing', {"a": [{"x": 1}]}),
    ('{"a": 1},\n "b": 2}', 7, 8, "closed before its end", {"a": 1, "b": 2}),
]


@pytest.mark.parametrize(("text", "start", "end", "piece", "value"), ONE)
def test_one_fault(text: str, start: int, end: int, piece: str, value: Any) -> None:
    """One fault gives one problem at its place, and what stands beside it is read."""
    document = read_document(text.encode(), "x.json")
    (problem,) = document.problems
    assert (problem.code, problem.start, problem.end) == ("SYN001", start, end)
    assert piece in problem.message
    assert problem.remedy
    assert document.value == ({"a": [1, "x"], "b": 2} if value is None else value)


def test_touching_members_are_a_missing_comma() -> None:
    """Members that touch are both kept: no quote is wrong there."""
    document = read_document(b'{"a": 3"b": "x""c": 1}', "x.json")
    assert [p.message for p in document.problems] == ["a comma is missing here"] * 2
    assert document.value == {"a": 3, "b": "x", "c": 1}


def test_an_empty_key_is_no_doubled_quote() -> None:
    """Valid JSON whose empty strings look like doubled quotes has no problem."""
    text = '{"": null, ":": "", "a": ["", ""]}'
    document = read_document(text.encode(), "x.json")
    assert document.problems == ()
    assert document.value == json.loads(text)


@pytest.mark.parametrize("mark", ['"', ":", ",", "{", "[", "]"])
def test_a_deleted_mark_of_a_plain_file(mark: str) -> None:
    """Deleting any one mark of an indented file gives exactly one problem."""
    text = json.dumps(
        {"a": {"b": 1, "c": [1, 2]}, "d": {"e": "text", "f": True}, "g": 0.5}, indent=2
    )
    for at in [i for i, c in enumerate(text) if c == mark]:
        document = read_document((text[:at] + text[at + 1 :]).encode(), "x.json")
        assert len(document.problems) == 1, (at, document.problems)


def test_the_first_of_several_equal_keys_is_named() -> None:
    """Every repetition of a key names the line of the first, in JSON and in YAML."""
    for text, path in (('{"a": 1,\n"a": 2,\n"a": 3}', "x.json"), ("a: 1\na: 2\na: 3\n", "x.yaml")):
        problems = read_document(text.encode(), path).problems
        assert [p.code for p in problems] == ["SYN002", "SYN002"]
        assert all("(first on line 1)" in p.message for p in problems)


def test_a_misindented_brace_makes_its_block_doubtful() -> None:
    """Where a brace is missing, the block that took in the others is damaged; else none is."""
    text = '{\n  "a": {\n    "x": 1,\n  "b": {\n    "y": 1\n  }\n}\n'
    assert "/a" in read_document(text.encode(), "x.json").damaged
    balanced = '{\n  "a": {\n    "x": 1\n},\n  "b": 1\n}\n'
    assert read_document(balanced.encode(), "x.json").damaged == frozenset()


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_utf16_and_utf32_without_a_mark(codec: str) -> None:
    """Zero bytes beside the first character tell the encoding; it is one problem."""
    document = read_document('{"a": 1}'.encode(codec), "x.json")
    assert [p.code for p in document.problems] == ["SYN006"]
    assert codec in document.problems[0].message
    assert document.value == {"a": 1}


def test_a_bad_byte_is_placed_by_line() -> None:
    """The message names the byte offset, and the span is on the byte's line."""
    document = read_document(b'{\n"a": "\xe9"}', "x.json")
    (problem,) = document.problems
    assert "byte 0xe9 at byte offset 8 " in problem.message
    assert document.lines.place(problem.start) == (2, 7)


@pytest.mark.parametrize(
    "data",
    [
        b"'\\" * 300_000,
        b'{"a":"' + b"x" * 5_000_000,
        b'{"a":' * 20_000 + b"]" * 20_000,
        b'{"a":' * 20_000 + b"[" + b"bad," * 20_000 + b"1]" + b"}" * 20_000,
        b"\r" * 1_000_000 + b'{"a":1 "b":2}',
        b'{"a":[' + b'{"n":1},' * 100_000 + b"1],}",
        b'{"a": 1' + b", 2, 3" * 20_000 + b"]}",
    ],
    ids=["quotes", "open string", "closers", "deep faults", "returns", "one line", "no bracket"],
)
def test_hostile_texts_end(data: bytes) -> None:
    """Texts that once took minutes or gigabytes are read, and their faults have places."""
    document = read_document(data, "x.json")
    assert document.problems
    for problem in document.problems:
        assert document.lines.span(problem.start, problem.end).start_line >= 1


def test_members_are_listed_to_a_depth() -> None:
    """Listing the pointers of a very deep text neither recurses nor fills the memory."""
    document = read_document(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "x.json")
    assert len(document.pointers()) == DEEPEST_NAMED + 1


def test_yaml_faults_are_summed_up_and_placed() -> None:
    """Beyond a hundred the rest is counted, and every span lies in the text."""
    document = read_document(b"k: 1\n" * 300, "x.yaml")
    assert len(document.problems) == 101
    assert document.problems[-1].message == "199 more syntax errors are not listed"
    (problem,) = read_document(b"---\n", "x.yaml").problems
    assert problem.start <= problem.end <= 4


def test_damage_of_any_kind_ends() -> None:
    """Many faults at once, at random places of a file, give problems and a readable value."""
    rng = random.Random(5)
    text = json.dumps({"a": {"b": [1, {"c": "x"}]}, "d": "y", "e": [True, None]}, indent=1)
    for _ in range(500):
        characters = list(text)
        for _ in range(rng.randrange(1, 9)):
            characters[rng.randrange(len(characters))] = rng.choice("{}[]:,\"'`“()# \n1x\\/")
        document = read_document("".join(characters).encode(), "x.json")
        assert isinstance(document.value, dict)
        for pointer in [*document.pointers(), *document.lost, *document.damaged]:
            span = document.span(pointer)
            assert 0 <= span.start <= span.end <= len(document.text)
