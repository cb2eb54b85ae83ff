"""The diagnosis as one HTML file: verdict first, plots beside findings, no request to any network."""

from ppodiag.report.html.page import render_html

__all__ = ["render_html"]
