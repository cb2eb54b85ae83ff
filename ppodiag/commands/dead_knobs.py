"""`ppodiag ablate CONFIG --dead-knobs`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ppodiag.commands.console import note, warning
from ppodiag.commands.output import emit
from ppodiag.errors import UsageError
from ppodiag.exits import INTERRUPTED

if TYPE_CHECKING:
    from ppodiag.ablate.dead_knobs.plan import Plan
    from ppodiag.launch.trainer import Trainer
    from ppodiag.options import Options
    from ppodiag.runtime.search import Runtime

FORMATS = ("text", "json")

NO_PART = {
    "arms": None, "named": (), "arms_file": None, "add_one_in": False, "factorial": None,
    "total_env_steps": None, "metric": "return", "threshold": None, "margin": None, "worst": None,
    "match": "env_steps", "timing_rounds": None, "gpus": None, "cpus": None, "mem": None,
    "ray_address": None, "ray_working_dir": None, "slurm_cluster": None, "slurm_partition": None,
    "slurm_time": None, "slurm_set": (),
}  # fmt: skip
"""Options of `ablate` that say nothing to this test, and what they are where nobody gives them."""


def run_dead_knobs(config: str, given: Mapping[str, Any]) -> int:
    """Test which keys of a configuration act; the exit code.

    Args:
        config: path of the configuration.
        given: options by name, each of which may be missing: trainer, env, device, seed or seeds, out,
            keys, settings, profile, runtime, format_, output, dry_run, jobs, timeout.

    Raises:
        UsageError: what was asked for cannot be done.
    """
    from ppodiag.ablate.dead_knobs.plan import make_plan
    from ppodiag.ablate.dead_knobs.probes import chosen_probes
    from ppodiag.ablate.dead_knobs.table import render_json, render_plan, render_text
    from ppodiag.ablate.dead_knobs.testing import dead_knob_test
    from ppodiag.commands.progress import counter
    from ppodiag.launch.preflight import refuse_early, refuse_program
    from ppodiag.locking import only_process
    from ppodiag.runner import read_target

    _check(given)
    refuse_program(config)
    options = _options(config, given)
    probes = chosen_probes(given.get("keys"))
    plan = make_plan(read_target(config), config, options, probes, _seed(given))
    trainer = _trainer(given, plan)
    runtime = _runtime(tuple(given.get("runtime") or ()))
    if given.get("dry_run"):
        emit(render_plan(plan, trainer.name), given.get("output"))
        return 0
    try:
        with _folder(given.get("out")) as folder:
            bench = _bench(trainer, folder, given)
            base, _ = plan.again
            if not bench.has(base):
                refuse_early(trainer, config, {config: base.config.text()}, base.seed)
            with only_process(folder), counter("runs") as progress:
                outcome = dead_knob_test(
                    plan, bench, path=config, runtime=runtime, progress=progress
                )
    except KeyboardInterrupt:
        warning(f"interrupted; {_kept(given.get('out'))}", "interrupted")
        return INTERRUPTED
    text = render_json(outcome) if given.get("format_") == "json" else render_text(outcome)
    emit(text, given.get("output"))
    return outcome.exit_code


def _check(given: Mapping[str, Any]) -> None:
    """Refuse options that would be passed over in silence."""
    for name, default in NO_PART.items():
        if given.get(name, default) != default:
            option = {"named": "arm"}.get(name, name).replace("_", "-")
            raise UsageError(
                f"--{option} has no part in --dead-knobs",
                "leave it out: the probes have runs of their own",
            )
    if given.get("executor", "local") != "local":
        raise UsageError(
            f"--executor {given['executor']} has no part in --dead-knobs: runs that are compared to the "
            "last bit, and timed, share one machine",
            "leave it out, and start the command itself on the machine that is to run them",
        )
    if given.get("format_", "text") not in FORMATS:
        raise UsageError(
            f"--dead-knobs is not written as {given['format_']}", f"choose {' or '.join(FORMATS)}"
        )


def _seed(given: Mapping[str, Any]) -> int:
    """The one seed of the runs."""
    if not given.get("seeds"):
        return int(given.get("seed") or 0)
    from ppodiag.commands.seeds import parse_seeds

    seeds = parse_seeds(given["seeds"])
    if len(seeds) != 1:
        raise UsageError(
            f"--dead-knobs goes by one seed, and --seeds {given['seeds']} names {len(seeds)}",
            f"write for example --seeds {seeds[-1]}..{seeds[-1]}",
        )
    return seeds[0]


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
        note(
            f"note: {unread.path} could not be read ({unread.reason}), so the sources prove nothing",
            path=unread.path,
        )
    return runtime


def _bench(trainer: Trainer, folder: str, given: Mapping[str, Any]) -> Any:
    from ppodiag.ablate.dead_knobs.running import Bench
    from ppodiag.ablate.executors.local import default_jobs

    return Bench(trainer, folder, given.get("jobs") or default_jobs(), given.get("timeout"))


def _kept(out: str | None) -> str:
    """What is left of an interrupted test."""
    if out is None:
        return "nothing is kept; --out DIR keeps runs that are done"
    return f"runs that are done lie in {out}; the same command goes on"


@contextmanager
def _folder(out: str | None) -> Iterator[str]:
    """The folder for results: the one named, or one that is gone afterwards."""
    if out is not None:
        yield os.path.abspath(out)
        return
    with tempfile.TemporaryDirectory(prefix="ppodiag-dead-knobs-") as folder:
        yield folder
