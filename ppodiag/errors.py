"""Faults of usage and of unreadable input, as distinct from findings and from our own faults."""

from __future__ import annotations


class PpodiagError(Exception):
    """An error that a person can act on: what is wrong, and what to do.

    Attributes:
        message: what is wrong, with the value seen.
        remedy: what to do, as an instruction; may be empty.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message


class UsageError(PpodiagError):
    """Wrong usage, or input that cannot be read: exit code 2."""
