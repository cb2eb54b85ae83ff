"""Places of keys and values, by hand."""

from __future__ import annotations

import pytest

from ppodiag.source.document import Document
from ppodiag.source.reader import format_of, read_document


def read(text: str | bytes, path: str = "x.json") -> Document:
    return read_document(text.encode() if isinstance(text, str) else text, path)


def place(document: Document, pointer: str, target: str = "value") -> tuple[int, int, int, int]:
    span = document.span(pointer, target)
    return span.start_line, span.start_column, span.end_line, span.end_column


def test_keys_and_values() -> None:
    """A value, its key, and both; lines and columns from 1, ends exclusive."""
    document = read('{\n  "a": {"b": 12.5}\n}')
    assert place(document, "/a/b") == (2, 14, 2, 18)
    assert place(document, "/a/b", "key") == (2, 9, 2, 12)
    assert place(document, "/a/b", "member") == (2, 9, 2, 18)


def test_a_block_is_shown_by_its_key() -> None:
    """The span of a whole block is that of its key; of an element of an array, its bracket."""
    document = read('{"a": {"b": 1}, "c": [{"d": 1}, 2]}')
    assert place(document, "/a") == (1, 2, 1, 5)
    assert place(document, "/c/0") == (1, 23, 1, 24)
    assert place(document, "/c/1") == (1, 33, 1, 34)
    assert place(document, "") == (1, 1, 1, 2)


def test_what_is_absent_is_shown_by_its_nearest_block() -> None:
    """A missing key points at the name of the block that should hold it."""
    document = read('{"a": {"b": 1}}')
    assert place(document, "/a/zzz") == (1, 2, 1, 5)
    assert place(document, "/a/b/c/d") == (1, 8, 1, 11)
    assert place(document, "/zzz/y") == (1, 1, 1, 2)
    assert not document.has("/a/zzz")
    assert document.has("/a/b")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    """LF, CR LF and a lone CR each end a line; columns do not count them."""
    document = read(end.join(["{", '"a": 1,', '  "b": 2', "}"]))
    assert place(document, "/a") == (2, 6, 2, 7)
    assert place(document, "/b") == (3, 8, 3, 9)
    assert document.lines.line(3) == '  "b": 2'
    assert document.problems == ()


def test_columns_count_characters() -> None:
    """Columns count characters, not bytes: é and an emoji are one each; a tab is one."""
    document = read('{"é😀":\t"ß", "b": 1}')
    assert place(document, "/é😀") == (1, 8, 1, 11)
    assert place(document, "/b") == (1, 18, 1, 19)


def test_byte_order_mark() -> None:
    """A UTF-8 byte order mark is accepted and not counted."""
    document = read(b'\xef\xbb\xbf{"a": 1}')
    assert document.problems == ()
    assert document.bom
    assert place(document, "/a") == (1, 7, 1, 8)


def test_pointers_are_escaped() -> None:
    """~ and / in keys are ~0 and ~1 in pointers."""
    document = read('{"a/b": {"c~d": 1}}')
    assert document.pointers() == ["", "/a~1b", "/a~1b/c~0d"]
    assert place(document, "/a~1b/c~0d") == (1, 17, 1, 18)


def test_comments_are_kept_in_jsonc() -> None:
    """Comments of JSONC have their text and place, and are no fault; nor is a trailing comma."""
    document = read('{ // one\n"a": 1, /* two\n lines */ }', "x.jsonc")
    assert [c.text for c in document.comments] == ["// one", "/* two\n lines */"]
    assert document.problems == ()
    assert document.value == {"a": 1}


def test_pointers_on_a_line() -> None:
    """The members whose key begins on a line."""
    document = read('{"a": 1,\n"b": {"c": 2},\n"d": 3}')
    assert document.pointers_on_line(2) == ["/b", "/b/c"]


def test_format_by_name() -> None:
    """The suffix names the format; JSON where it names none."""
    names = ["a.json", "a.JSONC", "a.yaml", "a.YML", "a.conf", "<stdin>"]
    assert [format_of(n) for n in names] == ["json", "jsonc", "yaml", "yaml", "json", "json"]
