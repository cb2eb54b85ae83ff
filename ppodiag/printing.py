"""Text that comes from files and names, made safe to show."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with control characters made visible, so a file cannot drive a terminal."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else ("\t" if c == "\t" else f"\\x{ord(c):02x}") for c in text
    )
