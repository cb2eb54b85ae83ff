"""Colours and axes that all pictures share."""

from __future__ import annotations

from typing import Any

from ppodiag.errors import UsageError

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Told apart by the colour-blind too (Okabe and Ito 2008)."""

SUFFIXES = (".png", ".svg", ".pdf")


def new_figure(width: float, height: float) -> Any:
    """An empty figure, in inches, that draws without a screen.

    Raises:
        UsageError: matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise UsageError("pictures need matplotlib", "pip install 'ppodiag[plot]'") from None
    with rc_context({"font.size": 9, "axes.titlesize": 10, "axes.titlelocation": "left"}):
        return Figure(figsize=(width, height), layout="constrained", dpi=150)


def plain_axes(axes: Any) -> None:
    """Take away what carries no information; a light grid; thousands with commas."""
    from matplotlib.ticker import FuncFormatter

    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def save(figure: Any, path: str) -> None:
    """Write a figure, whole or not at all, in the format of the file's suffix.

    Raises:
        UsageError: another suffix, or a file that cannot be written.
    """
    import os

    from matplotlib import rc_context

    from ppodiag.writing import whole_file

    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{path}: no picture can end so", f"choose of {', '.join(SUFFIXES)}")
    # Texts stay texts, and equal figures give equal files.
    fixed: Any = {"svg.fonttype": "none", "svg.hashsalt": "ppodiag"}
    date = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}[suffix]
    with whole_file(path) as beside, rc_context(fixed):
        figure.savefig(beside, format=suffix[1:], metadata=date)
