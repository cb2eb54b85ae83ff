"""The outcome of a study as a page."""

from __future__ import annotations

import html
from collections.abc import Sequence

from ppodiag.ablate.outcome import Outcome
from ppodiag.ablate.store import Store
from ppodiag.report.ablation import render_ablation


def render_page(outcome: Outcome, sentences: Sequence[str], _store: Store) -> str:
    """The page."""
    return f"<!doctype html><meta charset=utf-8><pre>{html.escape(render_ablation(outcome, sentences, False))}</pre>"
