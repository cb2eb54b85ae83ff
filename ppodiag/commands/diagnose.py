"""`ppodiag diagnose`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ppodiag.commands.codes import parse_codes
from ppodiag.commands.completing import complete_files
from ppodiag.commands.console import fault, note, wants_colour
from ppodiag.commands.output import emit
from ppodiag.commands.shared import (
    compare_option,
    exit_zero_option,
    fail_on_option,
    format_option,
    ignore_option,
    output_option,
    override_options,
    plot_option,
    profile_option,
    select_option,
    severity_option,
)
from ppodiag.commands.thresholds import failing, lowest_shown
from ppodiag.commands.verb import Example, Verb
from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN, FINDINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ppodiag.context import Context
    from ppodiag.diagnosis.engine import Diagnosis
    from ppodiag.finding import Severity

FORMATS = ("text", "json", "markdown", "html")


@click.command(
    "diagnose",
    cls=Verb,
    examples=(
        Example("One run", "ppodiag diagnose runs/17"),
        Example("A page to hand on, with what the configuration promised",
                "ppodiag diagnose runs/17 --config ppo.json --format html --output report.html"),
        Example("Follow a run in progress", "ppodiag diagnose runs/17 --config ppo.json --watch"),
        Example("See how the columns of a log are understood", "ppodiag diagnose runs/17 --list-tags"),
    ),
)  # fmt: skip
@click.argument("runs", nargs=-1, metavar="RUN...", shell_complete=complete_files)
@click.option(
    "--config",
    metavar="FILE",
    help="The configuration that the runs were started with.",
    shell_complete=complete_files,
)
@compare_option("a run whose speed is the measure")
@format_option(*FORMATS)
@output_option
@plot_option
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COLUMN=TAG",
    help="The tag of a canonical column, e.g. pg_grad_norm=my/norm.",
)
@click.option("--list-tags", is_flag=True, help="Print what was understood of each log, and stop.")
@click.option("--watch", is_flag=True, help="Follow one run in progress; findings as they appear.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="With --watch: time without news after which the run counts as ended.",
)
@select_option
@ignore_option
@severity_option
@fail_on_option
@exit_zero_option
@profile_option
@override_options
def command(runs: tuple[str, ...], **given: Any) -> int:
    """Find what is wrong with a run by its log: TensorBoard, CSV or JSONL.

    A RUN is an event file, a CSV or JSONL file, or a folder that holds one run. Each symptom comes with
    its steps, its numbers, likely causes, and what would tell them apart.
    """
    if not runs:
        raise UsageError("no run is named", "name a log or a folder; see ppodiag diagnose --help")
    mapping = _mapping(given["mapping"])
    given["fail_on"] = failing(given["fail_on"], given["config"])
    given["severity"] = lowest_shown(given["severity"], given["config"])
    if given["list_tags"]:
        return _list_tags(runs, mapping, given["output"])
    context = _context(given)
    if given["watch"]:
        return _watch(runs, mapping, context, given)
    diagnoses = _diagnose(runs, mapping, context, given)
    if given["plot"]:
        from ppodiag.plot.diagnosis import write_diagnosis_picture

        write_diagnosis_picture(diagnoses, given["plot"])
        note(f"wrote {given['plot']}", "wrote", path=given["plot"])
    _write(diagnoses, given)
    return verdict_code([f.severity for d in diagnoses for f in d.findings], given)


def verdict_code(severities: Sequence[Severity], given: dict[str, Any]) -> int:
    """The exit code that findings of these severities mean."""
    if given["exit_zero"]:
        return CLEAN
    worst = max(severities, default=None)
    return FINDINGS if worst is not None and worst >= given["fail_on"] else CLEAN


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        column, equals, tag = pair.partition("=")
        if not equals or not column.strip() or not tag:
            raise UsageError(f"--map {pair!r} is not COLUMN=TAG", "write for example lr=my/lr")
        found[column.strip()] = tag
    return found


def _context(given: dict[str, Any]) -> Context | None:
    if not given["config"]:
        for name, option in (
            ("profile", "--profile"),
            ("settings", "--set"),
            ("total_env_steps", "--total-env-steps"),
        ):
            if given[name]:
                raise UsageError(
                    f"{option}: there is no configuration that it could be about",
                    "add --config FILE",
                )
        return None
    from ppodiag.commands.overrides import parse_overrides
    from ppodiag.forecast import read_context
    from ppodiag.options import Options
    from ppodiag.profile import parse_profile
    from ppodiag.runner import Request, read_target, settings_for

    options = Options(
        profile=parse_profile(given["profile"]) if given["profile"] else None,
        overrides=tuple(parse_overrides(given["settings"], given["total_env_steps"])),
    )
    path = given["config"]
    options = Request(options).options_for(settings_for(path), True)
    return read_context(read_target(path), path, options)[1]


def _diagnose(
    runs: tuple[str, ...], mapping: dict[str, str], context: Context | None, given: dict[str, Any]
) -> list[Diagnosis]:
    from ppodiag.commands.progress import ticking
    from ppodiag.diagnosis.engine import diagnose_run
    from ppodiag.runlog import read_run

    rules = _rules(given)
    baseline = read_run(given["compare"], mapping) if given["compare"] else None
    found, failed = [], []
    for number, path in enumerate(runs, 1):
        with ticking(f"run {number} of {len(runs)}: {path}"):
            try:
                run = read_run(path, mapping)
            except UsageError as error:
                if len(runs) == 1:
                    raise
                failed.append(error)
                continue
            found.append(diagnose_run(run, rules, context, baseline))
    for unreadable in failed:
        fault(unreadable.message, unreadable.remedy)
    if not found:
        raise UsageError("none of the runs can be read", failed[0].remedy)
    return found


def _rules(given: dict[str, Any]) -> Any:
    from ppodiag.options import Options
    from ppodiag.rules.loader import load_run_rules

    rules = load_run_rules()
    select, ignore = (
        parse_codes(f"--{o}", given[o], rules, "rule about runs") for o in ("select", "ignore")
    )
    options = Options(select=select, ignore=ignore)
    return {code: rule for code, rule in rules.items() if options.counts(code)}


def _list_tags(runs: tuple[str, ...], mapping: dict[str, str], output: str | None) -> int:
    from ppodiag.report.tags import render_tags
    from ppodiag.runlog import read_run

    emit("".join(render_tags(read_run(path, mapping)) for path in runs), output)
    return CLEAN


def _watch(
    runs: tuple[str, ...], mapping: dict[str, str], context: Context | None, given: dict[str, Any]
) -> int:
    from ppodiag.commands.watching import watch_run

    if len(runs) > 1 or given["format_"] != "text" or given["output"] or given["plot"]:
        raise UsageError("--watch follows one run and prints text", "leave the other options out")
    severities = watch_run(runs[0], mapping, context, _rules(given), given)
    return verdict_code(severities, given)


def _write(diagnoses: list[Diagnosis], given: dict[str, Any]) -> None:
    severity, output = given["severity"], given["output"]
    if given["format_"] == "json":
        from ppodiag.report.diagnosis_json import render_json

        text = render_json(diagnoses)
    elif given["format_"] == "markdown":
        from ppodiag.report.diagnosis_json import render_markdown

        text = render_markdown(diagnoses, severity)
    elif given["format_"] == "html":
        from ppodiag.diagnosis.verdicts import verdicts
        from ppodiag.report.html import render_html

        text = render_html(diagnoses, {i: verdicts(d) for i, d in enumerate(diagnoses)})
    else:
        from ppodiag.report.diagnosis import render_diagnoses

        text = render_diagnoses(diagnoses, severity, wants_colour() and output is None)
    emit(text, output)
