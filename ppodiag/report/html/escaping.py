"""Text for an HTML page."""

from __future__ import annotations

import html

from ppodiag.report.wrap import printable


def escape(text: str) -> str:
    """The text as HTML, in elements and in quoted attributes; control characters are made visible."""
    return html.escape(printable(text))
