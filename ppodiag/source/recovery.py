"""Going on behind a fault that would otherwise make the parser complain again and again."""

from __future__ import annotations

import re

from ppodiag.source.builder import Builder, Frame
from ppodiag.source.tokens import Token

_COLON = re.compile(r"\s*+:")
_LINE_END = re.compile(r"[^\n\r]{0,1000}+")
TEXT = frozenset(("scalar", "word", "number", "single", "open"))
_SHAPE = frozenset("{}[],:")


class Recovery(Builder):
    """Faults after which the rest of a member is passed over; one of them is one problem."""

    skip_until = 0
    """Up to this offset everything but commas and brackets is passed over."""

    def before_colon(self, token: Token) -> bool:
        """Whether a colon follows, so that the token is a key."""
        return _COLON.match(self.text, token.end) is not None

    def quoted_at(self, offset: int) -> bool:
        """Whether a double quote stands at an offset."""
        return self.text.startswith('"', offset)

    def skips(self, token: Token) -> bool:
        """Whether the token belongs to a member that is passed over."""
        if token.kind in (",", "}", "]", "end"):
            self.skip_until = 0
        if token.start >= self.skip_until:
            return False
        if self.stack and token.kind in ("{", "["):
            self.skip_until = 0
            self.open_nameless(token)
        return True

    def open_nameless(self, token: Token) -> None:
        """Read a container that belongs to no key; in an object it leaves no trace."""
        if self.stack[-1].kind == "{":
            self.stack[-1].key = None
        self.push(Frame(token.kind, token.start))

    def pass_over(self, frame: Frame, token: Token) -> None:
        """Give the member up: on its line, only commas and brackets still count."""
        self.mark_damaged()
        if frame.state == "after":
            self.lose(frame)
        frame.key = None
        frame.state = "after"
        found = _LINE_END.match(self.text, token.end)
        self.skip_until = found.end() if found is not None else token.end

    def misquoted(self, frame: Frame, token: Token) -> bool:
        """Report a quote that is missing or stands inside a string; False where none is."""
        if token.start != self.last_end or token.kind not in TEXT:
            return False
        before = self.text[token.start - 1]
        if before in _SHAPE:
            return False
        opens = self.quoted_at(token.start)
        tripled = opens and self.text.startswith('""', token.start - 2)
        if (before == '"') == opens and not tripled:
            return False
        if frame.state == "after" and opens and not tripled and self.before_colon(token):
            return False  # a comma is missing between two members that touch
        self.syntax(
            f"{self.show(token)} touches the text before it: a quote is missing or too many",
            'put the whole text between two quotes, and write \\" for a quote inside it',
            token,
        )
        self.pass_over(frame, token)
        return True

    def surplus(self, frame: Frame, token: Token) -> bool:
        """Report a second value behind a member's value; False where a new member begins."""
        if frame.kind != "{" or token.kind not in ("{", "[", *TEXT):
            return False
        if token.kind in ("{", "["):
            self.after_last(
                "a comma and a key are missing here", "write a comma, a key and a colon"
            )
            self.mark_damaged()
            self.open_nameless(token)
            return True
        if self.before_colon(token) or token.kind == "open":
            return False
        if _LINE_END.fullmatch(self.text, self.last_end, token.start) is None:
            return False
        self.syntax(
            f"expected a comma or }}, found {self.show(token)}",
            "keep one value, or make them an array with [ and ]",
            token,
        )
        self.pass_over(frame, token)
        return True

    def tuple_bracket(self, raw: str, token: Token) -> Token | None:
        """The bracket that ( or ) stands for in a Python tuple; None where it stands for none."""
        frame = self.stack[-1] if self.stack else None
        if raw == "(" and frame is not None:
            expected = frame.state == "value" or (
                frame.kind == "[" and frame.state in ("first", "next")
            )
            if expected:
                self.syntax("( … ) is Python, not JSON", "write [ and ]", token)
                return Token("(", token.start, token.end)
        if raw == ")" and frame is not None and frame.rounded:
            return Token("]", token.start, token.end)
        return None
