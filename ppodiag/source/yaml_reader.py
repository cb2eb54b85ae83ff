"""YAML 1.2 configurations, through PyYAML's nodes: its parser, not its YAML 1.1 values."""

from __future__ import annotations

import re
from typing import Any

from ppodiag.errors import UsageError
from ppodiag.source.builder import MOST_PROBLEMS
from ppodiag.source.document import Comment, Document, Node, SyntaxProblem, escape
from ppodiag.source.spans import LineIndex

MOST_COPIES = 50_000
"""Values that aliases may add to those that are written out; with more the file counts as a bomb."""

MOST_DIGITS = 300
"""Of a hexadecimal or octal number; a double ends at 256 and 342 of them."""

MOST_DEPTH = 500
"""Levels of nesting that the YAML parser, which recurses, is trusted with."""

_INT = re.compile(r"[-+]?[0-9]+\Z")
_OCT = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_WORDS: dict[str, Any] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)
_CORE = "tag:yaml.org,2002:"


def read_yaml(text: str, path: str, problems: list[SyntaxProblem], bom: bool) -> Document:
    """The document in a YAML text.

    Raises:
        UsageError: PyYAML is not installed.
    """
    try:
        import yaml
    except ImportError:
        raise UsageError(
            f"{path}: reading YAML needs PyYAML", "pip install 'ppodiag[yaml]'"
        ) from None
    reader = _Reader(text, problems)
    value, node = reader.read(yaml)
    if reader.unreported:
        message = f"{reader.unreported} more syntax errors are not listed"
        end = len(text)
        reader.problems.append(
            SyntaxProblem("SYN001", message, "mend the errors above first", end, end)
        )
    return Document(
        path,
        text,
        "yaml",
        value,
        node,
        problems=tuple(sorted(reader.problems, key=lambda p: (p.start, p.end))),
        lost=frozenset(reader.lost),
        damaged=frozenset(reader.damaged),
        comments=tuple(_comments(text, reader.scalars)),
        bom=bom,
    )


def _bounded_loader(yaml: Any) -> Any:
    """PyYAML's plain loader, which stops at a depth of brackets whose every level costs it more."""

    class Bounded(yaml.BaseLoader):  # type: ignore[misc]  # the module is handed in, so untyped
        def fetch_flow_collection_start(self, kind: Any) -> None:
            if self.flow_level > MOST_DEPTH:
                raise RecursionError
            super().fetch_flow_collection_start(kind)

    return Bounded


class _Reader:
    def __init__(self, text: str, problems: list[SyntaxProblem]) -> None:
        self.text = text
        self.problems = problems
        self.lost: set[str] = set()
        self.damaged: set[str] = set()
        self.scalars: list[tuple[int, int]] = []
        self.budget = len(text) + MOST_COPIES  # a value that is written out takes a character
        self.unreported = 0
        self.firsts: dict[tuple[int, str], tuple[int, int]] = {}
        self.lines = LineIndex(text)
        self.open: list[int] = []

    def fault(self, code: str, message: str, remedy: str, start: int, end: int) -> None:
        end = min(max(start, end), len(self.text))
        self.report(SyntaxProblem(code, message, remedy, min(start, end), end))

    def report(self, problem: SyntaxProblem) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            self.unreported += 1
        else:
            self.problems.append(problem)

    def broken(self, message: str, remedy: str, at: int) -> tuple[dict[str, Any], Node]:
        self.fault("SYN001", message, remedy, at, min(at + 1, len(self.text)))
        self.damaged.add("")
        return {}, [0, 0, {}]

    def read(self, yaml: Any) -> tuple[Any, Node]:
        try:
            nodes = []
            for node in yaml.compose_all(self.text, Loader=_bounded_loader(yaml)):
                nodes.append(node)
                if len(nodes) > 1:
                    break
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = " ".join(str(p) for p in (error.context, error.problem) if p)
            at = mark.index if mark is not None else 0
            return self.broken(f"no YAML: {what}", "mend the text here", min(at, len(self.text)))
        except yaml.YAMLError as error:
            at = int(getattr(error, "position", 0) or 0)
            what = str(error).splitlines()[0]
            return self.broken(f"no YAML: {what}", "remove it", min(at, len(self.text)))
        except RecursionError:
            return self.broken("the YAML is nested too deeply", "nest less deeply", 0)
        if not nodes or nodes[0] is None:
            return self.broken("the file is empty", "write a configuration", 0)
        if len(nodes) > 1:
            self.fault(
                "SYN001",
                "a second document begins here; one configuration is one document",
                "split the file",
                nodes[1].start_mark.index,
                nodes[1].start_mark.index + 1,
            )
        return self.top(nodes[0])

    def top(self, node: Any) -> tuple[Any, Node]:
        try:
            value, place = self.value(node, "")
        except RecursionError:
            return self.broken("the YAML is nested too deeply", "nest less deeply", 0)
        except _Bomb as bomb:
            return self.broken(
                "aliases make this document larger than any configuration",
                "write the values out",
                bomb.at,
            )
        if not isinstance(value, dict):
            start = node.start_mark.index
            self.fault(
                "SYN005",
                "the file holds no mapping",
                "write a mapping with the blocks ppo_config, training and so on",
                start,
                start + 1,
            )
            self.damaged.add("")
            return {}, [place[0], place[1], {}]
        return value, place

    def value(self, node: Any, pointer: str) -> tuple[Any, Node]:
        start, end = node.start_mark.index, node.end_mark.index
        self.budget -= 1
        if self.budget < 0:
            raise _Bomb(start)
        if id(node) in self.open:
            self.fault("SYN001", "an alias holds itself", "write the value out", start, end)
            self.lost.add(pointer)
            return None, [start, start]
        if len(self.open) > MOST_DEPTH:
            raise RecursionError
        if node.id == "scalar":
            return self.scalar(node, pointer, start, end)
        if not _core(node.tag, ("map", "seq")):
            self.fault("SYN001", f"the tag {node.tag} has no meaning here", "remove it", start, end)
        self.open.append(id(node))
        try:
            if node.id == "sequence":
                pairs = [self.value(n, f"{pointer}/{i}") for i, n in enumerate(node.value)]
                return [v for v, _ in pairs], [start, end, [place for _, place in pairs]]
            return self.mapping(node, pointer, start, end)
        finally:
            self.open.pop()

    def mapping(self, node: Any, pointer: str, start: int, end: int) -> tuple[Any, Node]:
        value: dict[str, Any] = {}
        places: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key_start, key_end = key_node.start_mark.index, key_node.end_mark.index
            if key_node.id != "scalar":
                self.fault("SYN001", "a key must be a word", "write a word", key_start, key_end)
                self.damaged.add(pointer)
                continue
            key = key_node.value
            plain = key_node.style is None
            self.scalars.append((key_start, key_end))
            if plain and key == "<<":
                self.fault(
                    "SYN001",
                    "merge keys (<<) are YAML 1.1 and are not supported",
                    "write the keys out",
                    key_start,
                    key_end,
                )
                self.damaged.add(pointer)
                continue
            if plain and not isinstance(_resolve(key), str):
                self.fault(
                    "SYN001", f"the key {key} is no string", f'write "{key}"', key_start, key_end
                )
            if key in value:
                known = places[key]
                first = self.firsts.setdefault((start, key), (known[0], known[1]))
                line = self.lines.place(first[0])[0]
                self.report(
                    SyntaxProblem(
                        "SYN002",
                        f'the key "{key[:40]}" stands here again (first on line {line}); a parser '
                        "keeps the last one",
                        "keep one of them",
                        key_start,
                        key_end,
                        ((*first, "the first one"),),
                    )
                )
            below = f"{pointer}/{escape(key)}"
            content, place = self.value(value_node, below)
            places[key] = (key_start, key_end, place)
            if below in self.lost:
                value.pop(key, None)
            else:
                value[key] = content
        return value, [start, end, places]

    def scalar(self, node: Any, pointer: str, start: int, end: int) -> tuple[Any, Node]:
        self.scalars.append((start, end))
        place = [start, end]
        tagged = self.text.startswith("!", start)
        if node.style is not None or (tagged and node.tag == f"{_CORE}str"):
            return _joined(node.value), place
        if not _core(node.tag, ("str", "int", "float", "bool", "null")):
            self.fault("SYN001", f"the tag {node.tag} has no meaning here", "remove it", start, end)
            self.lost.add(pointer)
            return None, place
        if _NOT_FINITE.match(node.value):
            self.fault(
                "SYN003",
                f"{node.value} is not a finite number",
                "write a finite number, or null where none is meant",
                start,
                end,
            )
            self.lost.add(pointer)
            return None, place
        try:
            value = _resolve(node.value)
        except ValueError:
            value = float("inf")
        if isinstance(value, float) and abs(value) == float("inf"):
            self.fault(
                "SYN004",
                f"the number {node.value[:24]} is too large for a double",
                "write a number below 1.8e308",
                start,
                end,
            )
            self.lost.add(pointer)
            return None, place
        return value, place


def _joined(text: str) -> str:
    """The text with pairs of surrogates, as JSON escapes write them, made one character."""
    if not any("\ud800" <= c <= "\udfff" for c in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


class _Bomb(Exception):
    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


def _core(tag: str, names: tuple[str, ...]) -> bool:
    return tag in ("!", *(f"{_CORE}{name}" for name in names))


def _resolve(text: str) -> Any:
    """A plain scalar by the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    if _OCT.match(text):
        return int(_bounded(text[2:]), 8)
    if _HEX.match(text):
        return int(_bounded(text[2:]), 16)
    if _FLOAT.match(text):
        return float(text)
    return text


def _bounded(digits: str) -> str:
    """The digits, unless there are so many that the number could not even be printed.

    Raises:
        ValueError: as `int` does of decimal ones.
    """
    if len(digits) > MOST_DIGITS:
        raise ValueError
    return digits


def _comments(text: str, scalars: list[tuple[int, int]]) -> list[Comment]:
    """Comments: # at the beginning of a line or behind white space, outside of all scalars."""
    covered = sorted(scalars)
    found = []
    position, index = text.find("#"), 0
    while position >= 0:
        while index < len(covered) and covered[index][1] <= position:
            index += 1
        inside = index < len(covered) and covered[index][0] <= position
        if not inside and (position == 0 or text[position - 1] in " \t\r\n"):
            end = position
            while end < len(text) and text[end] not in "\r\n":
                end += 1
            found.append(Comment(text[position:end], position, end))
            position = text.find("#", end)
        else:
            position = text.find("#", position + 1)
    return found
