"""The recovering JSON parser: value, positions and every fault, without recursion."""

from __future__ import annotations

from collections.abc import Iterator

from ppodiag.source.builder import Builder, Frame, short
from ppodiag.source.document import Comment, Document, Format, SyntaxProblem, escape
from ppodiag.source.tokens import Token, tokens

_CLOSER = {"{": "}", "[": "]"}
_NAME = {"{": "object", "[": "array"}
_PYTHON = {"True": True, "False": False, "None": None}
_STARTS_VALUE = frozenset(("{", "[", "scalar", "word", "number", "single", "open"))
_STARTS_KEY = frozenset(("scalar", "word", "single", "open"))


def parse_json(
    text: str, path: str, format: Format, problems: list[SyntaxProblem], bom: bool
) -> Document:
    """The document in a JSON or JSONC text; problems of the encoding come first."""
    parser = _Parser(text, format == "jsonc", problems)
    parser.run()
    return parser.document(path, format, bom)


class _Parser(Builder):
    """The grammar, with what to make of each fault against it."""

    def sound(self) -> Iterator[Token]:
        """Tokens without comments; comments are kept, or reported once where JSON has none."""
        for token in tokens(self.text):
            if token.kind == "comment":
                self.comments.append(
                    Comment(self.text[token.start : token.end], token.start, token.end)
                )
            else:
                yield token

    def run(self) -> None:
        for token in self.sound():
            if token.kind == "end":
                self.finish(token)
            elif token.kind == "other":
                self.stray(token)
            elif self.stack:
                self.inside(token)
            elif self.top is None:
                self.value_or_fault(token)
            else:
                self.after_top(token)
                break
            self.last_end = token.end
        if self.comments and not self.jsonc:
            first = self.comments[0]
            more = f" (and {len(self.comments) - 1} more)" if len(self.comments) > 1 else ""
            self.fault(
                "SYN001",
                f"JSON has no comments{more}",
                'remove it, put it into a "comment" key, or name the file .jsonc',
                first.start,
                first.end,
            )

    def inside(self, token: Token) -> None:
        frame = self.stack[-1]
        if token.kind in ("}", "]"):
            self.close(frame, token)
        elif frame.state == "colon":
            self.colon(frame, token)
        elif frame.state == "value":
            self.value_or_fault(token)
        elif frame.state in ("first", "next"):
            self.begin_member(frame, token)
        elif token.kind == ",":
            frame.state = "next"
            self.comma = (token.start, token.end)
        elif token.kind in _STARTS_VALUE:
            self.after_last("a comma is missing here", "write a comma after this value")
            frame.state = "next"
            self.begin_member(frame, token)
        else:
            self.syntax(f"expected a comma, found {self.show(token)}", "remove it", token)

    def begin_member(self, frame: Frame, token: Token) -> None:
        if token.kind == ",":
            self.syntax("a comma too many", "remove it", token)
        elif frame.kind == "[":
            frame.state = "value"
            self.value_or_fault(token)
        elif token.kind in _STARTS_KEY and (
            token.kind != "scalar" or isinstance(token.value, str) or token.fault
        ):
            self.key(frame, token)
        elif token.kind in ("scalar", "number"):
            self.syntax(
                f"a key must be a string, found {self.show(token)}",
                "put it into double quotes",
                token,
            )
            self.set_key(frame, token, self.text[token.start : token.end])
        elif token.kind in ("{", "["):
            self.syntax("a key is missing before this value", "write a key and a colon", token)
            self.damaged.add(self.pointer())
            self.set_key(frame, token, "")
            frame.key = None
            frame.state = "value"
            self.value_or_fault(token)
        else:
            self.syntax(f"expected a key, found {self.show(token)}", "write a key in quotes", token)

    def key(self, frame: Frame, token: Token) -> None:
        if token.kind == "word":
            self.syntax(f"the key {token.value} is not quoted", f'write "{token.value}"', token)
            name = str(token.value)
        elif token.kind == "single":
            name = self.text[token.start + 1 : token.end - 1]
            self.syntax("the key stands in single quotes", f'write "{name}"', token)
        elif token.kind == "open":
            self.syntax("the string is not closed on its line", 'write " at its end', token)
            name = str(token.value).partition('"')[0]
        else:
            if token.fault:
                self.fault(*token.fault, token.start, token.end)
            name = str(token.value)
        self.set_key(frame, token, name)

    def set_key(self, frame: Frame, token: Token, name: str) -> None:
        frame.key = name
        frame.key_span = (token.start, token.end)
        frame.state = "colon"
        if name in frame.value:
            first = frame.node[2][name]
            line = self.lines.place(first[0])[0]
            self.fault(
                "SYN002",
                f'the key "{short(name)}" stands here again (first on line {line}); '
                "a parser keeps the last one",
                "keep one of them",
                token.start,
                token.end,
                ((first[0], first[1], "the first one"),),
            )

    def colon(self, frame: Frame, token: Token) -> None:
        frame.state = "value"
        if token.kind == ":":
            return
        if token.kind == ",":
            self.after_last(f'the key "{short(frame.key)}" has no value', "write : and a value")
            self.lose(frame)
            frame.state = "next"
            self.comma = (token.start, token.end)
        else:
            self.after_last(
                f'a colon is missing after the key "{short(frame.key)}"', "write : between them"
            )
            self.value_or_fault(token)

    def value_or_fault(self, token: Token) -> None:
        kind = token.kind
        if kind in ("{", "["):
            self.stack.append(Frame(kind, token.start))
        elif kind == "scalar":
            if token.fault is not None:
                self.fault(*token.fault, token.start, token.end)
            if token.fault is None or isinstance(token.value, str):
                self.put(token.value, [token.start, token.end])
            else:
                self.put_lost(token)
        elif kind in (",", ":"):
            self.missing_value(token)
        elif kind in ("}", "]"):
            self.syntax(f"nothing is open that {kind} could close", "remove it", token)
        else:
            self.faulty_value(token)

    def missing_value(self, token: Token) -> None:
        if token.kind == ":":
            self.syntax("a colon too many", "remove it", token)
            return
        self.after_last("a value is missing here", "write a value, or remove the key")
        if self.stack:
            self.lose(self.stack[-1])
            self.stack[-1].state = "next"
            self.comma = (token.start, token.end)

    def faulty_value(self, token: Token) -> None:
        raw = self.text[token.start : token.end]
        if token.kind == "word" and raw in _PYTHON:
            right = {"True": "true", "False": "false", "None": "null"}[raw]
            self.syntax(f"{raw} is Python, not JSON", f"write {right}", token)
            self.put(_PYTHON[raw], [token.start, token.end])
        elif token.kind == "word":
            self.syntax(
                f"{short(raw)} is no JSON value", f'write "{short(raw)}" for a string', token
            )
            self.put_lost(token)
        elif token.kind == "single":
            self.syntax("the string stands in single quotes", "use double quotes", token)
            self.put(raw[1:-1], [token.start, token.end])
        elif token.kind == "open":
            self.syntax("the string is not closed on its line", 'write " at its end', token)
            self.put_lost(token)
        else:
            self.syntax(f"{short(raw)} is no JSON number", _number_remedy(raw), token)
            self.put_lost(token)

    def close(self, frame: Frame, token: Token) -> None:
        if token.kind != _CLOSER[frame.kind]:
            if not any(_CLOSER[f.kind] == token.kind for f in self.stack):
                self.syntax(
                    f"nothing is open that {token.kind} could close; "
                    f"expected {_CLOSER[frame.kind]}",
                    f"write {_CLOSER[frame.kind]}, or remove it",
                    token,
                )
                if len(self.stack) == 1:
                    self.forgiven = True
                    self.pop(token.end)
                return
            while _CLOSER[self.stack[-1].kind] != token.kind:
                self.unclosed(self.stack[-1], token)
                self.pop(token.start)
            frame = self.stack[-1]
        if frame.state == "next" and not self.jsonc:
            self.fault(
                "SYN001",
                f"a comma before the closing {token.kind}",
                "remove the comma",
                *self.comma,
            )
        elif frame.state in ("colon", "value") and frame.kind == "{":
            self.after_last(f'the key "{short(frame.key)}" has no value', "write : and a value")
            self.lose(frame)
        self.pop(token.end)

    def unclosed(self, frame: Frame, token: Token) -> None:
        start = frame.node[0]
        line, column = self.lines.place(start)
        closer = _CLOSER[frame.kind]
        self.fault(
            "SYN001",
            f"expected {closer} for the {_NAME[frame.kind]} opened on line {line}, "
            f"column {column}, found {self.show(token)}",
            f"write {closer} before it",
            token.start,
            max(token.end, token.start),
            ((start, start + 1, "opened here"),),
        )

    def stray(self, token: Token) -> None:
        raw = self.text[token.start : token.end]
        state = self.stack[-1].state if self.stack else ""
        if (raw, state) in (("=", "colon"), (";", "after")):
            right = ":" if raw == "=" else ","
            name = "a colon" if raw == "=" else "a comma"
            self.syntax(f"expected {name}, found {raw}", f"write {right}", token)
            self.inside(Token(right, token.start, token.end))
            return
        if token.value == "unclosed comment":
            self.syntax("the comment is not closed", "write */ at its end", token)
        else:
            shown = self.show(token)
            self.syntax(f"{shown} has no meaning in JSON", "remove it, or put it in quotes", token)
        if self.stack and self.stack[-1].state == "value" and self.stack[-1].kind == "{":
            self.put_lost(token)

    def after_top(self, token: Token) -> None:
        if self.forgiven and token.kind in ("}", "]"):
            return
        if token.kind == "}":
            message, remedy = (
                "a closing } too many",
                "remove it, or find the block closed too early",
            )
            self.damaged.add("")
        else:
            message, remedy = "text after the end of the document", "remove it"
            if token.kind == ",":
                self.damaged.add("")
                remedy = "remove it, or find the brace that closed the document too early"
        self.syntax(message, remedy, token)

    def finish(self, token: Token) -> None:
        if self.stack:
            frame = self.stack[-1]
            start = frame.node[0]
            line, column = self.lines.place(start)
            open_ones = len(self.stack)
            closers = "".join(_CLOSER[f.kind] for f in reversed(self.stack[-8:]))
            also = f" ({open_ones} are open)" if open_ones > 1 else ""
            self.fault(
                "SYN001",
                f"the file ends inside the {_NAME[frame.kind]} opened on line {line}, "
                f"column {column}{also}",
                f"write {closers} at the end" if open_ones <= 8 else "restore the rest of the file",
                max(0, self.last_end - 1),
                self.last_end,
                ((start, start + 1, "opened here"),),
            )
            pointers: list[str] = [""]
            for f in self.stack[:-1][:64]:
                part = escape(f.key or "") if f.kind == "{" else str(len(f.value))
                pointers.append(f"{pointers[-1]}/{part}")
            self.damaged.update(pointers)
            if frame.state in ("colon", "value"):
                self.lose(frame)
            while self.stack:
                self.pop(token.start)
        elif self.top is None and not self.problems:
            self.fault(
                "SYN001", "the file is empty", "write a configuration: an object { … }", 0, 0
            )
        if self.top is None:
            self.damaged.add("")


def _number_remedy(raw: str) -> str:
    if raw.startswith("+"):
        return f"write {short(raw[1:])}, without the plus sign"
    if raw.startswith((".", "-.")):
        return f"write {short(raw.replace('.', '0.', 1))}"
    if raw.endswith("."):
        return f"write {short(raw)}0, or {short(raw[:-1])}"
    if "_" in raw:
        return f"write {short(raw.replace('_', ''))}, without underscores"
    if raw.lstrip("-").startswith("0") and raw.lstrip("-").isdigit():
        return f"write {short(raw.lstrip('-').lstrip('0') or '0')}, without leading zeros"
    return "write digits, with a point or an exponent: 3e-4"
