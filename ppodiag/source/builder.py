"""What the JSON parser has read so far: open containers, values, places and faults."""

from __future__ import annotations

from typing import Any

from ppodiag.source.document import Comment, Document, Format, Node, SyntaxProblem, escape
from ppodiag.source.spans import LineIndex
from ppodiag.source.tokens import Token

MOST_PROBLEMS = 100
"""Syntax errors reported of one file; a further one says how many more there are."""


class Frame:
    """A container that is being read."""

    __slots__ = ("key", "key_span", "kind", "node", "state", "value")

    def __init__(self, kind: str, start: int) -> None:
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
        self.top: tuple[Any, Node] | None = None
        self.last_end = 0
        self.comma = (0, 0)
        self.forgiven = False

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

    def pointer(self, key: str | None = None) -> str:
        parts = []
        for frame in self.stack:
            if frame.kind == "{":
                parts.append(escape(frame.key or ""))
            else:
                parts.append(str(len(frame.value)))
        if key is None:
            parts = parts[:-1]
        return "".join("/" + part for part in parts)

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
            self.lost.add(self.pointer(""))
            self.put(None, [token.start, token.end])
        else:
            self.lose(frame)
            if frame.key is not None:
                frame.node[2][frame.key] = (*frame.key_span, [token.start, token.end])
            frame.state = "after"

    def lose(self, frame: Frame) -> None:
        if frame.kind == "{" and frame.key is not None:
            self.lost.add(self.pointer(""))
            frame.value.pop(frame.key, None)

    def pop(self, end: int) -> None:
        frame = self.stack.pop()
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
