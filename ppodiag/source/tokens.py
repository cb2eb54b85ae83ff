"""Tokens of JSON text, sound ones and faulty ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple


class Token(NamedTuple):
    """A piece of text.

    Attributes:
        kind: `{ } [ ] , :`, `scalar`, `word`, `number`, `single`, `open`, `other`, `comment`,
            `hash` or `end`. Of these, `scalar` is sound; `word` is a bare word, `number` no JSON
            number, `single` a string in other quotes than JSON's, `open` a string that is not
            closed on its line, `hash` a comment that begins with #.
        value: a scalar's value.
        fault: what is wrong inside a token that can be read all the same.
    """

    kind: str
    start: int
    end: int
    value: Any = None
    fault: tuple[str, str, str] | None = None


_TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
      (?P<p>[{}\[\],:])
    | (?P<s>"[^"\\\x00-\x1f]*")
    | (?P<e>"(?:[^"\\\n\r]++|\\[^\n\r])*+")
    | (?P<n>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+])
    | (?P<c>//[^\n\r]*+|/\*(?:[^*]++|\*(?!/))*+\*/)
    | (?P<h>\#[^\n\r]*+)
    | (?P<w>[A-Za-z_$][\w$.-]*)
    | (?P<x>[-+.]*[0-9][\w.+-]*|[-+.]+(?:[A-Za-z][\w.]*)?)
    | (?P<q>'(?:[^'\\\n\r]++|\\[^\n\r])*+'|`[^`\n\r]*+`|[“”„][^“”"\n\r]*+[“”])
    | (?P<a>['`“”„][^\n\r]*+)
    | (?P<l>"(?:[^"\\]|\\.){0,1000}+"(?=[ \t]*+(?:[,}\]\n\r]|\Z)))
    | (?P<o>"(?:[^"\\\n\r]++|\\[^\n\r])*+)
    | (?P<u>/\*)
    | (?P<z>.)
    )""",
    re.VERBOSE | re.DOTALL,
)

_KINDS = {"x": "number", "q": "single", "o": "open", "a": "open", "z": "other"}
_BLOCK = re.compile(r"(?<=:)[ \t]*+[{[][ \t]*+\Z")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_INF = float("inf")
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_CONTROL = re.compile(r"[\x00-\x1f]")

TOO_LARGE = ("SYN004", "the number {} is too large for a double", "write a number below 1.8e308")


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens of a text; comments come as kind `comment`, the end as kind `end`."""
    position, length = start, len(text)
    match = _TOKEN.match
    while True:
        found = match(text, position)
        if found is None:
            break
        position = found.end()
        group = found.lastgroup
        begin = found.start(group or 0)  # every branch is a named group
        if group == "p":
            yield Token(text[begin], begin, position)
        elif group == "s":
            yield Token("scalar", begin, position, text[begin + 1 : position - 1])
        elif group == "n":
            yield _number(text, begin, position)
        elif group in ("e", "l"):
            yield _string(text, begin, position)
        elif group == "c":
            yield Token("comment", begin, position)
        elif group == "h":
            yield Token("hash", begin, position)
        elif group == "w":
            yield _word(text, begin, position)
        elif group == "u":
            yield Token("other", begin, length, "unclosed comment")
            position = length
        else:
            kind = _KINDS[str(group)]
            if kind == "number" and text[begin:position] == "-Infinity":
                yield Token("scalar", begin, position, None, _not_a_number("-Infinity"))
            elif kind == "open":
                # A comma or bracket at the end of the line is structure, not part of the string.
                body = _BLOCK.sub("", text[begin:position])
                position = begin + max(1, len(body.rstrip(" \t,}]")))
                yield Token("open", begin, position, text[begin + 1 : position])
            else:
                yield Token(kind, begin, position)
    yield Token("end", length, length)


def _number(text: str, start: int, end: int) -> Token:
    digits = text[start:end]
    if "." in digits or "e" in digits or "E" in digits:
        value: Any = float(digits)
        if value in (_INF, -_INF):
            code, message, remedy = TOO_LARGE
            return Token("scalar", start, end, None, (code, message.format(_short(digits)), remedy))
        return Token("scalar", start, end, value)
    try:
        return Token("scalar", start, end, int(digits))
    except ValueError:
        fault = (
            "SYN004",
            f"an integer of {len(digits.lstrip('-'))} digits is too long to be a setting",
            "write a number of fewer digits",
        )
        return Token("scalar", start, end, None, fault)


def _word(text: str, start: int, end: int) -> Token:
    word = text[start:end]
    if word in _WORDS:
        return Token("scalar", start, end, _WORDS[word])
    if word in ("NaN", "Infinity"):
        return Token("scalar", start, end, None, _not_a_number(word))
    return Token("word", start, end, word)


def _not_a_number(word: str) -> tuple[str, str, str]:
    return (
        "SYN003",
        f"{word} is not JSON: a number is finite",
        "write a finite number, or null where none is meant",
    )


def _string(text: str, start: int, end: int) -> Token:
    raw = text[start:end]
    try:
        return Token("scalar", start, end, json.loads(raw))
    except ValueError:
        pass
    control = _CONTROL.search(raw)
    if control is not None:
        fault = (
            "SYN001",
            f"a string holds the control character U+{ord(control.group()):04X}",
            f"write it as \\u{ord(control.group()):04x}",
        )
        return Token("scalar", start, end, raw[1:-1], fault)
    rest = _ESCAPE.sub(lambda m: " " * len(m.group()), raw)
    at = rest.find("\\")
    fault = (
        "SYN001",
        f"a string holds the escape {raw[at : at + 2]}, which JSON does not have",
        'write \\\\ for a backslash; JSON has \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX',
    )
    return Token("scalar", start, end, raw[1:-1], fault)


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:20] + "…"
