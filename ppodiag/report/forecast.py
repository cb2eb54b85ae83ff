"""The forecast of a run as a person reads it: figures first, then findings."""

from __future__ import annotations

from collections.abc import Sequence

from ppodiag.diagnostic import Diagnostic
from ppodiag.figures import Figure
from ppodiag.forecast import Forecast, lint_command
from ppodiag.norms.model import NormModel
from ppodiag.report.frame import code_frame
from ppodiag.report.wrap import paint, printable, wrap
from ppodiag.wording import count

LABEL = 22
"""Columns of the labels."""

WIDTH = 100


def render_forecast(forecast: Forecast, colour: bool) -> str:
    """The figures of one forecast, what the trajectory shows, and what the linter finds."""
    lines = [*heading(forecast, colour), ""]
    for figure in forecast.outline.figures:
        if figure.label:
            lines += _wrapped(figure.label, figure.text)
    for note in (*forecast.notes, *forecast.outline.notes):
        lines += wrap(printable(note), "  note: ", "        ")
    lines += ["", *findings(forecast, colour)]
    return "\n".join(lines) + "\n"


def heading(forecast: Forecast, colour: bool) -> list[str]:
    """File, profile, and where the norms come from."""
    t = forecast.trajectory
    declared = "" if t.context.profile_declared else " (assumed)"
    name = t.profile.name.replace(",", ", ")
    title = wrap(f"{printable(forecast.path)} under profile {name}{declared}", "", "  ")
    lines = [paint(line, "bold", colour) for line in title]
    for text in _norms_line(forecast):
        lines += wrap(text, "", "  ")
    if t.sizes is None and not t.config.adaptive_batch:
        lines.append("the minibatch size is fixed")
    return lines


def _norms_line(forecast: Forecast) -> list[str]:
    """Where the norms come from, and over how many seeds figures are taken; nothing without norms."""
    t = forecast.trajectory
    if t.source is None:
        return []
    assumed = " (assumed)" if isinstance(t.source, NormModel) and t.source.assumed else ""
    text = f"gradient norms: {printable(t.source.describe())}{assumed}"
    if len(t.seeds) > 1:
        text += f"; median [5% to 95%] of {count(len(t.seeds))} seeds"
    return [text]


def _wrapped(label: str, text: str) -> list[str]:
    return wrap(text, f"  {label:<{LABEL}}", " " * (LABEL + 2))


def findings(forecast: Forecast, colour: bool) -> list[str]:
    """What only the trajectory shows, in full, and what the linter finds, by code."""
    lines: list[str] = []
    for d in forecast.findings:
        label = f"{d.severity.word}[{d.code}]"
        place = f"{printable(d.path)}:{d.span.start_line}:{d.span.start_column}"
        text = wrap(f"{place}: {label} {printable(d.message)}", "", "    ")
        text[0] = text[0].replace(label, paint(label, d.severity.word, colour), 1)
        lines += [*text, *code_frame(d, forecast.document, colour)]
        lines += [*wrap(printable(d.remedy), "  = help: ", "          "), ""]
    if not lines and not forecast.trajectory.updates:
        lines = ["Nothing trains.", ""]
    if not lines:
        what = "beyond what lint finds" if forecast.linted else "that needs a finding"
        lines = [f"The trajectory shows nothing {what}.", ""]
    return lines + _linted(forecast)


def _linted(forecast: Forecast) -> list[str]:
    found: list[Diagnostic] = forecast.linted
    if not found:
        return ["ppodiag lint finds nothing at warning or above."]
    same = forecast.options.overrides or forecast.options.profile is not None
    settings = " with the same --set, --total-env-steps and --profile" if same else ""
    return wrap(
        f"{lint_command(printable(forecast.path))}{settings} explains: {_codes(found)}", "", "  "
    )


def _codes(found: Sequence[Diagnostic]) -> str:
    """Each code once, with its worst severity and how often it is found."""
    worst: dict[str, Diagnostic] = {}
    for d in found:
        if d.code not in worst or d.severity > worst[d.code].severity:
            worst[d.code] = d
    counts = {code: sum(d.code == code for d in found) for code in worst}
    return ", ".join(
        f"{code} ({d.severity.word}{f', {counts[code]} times' if counts[code] > 1 else ''})"
        for code, d in worst.items()
    )


def render_comparison(forecasts: Sequence[Forecast], labels: Sequence[str], colour: bool) -> str:
    """Forecasts side by side, one column each, three to a block; what differs is marked."""
    lines: list[str] = []
    for start in range(0, len(forecasts), 3):
        part, names = forecasts[start : start + 3], labels[start : start + 3]
        lines += [*_block(part, names, colour), ""]
    for forecast, label in zip(forecasts, labels, strict=True):
        found = [*forecast.findings, *(d for d in forecast.linted if d not in forecast.findings)]
        lines += wrap(f"{printable(label)}: {_codes(found) or 'no findings'}", "", "  ")
        for text in (*_norms_line(forecast), *forecast.notes, *forecast.outline.notes):
            lines += wrap(printable(text), "  ", "    ")
    return "\n".join(lines) + "\n"


def _block(forecasts: Sequence[Forecast], labels: Sequence[str], colour: bool) -> list[str]:
    width = (WIDTH - LABEL - 4) // len(forecasts)
    columns = [_short_rows(forecast) for forecast in forecasts]
    keys = list(dict.fromkeys(key for column in columns for key in column))
    lines = _row("", labels, width, colour and "bold")
    for key in keys:
        cells = [column.get(key, "") for column in columns]
        differs = len(set(cells)) > 1
        lines += _row(("* " if differs else "  ") + key, cells, width, "")
    return lines


def _row(label: str, cells: Sequence[str], width: int, style: str | bool) -> list[str]:
    """One row; a cell that is too long goes on in the next line."""
    import textwrap

    wrapped = [textwrap.wrap(printable(cell), width - 1) or [""] for cell in cells]
    lines = []
    for index in range(max(map(len, wrapped))):
        texts = [part[index] if index < len(part) else "" for part in wrapped]
        text = "".join(f"{t:<{width}}" for t in texts)
        head = f"{label if index == 0 else '':<{LABEL + 2}}"
        lines.append((head + (paint(text, "bold", True) if style else text)).rstrip())
    return lines


def _short_rows(forecast: Forecast) -> dict[str, str]:
    """Label to text of the figures that a comparison shows."""
    rows: dict[str, str] = {}
    for figure in forecast.outline.figures:
        if figure.label:
            rows |= _short(figure)
    return rows


def _short(figure: Figure) -> dict[str, str]:
    if figure.key == "lr":
        parts = [part.partition(" ") for part in figure.text.split(" · ")]
        return {f"{word} LR": text for word, _, text in parts}
    if figure.key == "minibatch_size":
        return {figure.label: figure.text.partition("; ")[2]}
    return {figure.label: figure.text}
