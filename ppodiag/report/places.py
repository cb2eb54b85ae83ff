"""Places in other files, for the formats that have no room of their own for them."""

from __future__ import annotations

import os

from ppodiag.diagnostic import Diagnostic
from ppodiag.report.wrap import printable


def portable(path: str, separator: str = os.sep) -> str:
    """The path as a server looks it up: with the forward slashes of git, on every system."""
    return path.replace(separator, "/")


def sentences(d: Diagnostic) -> str:
    """The message and the remedy, one behind the other."""
    end = "" if d.message.endswith(("?", "!", ".")) else "."
    return f"{d.message}{end} {d.remedy}"


def other_files(d: Diagnostic) -> str:
    """` [train.py:12: read here; …]`, or nothing where the finding speaks of its own file alone."""
    places = [f"{p.path}:{p.span.start_line}: {p.note}" for p in d.related if p.path]
    return f" [{printable('; '.join(places))}]" if places else ""
