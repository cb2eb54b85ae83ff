"""`ppodiag simulate`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ppodiag.commands.completing import complete_files, complete_settings, words
from ppodiag.commands.console import note, wants_colour
from ppodiag.commands.output import emit
from ppodiag.commands.seeds import parse_paths
from ppodiag.commands.shared import (
    compare_option,
    exit_zero_option,
    fail_on_option,
    format_option,
    output_option,
    override_options,
    plot_option,
    profiles_option,
    seed_option,
    seeds_option,
)
from ppodiag.commands.thresholds import failing
from ppodiag.commands.verb import Example, Verb
from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN, FINDINGS
from ppodiag.finding import Severity

if TYPE_CHECKING:
    from ppodiag.forecast import Forecast, SourceFor
    from ppodiag.options import Options

FORMATS = ("text", "json", "csv", "parquet")


@click.command(
    "simulate",
    cls=Verb,
    examples=(
        Example("Figures, findings and a chart", "ppodiag simulate ppo.json"),
        Example("A picture of a change", "ppodiag simulate old.json --compare new.json --plot ppo.png"),
        Example("With the gradient norms of an earlier run",
                "ppodiag simulate ppo.json --norms fit:runs/17"),
        Example("Find a warm-up that fits", "ppodiag simulate ppo.json --sweep warmup_steps=0:2000:21"),
    ),
)  # fmt: skip
@click.argument("configs", nargs=-1, metavar="CONFIG...", shell_complete=complete_files)
@compare_option("a configuration, beside each CONFIG")
@profiles_option
@click.option(
    "--norms",
    metavar="MODEL",
    help="Gradient norms: constant, lognormal or noise with "
    ":key=value,…; run:PATH replays a run, fit:PATH fits a model to it.",
    shell_complete=words("constant", "lognormal", "noise", "run:", "fit:"),
)
@seeds_option("100, fewer for long runs; 1 where nothing is random")
@seed_option
@plot_option
@click.option(
    "--chart/--no-chart",
    default=None,
    help="Draw the learning rate and the batch size in "
    "the terminal.  [default: where the output is one]",
)
@format_option(*FORMATS, more="CSV and Parquet hold the rows.")
@click.option(
    "--every",
    type=click.Choice(["update", "optimizer", "minibatch"]),
    help="What a row stands for.  [default: update]",
)
@output_option
@click.option(
    "--sweep",
    "sweeps",
    multiple=True,
    metavar="KEY=A:B:N",
    help="Vary a key over N values from A to B, evenly or A:B:N:log by one ratio, or over KEY=V1,V2,…; "
    "at most two keys.",
    shell_complete=complete_settings,
)
@override_options
@fail_on_option
@exit_zero_option
def command(configs: tuple[str, ...], **given: Any) -> int:
    """Compute what a configuration does to the learning rate, the batch size and the memory.

    Exact where nothing is random. Where the batch size adapts it depends on gradient norms: say how they
    behave with --norms, or take the assumption that the output names.
    """
    if not configs:
        raise UsageError("no file is named", "name a configuration; see ppodiag simulate --help")
    if given["plot"]:
        from ppodiag.plot.style import suffix_of

        suffix_of(given["plot"])  # known now, and not after minutes
    given["seeds"], given["seed"] = parse_paths(given["seeds"], given["seed"])
    if given["sweeps"]:
        return _sweep(configs, given)
    forecasts, labels = _forecasts(configs, given)
    if given["plot"]:
        _plot(forecasts, labels, given["plot"])
    _write(forecasts, labels, given)
    if given["exit_zero"]:
        return CLEAN
    threshold = failing(given["fail_on"], configs[0])
    worst = max((d.severity for f in forecasts for d in f.findings), default=None)
    if worst is None and not all(f.trajectory.updates for f in forecasts):
        worst = Severity.ERROR  # nothing trains, and the finding that says so is switched off
    return FINDINGS if worst is not None and worst >= threshold else CLEAN


def _forecasts(configs: tuple[str, ...], given: dict[str, Any]) -> tuple[list[Forecast], list[str]]:
    """Every configuration under every profile; labels tell them apart."""
    from ppodiag.commands.progress import counter
    from ppodiag.forecast import forecast
    from ppodiag.runner import read_target

    source_for = _source_for(given)
    if configs.count("-") + (given["compare"] == "-") > 1:
        raise UsageError("standard input is named twice", "name it once, or write a file")
    names = list(configs)
    if given["compare"]:
        names = [name for config in configs for name in (config, given["compare"])]
    files = {name: read_target(name) for name in dict.fromkeys(names)}
    forecasts, labels = [], []
    for name in names:
        data = files[name]
        shown = "<stdin>" if name == "-" else name
        for profile in given["profiles"] or (None,):
            with counter("simulated updates") as progress:
                made = forecast(
                    data, shown, _options(shown, profile, given), source_for=source_for,
                    seeds=given["seeds"], seed=given["seed"], progress=progress,
                )  # fmt: skip
            forecasts.append(made)
            labels.append(_label(made, names, given["profiles"]))
    return forecasts, labels


def _label(made: Forecast, names: Sequence[str], profiles: Sequence[str]) -> str:
    parts = []
    if len(set(names)) > 1 or len(profiles) < 2:
        parts.append(made.path)
    if len(profiles) > 1:
        parts.append(made.trajectory.profile.name)
    return ", ".join(parts)


def _options(path: str, profile: str | None, given: dict[str, Any]) -> Options:
    from ppodiag.commands.overrides import parse_overrides
    from ppodiag.options import Options
    from ppodiag.profile import parse_profile
    from ppodiag.runner import Request, settings_for

    options = Options(
        profile=parse_profile(profile) if profile else None,
        overrides=tuple(parse_overrides(given["settings"], given["total_env_steps"])),
    )
    return Request(options).options_for(settings_for(path), True)


def _source_for(given: dict[str, Any]) -> SourceFor | None:
    if given["norms"] is None:
        return None
    from ppodiag.forecast import norms_for

    return norms_for(given["norms"])


def _plot(forecasts: list[Forecast], labels: list[str], path: str) -> None:
    from ppodiag.plot.figure import write_picture

    write_picture(forecasts, labels, path)
    note(f"wrote {path}", "wrote", path=path)


def _write(forecasts: list[Forecast], labels: list[str], given: dict[str, Any]) -> None:
    from ppodiag.export import export

    format_, output = given["format_"], given["output"]
    if format_ in ("csv", "parquet"):
        export(forecasts, given["every"] or "update", format_, output)
        return
    if format_ == "json":
        from ppodiag.report.forecast_json import render_json

        text = render_json(forecasts, given["every"])
    else:
        if given["every"]:
            raise UsageError("text has no rows of the run", "add --format csv, parquet or json")
        text = _table(forecasts, labels, given, wants_colour() and output is None)
    emit(text, output)


def _table(
    forecasts: list[Forecast], labels: list[str], given: dict[str, Any], colour: bool
) -> str:
    from ppodiag.report.forecast import render_comparison, render_forecast

    if given["compare"] or len(given["profiles"]) > 1:
        return render_comparison(forecasts, labels, colour)
    chart = given["chart"]
    if chart is None:
        chart = sys.stdout.isatty() and not given["output"]
    parts = []
    for forecast in forecasts:
        part = render_forecast(forecast, colour)
        if chart:
            from ppodiag.report.chart import render_chart

            part = render_chart(forecast) + "\n" + part
        parts.append(part)
    return "\n".join(parts)


def _sweep(configs: tuple[str, ...], given: dict[str, Any]) -> int:
    from ppodiag.commands.sweeping import run_sweep

    return run_sweep(configs, given, _options, _source_for(given))
