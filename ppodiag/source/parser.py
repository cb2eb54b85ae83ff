"""The recovering JSON parser: value, positions and every fault, without recursion."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ppodiag.source.brackets import Brackets
from ppodiag.source.builder import CLOSER, DEEPEST, NAME, Frame, short
from ppodiag.source.document import Comment, Document, Format, SyntaxProblem, escape
from ppodiag.source.tokens import Token, tokens

_BLOCK = re.compile(r"[ \t]*+[{[]")
_MEANT = {"true": "true", "tru": "true", "false": "false", "fals": "false", "flase": "false"}
_MEANT |= dict.fromkeys(("null", "nul", "none", "nil", "undefined"), "null")
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


class _Parser(Brackets):
    """The grammar, with what to make of each fault against it."""

    def sound(self) -> Iterator[Token]:
        """Tokens without comments; comments are kept, or reported once where JSON has none."""
        self.restart = 0
        while self.restart is not None:
            start, self.restart = self.restart, None
            for token in tokens(self.text, start):
                if token.kind == "hash":
                    self.hashes.append(token)
                elif token.kind == "comment":
                    self.comments.append(
                        Comment(self.text[token.start : token.end], token.start, token.end)
                    )
                else:
                    yield token
                    if self.restart is not None:
                        self.last_end = self.restart
                        break

    def run(self) -> None:
        self.hashes: list[Token] = []
        self.unopened = False
        for token in self.sound():
            if self.skip_until and self.skips(token):
                pass
            elif token.kind == "end":
                self.finish(token)
            elif token.kind == "other":
                self.stray(token)
            elif self.stack:
                self.inside(token)
            elif self.top is None:
                self.begin(token)
            elif not self.goes_on(token):
                self.after_top(token)
                break
            self.last_end = token.end
        self.forbid_comments()

    def forbid_comments(self) -> None:
        """One fault for all the comments that the format does not have."""
        places = [(token.start, token.end) for token in self.hashes]
        name = "JSONC has no comments with #"
        remedy = "begin it with //"
        if not self.jsonc:
            places = sorted([*places, *((c.start, c.end) for c in self.comments)])
            name = "JSON has no comments"
            remedy = 'remove it, put it into a "comment" key, or name the file .jsonc'
            if self.hashes:
                remedy = remedy.replace("the file .jsonc", "the file .jsonc and begin it with //")
        if places:
            more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
            self.fault("SYN001", f"{name}{more}", remedy, *places[0])

    def begin(self, token: Token) -> None:
        """The first token; a key means that the brace before it is missing."""
        if token.kind in ("scalar", "word", "single") and self.before_colon(token):
            self.syntax("the { that opens the document is missing", "write { before it", token)
            self.unopened = True
            self.push(Frame("{", token.start))
            self.inside(token)
        else:
            self.value_or_fault(token)

    def inside(self, token: Token) -> None:
        frame = self.stack[-1]
        if token.kind in ("}", "]"):
            self.close(frame, token)
        elif frame.state == "colon":
            if token.kind == ":":
                frame.state = "value"
            elif not (self.stray_quote(frame, token) or self.misquoted(frame, token)):
                self.colon(frame, token)
        elif frame.state == "value":
            self.value_or_fault(token)
        elif frame.state in ("first", "next"):
            self.begin_member(frame, token)
        elif token.kind == ",":
            frame.state = "next"
            self.comma = (token.start, token.end)
        elif (
            self.stray_quote(frame, token)
            or self.misquoted(frame, token)
            or self.surplus(frame, token)
        ) or (token.kind == ":" and self.unexpected_colon(frame)):
            pass
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
        elif not self.text.startswith(":", token.end) and self.unopened_array(frame, token):
            pass
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
            self.mark_damaged()
            self.open_nameless(token)
        else:
            self.syntax(f"expected a key, found {self.show(token)}", "write a key in quotes", token)

    def key(self, frame: Frame, token: Token) -> None:
        if token.kind == "word" and self.quoted_at(token.end):
            name = str(token.value)  # what is wrong is said of the quote
        elif token.kind == "word":
            self.syntax(f"the key {token.value} is not quoted", f'write "{token.value}"', token)
            name = str(token.value)
        elif token.kind == "single":
            name = self.text[token.start + 1 : token.end - 1]
            quotes = _quotes(self.text[token.start])
            self.syntax(f"the key stands in {quotes}", f'write "{short(name)}"', token)
        elif token.kind == "open":
            self.open_key(frame, token)
            return
        else:
            if token.fault:
                self.fault(*token.fault, token.start, token.end)
            name = str(token.value)
        self.set_key(frame, token, name)

    def open_key(self, frame: Frame, token: Token) -> None:
        """A key without its second quote: its value, unless it is a block, is lost with it."""
        name = str(token.value).partition(":")[0].rstrip()
        self.syntax(f'the key "{short(name)}" is not closed', 'write " at its end', token)
        frame.key, frame.key_span = name, (token.start, token.start + 1 + len(name))
        self.mark_damaged()
        if _BLOCK.match(self.text, token.end) is not None:
            frame.state = "value"
        else:
            self.lose(frame)
            frame.state = "after"

    def colon(self, frame: Frame, token: Token) -> None:
        frame.state = "value"
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
            self.push(Frame(kind, token.start))
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
        elif token.kind in ("word", "number") and self.bare_text(token):
            pass
        elif token.kind in ("word", "number") and self.stack and self.quoted_at(token.end):
            self.put_lost(token)  # what is wrong is said of the quote
        elif token.kind == "word":
            meant = _MEANT.get(raw.lower())
            remedy = f"write {meant}" if meant else f'write "{short(raw)}" for a string'
            self.syntax(f"{short(raw)} is no JSON value", remedy, token)
            self.put_lost(token)
        elif token.kind == "single":
            quotes = _quotes(raw[0])
            self.syntax(f"the string stands in {quotes}", "use double quotes", token)
            self.put(raw[1:-1], [token.start, token.end])
        elif token.kind == "open":
            self.syntax("the string is not closed on its line", 'write " at its end', token)
            self.put_lost(token)
        else:
            self.syntax(f"{short(raw)} is no JSON number", _number_remedy(raw), token)
            self.put_lost(token)

    def close(self, frame: Frame, token: Token) -> None:
        if token.kind != CLOSER[frame.kind]:
            if not self.open["{" if token.kind == "}" else "["]:
                self.syntax(
                    f"nothing is open that {token.kind} could close; expected {CLOSER[frame.kind]}",
                    f"write {CLOSER[frame.kind]}, or remove it",
                    token,
                )
                if len(self.stack) == 1:
                    self.forgiven = True
                    self.pop(token.end)
                return
            while CLOSER[self.stack[-1].kind] != token.kind:
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
        if token.kind == "}":
            self.suspect(frame, token.end)
        self.pop(token.end)

    def stray(self, token: Token) -> None:
        raw = self.text[token.start : token.end]
        state = self.stack[-1].state if self.stack else ""
        if (raw, state) in (("=", "colon"), (";", "after")):
            right = ":" if raw == "=" else ","
            name = "a colon" if raw == "=" else "a comma"
            self.syntax(f"expected {name}, found {raw}", f"write {right}", token)
            self.inside(Token(right, token.start, token.end))
            return
        bracket = self.tuple_bracket(raw, token)
        if bracket is not None and bracket.kind == "(":
            self.push(Frame("(", token.start))
            return
        if bracket is not None:
            self.inside(bracket)
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
            self.damaged |= self.suspects
        else:
            message, remedy = "text after the end of the document", "remove it"
        self.syntax(message, remedy, token)

    def finish(self, token: Token) -> None:
        if self.unopened and len(self.stack) == 1 and self.stack[0].state == "after":
            self.pop(token.start)  # the closing brace is missing with the opening one
        if self.stack:
            frame = self.stack[-1]
            start = frame.node[0]
            line, column = self.lines.place(start)
            open_ones = len(self.stack)
            closers = "".join(CLOSER[f.kind] for f in reversed(self.stack[-8:]))
            also = f" ({open_ones} are open)" if open_ones > 1 else ""
            self.fault(
                "SYN001",
                f"the file ends inside the {NAME[frame.kind]} opened on line {line}, "
                f"column {column}{also}",
                f"write {closers} at the end" if open_ones <= 8 else "restore the rest of the file",
                max(0, self.last_end - 1),
                self.last_end,
                ((start, start + 1, "opened here"),),
            )
            pointers: list[str] = [""]
            for f in self.stack[:-1][:DEEPEST]:
                if f.kind == "{" and f.key is None:
                    break
                part = escape(f.key or "") if f.kind == "{" else str(len(f.value))
                pointers.append(f"{pointers[-1]}/{part}")
            self.damaged.update(pointers, self.suspects)
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


def _quotes(mark: str) -> str:
    return {"'": "single quotes", "`": "backticks"}.get(mark, "typographic quotes")


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
