"""`ppodiag simulate --sweep`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN

if TYPE_CHECKING:
    from ppodiag.forecast import SourceFor
    from ppodiag.options import Options


def run_sweep(
    configs: tuple[str, ...],
    given: dict[str, Any],
    options_for: Callable[[str, str | None, dict[str, Any]], Options],
    source_for: SourceFor | None,
) -> int:
    """Sweep one file; the exit code is 0, for a sweep judges nothing."""
    from ppodiag.commands.console import note, wants_colour
    from ppodiag.commands.output import emit
    from ppodiag.commands.progress import counter
    from ppodiag.report.sweep import render_sweep, render_sweep_json
    from ppodiag.runner import read_target
    from ppodiag.sweep import sweep
    from ppodiag.sweep_axis import parse_axis

    _check(configs, given)
    name = configs[0]
    shown = "<stdin>" if name == "-" else name
    axes = [parse_axis(text) for text in given["sweeps"]]
    options = options_for(shown, (given["profiles"] or (None,))[0], given)
    with counter("points") as progress:
        result = sweep(
            read_target(name), shown, axes, options, source_for=source_for,
            seeds=given["seeds"], seed=given["seed"], outlines=given["format_"] == "json",
            curves=bool(given["plot"]) and len(axes) == 1, progress=progress,
        )  # fmt: skip
    if given["plot"]:
        from ppodiag.plot.sweep import write_sweep_picture

        write_sweep_picture(result, given["plot"])
        note(f"wrote {given['plot']}", "wrote", path=given["plot"])
    colour = wants_colour() and given["output"] is None
    text = render_sweep_json(result) if given["format_"] == "json" else render_sweep(result, colour)
    emit(text, given["output"])
    return CLEAN


def _check(configs: tuple[str, ...], given: dict[str, Any]) -> None:
    if len(configs) > 1 or given["compare"] or len(given["profiles"]) > 1:
        raise UsageError("a sweep takes one configuration and one profile", "run it for each")
    if len(given["sweeps"]) > 2:
        raise UsageError(
            "at most two keys can be swept at once", "leave --sweep out for the others"
        )
    if given["format_"] in ("csv", "parquet") or given["every"]:
        raise UsageError("a sweep has no rows of one run", "use --format text or json")
