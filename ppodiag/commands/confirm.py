"""`ppodiag confirm`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ppodiag.commands.codes import parse_codes
from ppodiag.commands.completing import complete_codes, complete_files
from ppodiag.commands.console import warning
from ppodiag.commands.devices import kind_of
from ppodiag.commands.output import emit
from ppodiag.commands.progress import Line
from ppodiag.commands.shared import (
    device_option,
    dry_run_option,
    env_option,
    exit_zero_option,
    format_option,
    ignore_option,
    memory_option,
    out_option,
    output_option,
    override_options,
    profile_option,
    seed_option,
    timeout_option,
)
from ppodiag.commands.sizes import parse_memory
from ppodiag.commands.verb import WRONG, Example, Exit, Verb
from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN, FINDINGS, INTERNAL, INTERRUPTED

if TYPE_CHECKING:
    from ppodiag.confirm.planning import Wanted
    from ppodiag.confirm.settling import Confirmation
    from ppodiag.options import Options


@click.command(
    "confirm",
    cls=Verb,
    examples=(
        Example("See what would be run", "ppodiag confirm ppo.json --dry-run"),
        Example("Settle every finding that a run can settle", "ppodiag confirm ppo.json"),
        Example("Some findings, in an environment of your choice",
                "ppodiag confirm ppo.json --select LR102,STB --env replica-scheduling"),
    ),
    exits=(
        Exit(0, "no prediction is refuted, or --exit-zero"),
        Exit(1, "a run refutes a prediction"),
        WRONG,
        Exit(3, "a run failed, or a fault of ppodiag itself"),
        Exit(130, "interrupted; the same command goes on"),
    ),
)  # fmt: skip
@click.argument("config", metavar="CONFIG", shell_complete=complete_files)
@click.option(
    "--select",
    "--rule",
    "select",
    multiple=True,
    metavar="CODES",
    help="Codes or prefixes that count.",
    shell_complete=complete_codes,
)
@ignore_option
@env_option
@override_options
@profile_option
@memory_option
@device_option("cpu")
@seed_option
@click.option(
    "--most-updates",
    type=click.IntRange(min=4),
    metavar="N",
    help="Longest run; longer ones are shortened to scale.  [default: 60]",
)
@timeout_option
@out_option("confirmation-CONFIG")
@dry_run_option
@format_option("text", "json")
@output_option
@exit_zero_option
def command(config: str, **given: Any) -> int:
    """Settle the linter's findings by short runs of the reference trainer.

    Each finding that a run can settle has its experiment: what was predicted, the shortest run that
    could refute it, what was measured. The environment is the cheapest that settles it. The same command
    goes on where it was interrupted.
    """
    from ppodiag.confirm.planning import plan_findings
    from ppodiag.confirm.running import Bench, refuse_places
    from ppodiag.confirm.settling import carry_out
    from ppodiag.confirm.table import render_json, render_plan, render_text
    from ppodiag.runner import read_target

    wanted = _wanted(given)
    path = "<stdin>" if config == "-" else config
    plan = plan_findings(read_target(config), path, _options(path, given), wanted)
    bench = Bench(given["out"] or _default_folder(path), given["timeout"])
    if given["dry_run"]:
        if given["format_"] == "json":
            raise UsageError("a dry run is written as text", "leave out --format json")
        emit(render_plan(plan, bench), given["output"])
        return CLEAN
    missing = [run for run in plan.runs.values() if bench.kept(run) is None]
    if missing:
        _require_torch()
        refuse_places(missing)
    try:
        with _progress(len(plan.runs)) as told:
            confirmation = carry_out(plan, bench, told)
    except KeyboardInterrupt:
        done = sum(bench.kept(run) is not None for run in plan.runs.values())
        warning(
            f"interrupted; {done} of {len(plan.runs)} runs are kept in {bench.folder}; the same "
            "command goes on",
            "interrupted",
            done=done,
            whole=len(plan.runs),
            path=bench.folder,
        )
        return INTERRUPTED
    render = render_json if given["format_"] == "json" else render_text
    emit(render(confirmation, bench), given["output"])
    return _exit_code(confirmation, given["exit_zero"])


def _exit_code(confirmation: Confirmation, exit_zero: bool) -> int:
    if confirmation.refuted and not exit_zero:
        return FINDINGS
    return INTERNAL if confirmation.failed else CLEAN


def _wanted(given: Mapping[str, Any]) -> Wanted:
    """How findings are to be settled.

    Raises:
        UsageError: a code that no rule has, or begins with.
    """
    from ppodiag.confirm.planning import MOST_UPDATES, Wanted
    from ppodiag.rules.loader import rule_files

    known = [name.upper() for name in rule_files()]
    return Wanted(
        parse_codes("--select", given["select"], known),
        parse_codes("--ignore", given["ignore"], known),
        given["env"],
        given["seed"] or 0,
        given["device"] or "cpu",
        given["most_updates"] or MOST_UPDATES,
    )


def _options(path: str, given: Mapping[str, Any]) -> Options:
    from ppodiag.commands.overrides import parse_overrides
    from ppodiag.options import Options
    from ppodiag.profile import parse_profile
    from ppodiag.runner import Request, settings_for

    options = Options(
        profile=parse_profile(given["profile"]) if given["profile"] else None,
        overrides=tuple(parse_overrides(given["settings"], given["total_env_steps"])),
        memory_bytes=parse_memory(given["memory"]),
        device=kind_of(given["device"]),
    )
    return Request(options).options_for(settings_for(path), True)


def _default_folder(path: str) -> str:
    stem = os.path.splitext(os.path.basename(path))[0].strip("<>")
    return f"confirmation-{stem}"


def _require_torch() -> None:
    """See that the trainer can be started.

    Raises:
        UsageError: torch, or the trainer, is not installed.
    """
    from importlib.util import find_spec

    if find_spec("torch") is None:
        raise UsageError(
            "the experiments train, and that needs torch",
            "pip install 'ppodiag[train]'; --dry-run shows them without it",
        )


@contextmanager
def _progress(runs: int) -> Iterator[Any]:
    """A function that shows the run that goes on; None where nobody wants to know."""
    line = Line(first_after=0.0)
    if not line.wanted:
        yield None
        return

    def told(number: int, run: Any, done: int, whole: int) -> None:
        if line.due():
            text = f"run {number} of {runs} ({run.env}): {done:,} of {whole:,} rollouts"
            line.show(text, done=done, whole=whole, unit="rollouts", run=number, runs=runs)

    try:
        yield told
    finally:
        line.close()
