"""Brackets and quotes that are missing or too many, told from what stands around them."""

from __future__ import annotations

import re

from ppodiag.source.builder import Frame
from ppodiag.source.recovery import TEXT, Recovery
from ppodiag.source.tokens import Token

_REST_OF_ARRAY = re.compile(r'(?:"(?:[^"\\\n\r]|\\.){0,1000}+"|[^":{}\[\]]){0,1000}+\]')
_KEY_ENDS = re.compile(r"[ \t]*+:")
_VALUE_ENDS = re.compile(r"[ \t]*+(?:[,}\]\n\r]|\Z)")
_WHOLE = re.compile(r'"[^"\\\n\r]*+"')
_UNOPENED = re.compile(r'[^"\\\n\r]*+"(?=[ \t]*+[,}\]]*+[ \t]*+(?:[\n\r]|\Z))')
_MORE_WORDS = re.compile(r'(?::?[ \t]++|:)[^\s,}\]"]')


class Brackets(Recovery):
    """Faults after which the text is read again, or on, as it was evidently meant."""

    restart: int | None = None
    """Offset from which tokens are read anew, after a token that was cut wrongly."""

    def stray_quote(self, frame: Frame, token: Token) -> bool:
        """Report a doubled quote, and read on as if it stood once; False where none is."""
        at = token.start
        if at != self.last_end or self.text[at - 1] != '"' or token.kind not in TEXT:
            return False
        ends = _KEY_ENDS if frame.state == "colon" else _VALUE_ENDS
        if self.quoted_at(at) and ends.match(self.text, at + 1):
            self.fault("SYN001", "a quote too many", "remove it", at, at + 1)
            self.restart = at + 1
            return True
        whole = _WHOLE.match(self.text, at - 1)
        emptied = self.text.startswith('""', at - 2) and frame.kind == "{"
        if emptied and whole is not None and ends.match(self.text, whole.end()):
            self.fault("SYN001", "a quote too many", "remove it", at - 2, at - 1)
            frame.state = "next" if frame.state == "colon" else "value"
            self.restart = at - 1
            return True
        return False

    def bare_text(self, token: Token) -> bool:
        """Report text without its first quote, or without both; False where one word stands."""
        if not self.stack or _MORE_WORDS.match(self.text, token.end) is None:
            return False
        found = _UNOPENED.match(self.text, token.start)
        if found is not None:
            self.syntax('the " before this text is missing', 'write " before it', token)
            self.put_lost(token)
            self.restart = found.end()
            return True
        self.syntax(f"{self.show(token)} is no JSON value", "put a text into double quotes", token)
        self.put_lost(token)
        self.pass_over(self.stack[-1], token)
        return True

    def unexpected_colon(self, frame: Frame) -> bool:
        """Report a bracket missing before the text in front of this colon; False where none is."""
        found = self._last_text(frame)
        if found is None:
            return False
        key, start, end = found
        first_of_objects = True
        if frame.kind == "[":
            others = frame.value[:-1]
            first_of_objects = not others or (
                isinstance(others[-1], dict) and self._deeper(start, frame.node[2][-2][0])
            )
            if not first_of_objects and (len(self.stack) < 2 or self.stack[-2].kind != "{"):
                return False
            frame.value.pop()
            frame.node[2].pop()
        elif not _lines(self.text, frame.key_span[1], start):
            return False
        token = Token("scalar", start, end, key)
        if first_of_objects:
            self.syntax(f"the {{ before {self.show(token)} is missing", "write { before it", token)
            self.push(Frame("{", start))
        else:
            self.unclosed(frame, token)
            self.pop(self.comma[0] if self.comma[0] > frame.node[0] else start)
        self.set_key(self.stack[-1], token, key)
        self.stack[-1].state = "value"
        return True

    def _deeper(self, offset: int, other: int) -> bool:
        """Whether a place stands further to the right than another, or on its line."""
        line, column = self.lines.place(offset)
        other_line, other_column = self.lines.place(other)
        return column > other_column or line == other_line

    def _last_text(self, frame: Frame) -> tuple[str, int, int] | None:
        """The string just read as a value, with its offsets."""
        if frame.kind == "[":
            value = frame.value[-1] if frame.value else None
            node = frame.node[2][-1] if frame.value else None
        else:
            value = frame.value.get(frame.key)
            node = frame.node[2][frame.key][2] if frame.key in frame.node[2] else None
        if isinstance(value, str) and node is not None and node[1] == self.last_end:
            return value, node[0], node[1]
        return None

    def unopened_array(self, frame: Frame, token: Token) -> bool:
        """Report the [ missing before the value in front of this one; False where none is."""
        if frame.kind != "{" or frame.state != "next" or token.kind != "scalar":
            return False
        if frame.key not in frame.value or self.before_colon(token):
            return False
        if _REST_OF_ARRAY.match(self.text, token.start) is None:
            return False
        node = frame.node[2][frame.key][2]
        if len(node) > 2:
            return False  # a block, or an array that was mended before
        start, end = node
        self.fault("SYN001", "the [ before these values is missing", "write [ here", start, end)
        frame.state = "value"
        self.push(Frame("[", start))
        self.restart = start
        return True

    def goes_on(self, token: Token) -> bool:
        """Report that the document was closed too early, and open it again; False where it ends."""
        if token.kind != "," or self.top is None or not isinstance(self.top[0], dict):
            return False
        value, node = self.top
        self.fault(
            "SYN001",
            "the document is closed before its end: a } too many",
            "remove it, or find the block that is closed too early",
            node[1] - 1,
            node[1],
            ((token.start, token.end, "it goes on here"),),
        )
        frame = Frame("{", node[0])
        frame.value, frame.node, frame.state = value, node, "next"
        self.comma = (token.start, token.end)
        self.top = None
        self.push(frame)
        self.damaged.add("")
        self.damaged |= self.suspects
        return True


def _lines(text: str, start: int, end: int) -> bool:
    """Whether a line ends between two offsets."""
    between = text[start:end]
    return "\n" in between or "\r" in between
