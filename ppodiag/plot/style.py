"""Colours and axes that all pictures share."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ppodiag.errors import UsageError

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Told apart by the colour-blind too (Okabe and Ito 2008)."""

ROW = 125
"""[judgement] Letters of a legend that fit side by side in a picture of 9 inches."""

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


@contextmanager
def quiet_fonts() -> Iterator[None]:
    """Draw letters that the font lacks as boxes, without a warning for each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+", UserWarning)
        yield


def short(title: str) -> str:
    """The end of a long name, where names differ."""
    return title if len(title) <= 60 else "…" + title[-59:]


def literal(name: str) -> str:
    """A name of the user's as matplotlib draws it unchanged: no formula, and never left out."""
    # Labels that begin with an underscore are left out of a legend; a hair space makes it second.
    return ("\u200a" if name.startswith("_") else "") + name.replace("$", r"\$")


def heading(figure: Any, words: str, size: float = 11) -> None:
    """Put words over a figure, in lines that end inside it; the figure grows by those after the first.

    Args:
        size: of the letters, in points.
    """
    width, height = figure.get_size_inches()
    with quiet_fonts():
        lines = _lines(words, size, 72 * width * 0.97)
    figure.set_size_inches(width, height + (len(lines) - 1) * 1.4 * size / 72)
    figure.suptitle(
        "\n".join(lines), fontsize=size, x=0.01, ha="left", weight="bold", parse_math=False
    )


def from_zero(axes: Any) -> None:
    """Let the upright axis begin at zero; or hold zero, where a line lies below it."""
    lowest = min((min(line.get_ydata(), default=0.0) for line in axes.lines), default=0.0)
    if lowest >= 0:
        axes.set_ylim(bottom=0)
    else:
        axes.set_ylim(top=max(axes.get_ylim()[1], -0.05 * lowest))


def legend_above(axes: Any) -> None:
    """Name the lines over a panel, in as many columns as fit; the figure grows by the rows."""
    handles, names = axes.get_legend_handles_labels()
    columns = max(1, min(len(names), ROW // (max(map(len, names)) + 6)))
    rows = -(-len(names) // columns)
    figure = axes.get_figure()
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + 0.18 * rows)
    axes.legend(
        handles, names, fontsize=8, frameon=False, loc="lower left", bbox_to_anchor=(0, 1),
        ncols=columns, borderaxespad=2.7, columnspacing=1.5,
    )  # fmt: skip


def _lines(words: str, size: float, width: float) -> list[str]:
    """Words in lines of at most `width` points; a word that is longer is cut."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(weight="bold")

    def fits(text: str) -> bool:
        drawn = text.replace("$", "S")  # as wide, and no formula
        return bool(TextPath((0, 0), drawn, size, prop=font).get_extents().width <= width)

    lines = [""]
    for word in words.split(" "):
        joined = f"{lines[-1]} {word}".lstrip()
        if fits(joined):
            lines[-1] = joined
            continue
        lines.append(word)
        while not fits(lines[-1]):
            begin = lines.pop()
            cut = next(n for n in range(len(begin), 0, -1) if n == 1 or fits(begin[:n]))
            lines += [begin[:cut], begin[cut:]]
    return [line for line in lines if line]


def suffix_of(path: str) -> str:
    """The suffix of a picture, in small letters.

    Raises:
        UsageError: it is none of those that a picture can have.
    """
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{path}: no picture can end so", f"choose of {', '.join(SUFFIXES)}")
    return suffix


def save(figure: Any, path: str) -> None:
    """Write a figure, whole or not at all, in the format of the file's suffix.

    Raises:
        UsageError: another suffix, or a file that cannot be written.
    """
    from matplotlib import rc_context

    from ppodiag.writing import whole_file

    suffix = suffix_of(path)
    # Texts stay texts, and equal figures give equal files.
    fixed: Any = {"svg.fonttype": "none", "svg.hashsalt": "ppodiag"}
    date = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}[suffix]
    with whole_file(path) as beside, rc_context(fixed), quiet_fonts():
        figure.savefig(beside, format=suffix[1:], metadata=date)
