"""`ppodiag ablate CONFIG --dead-knobs`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ppodiag.errors import UsageError

if TYPE_CHECKING:
    from ppodiag.ablate.dead_knobs.plan import Plan
    from ppodiag.launch.trainer import Trainer
    from ppodiag.options import Options
    from ppodiag.runtime.search import Runtime

FORMATS = ("table", "json")


def run_dead_knobs(config: str, given: Mapping[str, Any]) -> int:
    """Test which keys of a configuration act; the exit code.

    Args:
        config: path of the configuration.
        given: options by name, each of which may be missing: trainer, env, device, seed, out, keys,
            settings, profile, runtime, format_, output, dry_run, jobs, timeout.

    Raises:
        UsageError: what was asked for cannot be done.
    """
    from ppodiag.ablate.dead_knobs.plan import make_plan
    from ppodiag.ablate.dead_knobs.probes import chosen_probes
    from ppodiag.ablate.dead_knobs.table import render_json, render_plan, render_text
    from ppodiag.ablate.dead_knobs.testing import dead_knob_test
    from ppodiag.commands.progress import counter
    from ppodiag.runner import read_target

    options = _options(config, given)
    probes = chosen_probes(given.get("keys"))
    plan = make_plan(read_target(config), config, options, probes, given.get("seed") or 0)
    trainer = _trainer(given, plan)
    runtime = _runtime(tuple(given.get("runtime") or ()))
    if given.get("dry_run"):
        _write(render_plan(plan, trainer.name), given.get("output"))
        return 0
    with _folder(given.get("out")) as folder, counter("runs") as progress:
        outcome = dead_knob_test(
            plan,
            _bench(trainer, folder, given),
            path=config,
            runtime=runtime,
            progress=progress,
        )
    text = render_json(outcome) if given.get("format_") == "json" else render_text(outcome)
    _write(text, given.get("output"))
    return outcome.exit_code


def _options(config: str, given: Mapping[str, Any]) -> Options:
    from ppodiag.commands.overrides import parse_overrides
    from ppodiag.options import Options
    from ppodiag.profile import parse_profile
    from ppodiag.runner import Request, settings_for

    profile = given.get("profile")
    options = Options(
        profile=parse_profile(profile) if profile else None,
        overrides=tuple(parse_overrides(tuple(given.get("settings") or ()), None)),
    )
    return Request(options).options_for(settings_for(config), True)


def _trainer(given: Mapping[str, Any], plan: Plan) -> Trainer:
    from ppodiag.launch.trainer import BundledTrainer, UserTrainer

    template, env = given.get("trainer"), given.get("env")
    if template and env:
        raise UsageError(
            "--env is the bundled trainer's", "name the environment in the command of --trainer"
        )
    if template:
        return UserTrainer(template)
    profile = plan.again[0].config.context.profile.name
    return BundledTrainer(env, given.get("device") or "auto", ("--profile", profile))


def _runtime(paths: tuple[str, ...]) -> Runtime | None:
    if not paths:
        return None
    from ppodiag.runtime.search import search_runtime

    runtime = search_runtime(paths)
    for unread in runtime.unread:
        click.echo(
            f"note: {unread.path} could not be read ({unread.reason}), so the sources prove nothing",
            err=True,
        )
    return runtime


def _bench(trainer: Trainer, folder: str, given: Mapping[str, Any]) -> Any:
    from ppodiag.ablate.dead_knobs.running import Bench
    from ppodiag.ablate.executors.local import default_jobs

    return Bench(trainer, folder, given.get("jobs") or default_jobs(), given.get("timeout"))


@contextmanager
def _folder(out: str | None) -> Iterator[str]:
    """The folder for results: the one named, or one that is gone afterwards."""
    if out is not None:
        yield os.path.abspath(out)
        return
    with tempfile.TemporaryDirectory(prefix="ppodiag-dead-knobs-") as folder:
        yield folder


def _write(text: str, output: str | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    from ppodiag.writing import write_whole

    write_whole(output, text.encode("utf-8", "backslashreplace"))


@click.command("dead-knobs")
@click.argument("config", metavar="CONFIG")
@click.option("--trainer", metavar="COMMAND", help="Your trainer, with {config}, {seed} and {out}.")
@click.option("--env", metavar="ID", help="Environment of the bundled trainer.")
@click.option("--device", metavar="NAME", help="Device of the bundled trainer.  [default: auto]")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Seed of the runs.")
@click.option("--keys", metavar="KEYS", help="Only these keys, separated by commas.")
@click.option("--out", metavar="DIR", help="Keep the runs there, and go on with those that are.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Stand in for a key.")
@click.option("--profile", metavar="NAME", help="Conventions of the runtime, e.g. sb3.")
@click.option("--runtime", multiple=True, metavar="DIR", help="Sources of the trainer.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds of a run.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes at once.  [default: cores]")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="table")
@click.option("-o", "--output", metavar="FILE", help="Write the result to a file.")
@click.option("--dry-run", is_flag=True, help="List the probes, and stop.")
def command(config: str, **given: Any) -> int:
    """Find keys that the trainer never acts on."""
    return run_dead_knobs(config, given)
