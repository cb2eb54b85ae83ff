"""A configuration file: its value, with the place of every key and value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ppodiag.source.spans import LineIndex, Span

Format = Literal["json", "jsonc", "yaml"]

Node = list[Any]
"""[start, end] of a scalar; [start, end, children] of a container, where children is a dict from key
to (key start, key end, node), or a list of nodes."""


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """A fault of the text itself.

    Attributes:
        code: SYN001 to SYN006.
        message: what was seen and what was expected.
        remedy: what to do.
        start, end: offsets in the text.
        related: offsets and a note of other places, for example of the bracket left open.
    """

    code: str
    message: str
    remedy: str
    start: int
    end: int
    related: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, delimiters included, with its offsets."""

    text: str
    start: int
    end: int


DEEPEST_NAMED = 200
"""Levels to which members are listed: each pointer is as long as its place is deep."""


class Document:
    """What could be read of a file.

    Attributes:
        path: as the user named it.
        text: decoded, without byte order mark; line ends as in the file.
        format: json, jsonc or yaml.
        value: the JSON value; members that could not be read are left out.
        problems: every syntax error, in the order of the text.
        lost: pointers of members whose value could not be read.
        damaged: pointers of containers of which anything may be missing.
        comments: the comments of a format that has them.
        bom: whether the file began with a byte order mark.
    """

    def __init__(
        self,
        path: str,
        text: str,
        format: Format,
        value: Any,
        root: Node,
        *,
        problems: tuple[SyntaxProblem, ...] = (),
        lost: frozenset[str] = frozenset(),
        damaged: frozenset[str] = frozenset(),
        comments: tuple[Comment, ...] = (),
        bom: bool = False,
    ) -> None:
        self.path = path
        self.text = text
        self.format: Format = format
        self.value = value
        self.problems = problems
        self.lost = lost
        self.damaged = damaged
        self.comments = comments
        self.bom = bom
        self._root = root
        self.lines = LineIndex(text)

    def _find(self, pointer: str) -> tuple[tuple[int, int] | None, Node, bool]:
        """Key offsets (None at the root or in an array), node, and whether the pointer exists.

        Where it does not exist, these are of its nearest ancestor that does.
        """
        node, key = self._root, None
        for part in split_pointer(pointer):
            children = node[2] if len(node) > 2 else None
            if isinstance(children, dict) and part in children:
                start, end, node = children[part]
                key = (start, end)
            elif isinstance(children, list) and part.isdigit() and int(part) < len(children):
                node, key = children[int(part)], None
            else:
                return key, node, False
        return key, node, True

    def has(self, pointer: str) -> bool:
        """Whether the file has a value at the pointer."""
        return self._find(pointer)[2]

    def span(self, pointer: str, target: str = "value") -> Span:
        """The span of the value, the key, or (`member`) of both.

        Where the pointer does not exist, its nearest ancestor's key; at the top, the first
        character of the document.
        """
        key, node, exists = self._find(pointer)
        if exists and (target == "value" or key is None):
            start, end = node[0], node[1]
            if len(node) > 2 and target == "value" and key is not None:
                start, end = key  # a whole block would be a wall of text: show its key
            elif len(node) > 2:
                end = min(end, start + 1)
        elif exists and key is not None:
            start, end = key[0], (node[1] if target == "member" else key[1])
        elif key is not None:
            start, end = key
        else:
            start, end = node[0], min(node[0] + 1, max(node[1], node[0]))
        return self.lines.span(start, end)

    def value_offsets(self, pointer: str) -> tuple[int, int] | None:
        """Offsets of exactly the value's text; None where there is none."""
        _key, node, exists = self._find(pointer)
        return (node[0], node[1]) if exists else None

    def key_offsets(self, pointer: str) -> tuple[int, int] | None:
        """Offsets of the key's text, quotes included; None where there is none."""
        key, _node, exists = self._find(pointer)
        return key if exists else None

    def pointers(self) -> list[str]:
        """The pointer of every member and element to `DEEPEST_NAMED`, in the order of the text."""
        found: list[str] = []
        stack: list[tuple[str, Node]] = [("", self._root)]
        while stack:
            pointer, node = stack.pop()
            found.append(pointer)
            children = node[2] if len(node) > 2 and pointer.count("/") < DEEPEST_NAMED else ()
            if isinstance(children, dict):
                below = [(f"{pointer}/{escape(k)}", c[2]) for k, c in children.items()]
            else:
                below = [(f"{pointer}/{i}", c) for i, c in enumerate(children)]
            stack.extend(reversed(below))
        return found

    def pointers_on_line(self, line: int) -> list[str]:
        """Pointers of the members whose key, or whose scalar, begins on that line."""
        result = []
        for pointer in self.pointers():
            key, node, _ = self._find(pointer)
            start = node[0] if key is None else key[0]
            if pointer and self.lines.place(start)[0] == line:
                result.append(pointer)
        return result


def split_pointer(pointer: str) -> list[str]:
    """The unescaped parts of an RFC 6901 pointer."""
    if not pointer:
        return []
    parts = pointer.split("/")[1:]
    if "~" in pointer:
        return [part.replace("~1", "/").replace("~0", "~") for part in parts]
    return parts


def escape(key: str) -> str:
    """A key as a part of an RFC 6901 pointer."""
    return key.replace("~", "~0").replace("/", "~1")
