"""`ppodiag confirm`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ppodiag.commands.shared import override_options
from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN, FINDINGS, INTERNAL, INTERRUPTED

if TYPE_CHECKING:
    from ppodiag.confirm.planning import Wanted
    from ppodiag.confirm.settling import Confirmation
    from ppodiag.options import Options


@click.command("confirm")
@click.argument("config")
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="CODE",
    help="Findings of this rule alone, or of those whose codes begin so: LR102, LR.",
)
@click.option("--env", metavar="ID", help="Environment.  [default: the cheapest that settles it]")
@override_options
@click.option("--profile", metavar="NAME", help="Conventions of the runtime, such as sb3.")
@click.option("--memory", metavar="SIZE", help="Memory of the machine that trains, e.g. 16GB.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="What trains.  [default: cpu]")
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Of the runs."
)
@click.option(
    "--most-updates",
    type=click.IntRange(min=4),
    help="Longest run; longer ones are shortened to scale.  [default: 60]",
)
@click.option(
    "--trainer-timeout",
    "timeout",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds after which a run is ended.",
)
@click.option("--out", metavar="DIR", help="Keeps the runs.  [default: confirmation-CONFIG]")
@click.option("--dry-run", is_flag=True, help="Show what would be run, and about how long.")
@click.option(
    "--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.option("-o", "--output", metavar="FILE", help="Write the result to a file.")
def command(config: str, **given: Any) -> int:
    """Settle the linter's findings by short runs of the reference trainer.

    Each finding that a run can settle has its experiment: what was predicted, the shortest run that
    could refute it, what was measured. The same command goes on where it was interrupted.

    \b
    Examples:
      ppodiag confirm ppo.json --dry-run
      ppodiag confirm ppo.json
      ppodiag confirm ppo.json --rule LR102 --rule STB --env replica-scheduling

    Exit codes: 0 no prediction is refuted; 1 one is; 2 wrong usage; 3 a run failed; 130 interrupted.
    """
    from ppodiag.confirm.planning import plan_findings
    from ppodiag.confirm.running import Bench
    from ppodiag.confirm.settling import carry_out
    from ppodiag.confirm.table import render_json, render_plan, render_text
    from ppodiag.runner import read_target

    wanted = _wanted(given)
    path = "<stdin>" if config == "-" else config
    plan = plan_findings(read_target(config), path, _options(path, given), wanted)
    bench = Bench(given["out"] or _default_folder(path), given["timeout"])
    if given["dry_run"]:
        if given["format_"] == "json":
            raise UsageError("a dry run is written as a table", "leave out --format json")
        _write(render_plan(plan, bench), given["output"])
        return CLEAN
    if plan.runs:
        _require_torch()
    try:
        with _progress(len(plan.runs)) as told:
            confirmation = carry_out(plan, bench, told)
    except KeyboardInterrupt:
        done = sum(bench.kept(run) is not None for run in plan.runs.values())
        click.echo(
            f"interrupted; {done} of {len(plan.runs)} runs are kept in {bench.folder}; the same "
            "command goes on",
            err=True,
        )
        return INTERRUPTED
    render = render_json if given["format_"] == "json" else render_text
    _write(render(confirmation, bench), given["output"])
    return _exit_code(confirmation)


def _exit_code(confirmation: Confirmation) -> int:
    if confirmation.refuted:
        return FINDINGS
    return INTERNAL if confirmation.failed else CLEAN


def _wanted(given: Mapping[str, Any]) -> Wanted:
    """How findings are to be settled.

    Raises:
        UsageError: a code that no rule has, or begins with.
    """
    from ppodiag.confirm.planning import MOST_UPDATES, Wanted
    from ppodiag.rules.loader import rule_files

    codes = [name.upper() for name in rule_files()]
    rules = tuple(code.upper() for code in given["rules"])
    for code in rules:
        if not code or not any(known.startswith(code) for known in codes):
            raise UsageError(
                f"--rule {code}: no rule of the linter has such a code",
                "`ppodiag rule` lists them",
            )
    return Wanted(
        rules,
        given["env"],
        given["seed"],
        given["device"] or "cpu",
        given["most_updates"] or MOST_UPDATES,
    )


def _options(path: str, given: Mapping[str, Any]) -> Options:
    from ppodiag.bytesize import parse_size
    from ppodiag.commands.overrides import parse_overrides
    from ppodiag.options import Options
    from ppodiag.profile import parse_profile
    from ppodiag.runner import Request, settings_for

    options = Options(
        profile=parse_profile(given["profile"]) if given["profile"] else None,
        overrides=tuple(parse_overrides(given["settings"], given["total_env_steps"])),
        memory_bytes=parse_size(given["memory"]) if given["memory"] else None,
        device=given["device"],
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
    """A function that shows the run that goes on, on one line of the terminal; None in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return

    def told(number: int, run: Any, done: int, whole: int) -> None:
        text = f"run {number} of {runs} ({run.env}): {done:,} of {whole:,} rollouts"
        print(f"\r{text:<90}", end="", file=sys.stderr, flush=True)

    try:
        yield told
    finally:
        print(f"\r{'':90}\r", end="", file=sys.stderr, flush=True)


def _write(text: str, output: str | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    from ppodiag.writing import write_whole

    write_whole(output, text.encode("utf-8", "backslashreplace"))
