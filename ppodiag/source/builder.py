"""What the JSON parser has read so far: open containers, values, places and faults."""

from __future__ import annotations

from typing import Any

from ppodiag.source.document import Comment, Document, Format, Node, SyntaxProblem, escape
from ppodiag.source.spans import LineIndex
from ppodiag.source.tokens import Token

CLOSER = {"{": "}", "[": "]"}
NAME = {"{": "object", "[": "array"}

DEEPEST = 64
"""Levels to which what is lost or damaged is named; below, the ancestor at this level is."""

MOST_PROBLEMS = 100
"""Syntax errors reported of one file; a further one says how many more there are."""


class Frame:
    """A container that is being read."""

    __slots__ = ("key", "key_span", "kind", "node", "rounded", "state", "value")

    def __init__(self, kind: str, start: int) -> None:
        self.rounded = kind == "("  # a Python tuple, read as an array
        kind = "[" if self.rounded else kind
        self.kind = kind
        self.value: Any = {} if kind == "{" else []
        self.node: Node = [start, start + 1, {} if kind == "{" else []]
        self.state = "first"
        self.key: str | None = None
        self.key_span = (start, start)


class Builder:
    """The document in the making; the grammar is its subclass's."""

    def __init__(self, text: str, jsonc: bool, problems: list[SyntaxProblem]) -> None:
        self.text = text
        self.jsonc = jsonc
        self.problems = problems
        self.unreported = 0
        self.lines = LineIndex(text)
        self.comments: list[Comment] = []
        self.lost: set[str] = set()
        self.damaged: set[str] = set()
        self.stack: list[Frame] = []
        self.open = {"{": 0, "[": 0}
        self.firsts: dict[tuple[int, str], tuple[int, int]] = {}
        self.top: tuple[Any, Node] | None = None
        self.last_end = 0
        self.comma = (0, 0)
        self.forgiven = False
        self.suspects: set[str] = set()

    def document(self, path: str, format: Format, bom: bool) -> Document:
        if self.unreported:
            self.problems.append(
                SyntaxProblem(
                    "SYN001",
                    f"{self.unreported} more syntax errors are not listed",
                    "mend the errors above first",
                    len(self.text),
                    len(self.text),
                )
            )
        value, node = self.top or ({}, [0, 0, {}])
        if not isinstance(value, dict):
            self.fault(
                "SYN005",
                f"the file holds {_kind_of(value)}, not an object",
                "write an object: { … } with the blocks ppo_config, training and so on",
                node[0],
                node[0] + 1,
            )
            value, node = {}, [node[0], node[1], {}]
            self.damaged.add("")
        self.problems.sort(key=lambda p: (p.start, p.end))
        return Document(
            path,
            self.text,
            format,
            value,
            node,
            problems=tuple(self.problems),
            lost=frozenset(self.lost),
            damaged=frozenset(self.damaged),
            comments=tuple(self.comments),
            bom=bom,
        )

    def fault(
        self,
        code: str,
        message: str,
        remedy: str,
        start: int,
        end: int,
        related: tuple[tuple[int, int, str], ...] = (),
    ) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            self.unreported += 1
        else:
            self.problems.append(SyntaxProblem(code, message, remedy, start, end, related))

    def syntax(self, message: str, remedy: str, token: Token) -> None:
        self.fault("SYN001", message, remedy, token.start, token.end)

    def after_last(self, message: str, remedy: str) -> None:
        """A fault just behind the last sound token, where something is missing."""
        at = max(0, self.last_end - 1)
        self.fault("SYN001", message, remedy, at, self.last_end)

    def _pointer(self, frames: list[Frame]) -> str | None:
        """Pointer of what is being read in the last frame; None in a container without a key."""
        parts = []
        for frame in frames:
            if frame.kind == "[":
                parts.append(str(len(frame.value)))
            elif frame.key is None:
                return None
            else:
                parts.append(escape(frame.key))
        return "".join("/" + part for part in parts)

    def mark_lost(self) -> None:
        """Note that the value at this place cannot be read."""
        if len(self.stack) > DEEPEST:
            self.mark_damaged()
            return
        pointer = self._pointer(self.stack)
        if pointer is not None:
            self.lost.add(pointer)

    def mark_damaged(self) -> None:
        """Note that something of the innermost container may be missing."""
        pointer = self._pointer(self.stack[:-1][:DEEPEST])
        if pointer is not None:
            self.damaged.add(pointer)

    def suspect(self, frame: Frame, end: int) -> None:
        """Note a container whose bracket stands alone on its line, but not below its own line.

        Where a brace turns out to be missing or too many, it is one of these that took in, or
        lost, what is another's.
        """
        start = frame.node[0]
        line, opened = self._line_start(end), self._line_start(start)
        if line is None or opened is None:
            return
        indent = self.text[line : end - 1]
        if line > start and not indent.strip() and len(self.stack) <= DEEPEST:
            head = self.text[opened : opened + len(indent) + 1]
            if head[:-1] != indent or head[-1:].isspace():
                pointer = self._pointer(self.stack[:-1])
                self.suspects.add(pointer or "")

    def _line_start(self, offset: int) -> int | None:
        """Offset of the line's beginning; None where it is too far away to be an indentation."""
        lowest = max(0, offset - 1000)
        found = max(self.text.rfind(end, lowest, offset) for end in "\n\r")
        return None if found < 0 < lowest else found + 1

    def push(self, frame: Frame) -> None:
        self.stack.append(frame)
        self.open[frame.kind] += 1

    def put(self, value: Any, node: Node) -> None:
        if not self.stack:
            self.top = (value, node)
            return
        frame = self.stack[-1]
        frame.state = "after"
        if frame.kind == "[":
            frame.value.append(value)
            frame.node[2].append(node)
        elif frame.key is not None:
            frame.value[frame.key] = value
            frame.node[2][frame.key] = (*frame.key_span, node)

    def put_lost(self, token: Token) -> None:
        """Note a member whose value cannot be read; elements of arrays keep their place."""
        if not self.stack:
            self.top = ({}, [token.start, token.end, {}])
            self.damaged.add("")
            return
        frame = self.stack[-1]
        if frame.kind == "[":
            self.mark_lost()
            self.put(None, [token.start, token.end])
        else:
            self.lose(frame)
            if frame.key is not None:
                frame.node[2][frame.key] = (*frame.key_span, [token.start, token.end])
            frame.state = "after"

    def lose(self, frame: Frame) -> None:
        if frame.kind == "{" and frame.key is not None:
            self.mark_lost()
            frame.value.pop(frame.key, None)

    def set_key(self, frame: Frame, token: Token, name: str) -> None:
        frame.key = name
        frame.key_span = (token.start, token.end)
        frame.state = "colon"
        if name in frame.value:
            known = frame.node[2][name]
            first = self.firsts.setdefault((frame.node[0], name), (known[0], known[1]))
            line = self.lines.place(first[0])[0]
            self.fault(
                "SYN002",
                f'the key "{short(name)}" stands here again (first on line {line}); '
                "a parser keeps the last one",
                "keep one of them",
                token.start,
                token.end,
                ((*first, "the first one"),),
            )

    def unclosed(self, frame: Frame, token: Token) -> None:
        start = frame.node[0]
        line, column = self.lines.place(start)
        closer = CLOSER[frame.kind]
        self.fault(
            "SYN001",
            f"expected {closer} for the {NAME[frame.kind]} opened on line {line}, "
            f"column {column}, found {self.show(token)}",
            f"write {closer} before it",
            token.start,
            max(token.end, token.start),
            ((start, start + 1, "opened here"),),
        )

    def pop(self, end: int) -> None:
        frame = self.stack.pop()
        self.open[frame.kind] -= 1
        frame.node[1] = end
        self.put(frame.value, frame.node)

    def show(self, token: Token) -> str:
        if token.kind == "end":
            return "the end of the file"
        return short(self.text[token.start : token.end])


def short(text: str | None) -> str:
    """A piece of the file for a message: at most 40 characters, all of them printable."""
    text = text or ""
    text = text if len(text) <= 40 else text[:37] + "…"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _kind_of(value: Any) -> str:
    if isinstance(value, list):
        return "an array"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, bool) or value is None:
        return "null" if value is None else f"{str(value).lower()}"
    return "a number"
