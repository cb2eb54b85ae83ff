"""What was understood of a log: its tags, and the canonical columns that they stand for."""

from __future__ import annotations

import numpy as np

from ppodiag.report.wrap import printable, wrap
from ppodiag.runlog.run import Run
from ppodiag.runlog.tags import COLUMNS
from ppodiag.wording import number


def render_tags(run: Run) -> str:
    """Columns with tag, unit, points and range; then the tags that stand for none; then the notes."""
    trainer = f", names of {run.trainer}" if run.trainer else ""
    lines = [f"{printable(run.path)}: {run.kind} log, {len(run.series)} tags{trainer}"]
    known = {series.tag for series in run.columns.values()}
    for name, series in run.columns.items():
        finite = series.values[np.isfinite(series.values)]
        extent = (
            f"{number(finite.min())} to {number(finite.max())}" if len(finite) else "none finite"
        )
        head = f"  {name:<22}{printable(series.tag):<36}{len(series):>7,} points  "
        lines += wrap(extent, head, " " * 24)
        found = run.canonical[name]
        lines += wrap(f"{found.unit}; {found.averaging}", " " * 24, " " * 24)
    others = sorted(tag for tag in run.series if tag not in known)
    if others:
        lines.append(
            f"  {len(others)} tags stand for no canonical column (--map COLUMN=TAG names one):"
        )
        lines += wrap(
            ", ".join(printable(tag).replace(" ", "\u00a0") for tag in others), "    ", "    "
        )
    missing = [name for name in COLUMNS if name not in run.columns]
    lines += wrap(f"not in the log: {', '.join(missing)}", "  ", "    ")
    for note in run.notes:
        lines += wrap(f"{note.severity}: {printable(note.place)}: {note.message}", "  ", "    ")
    return "\n".join(line.replace("\u00a0", " ") for line in lines) + "\n"
