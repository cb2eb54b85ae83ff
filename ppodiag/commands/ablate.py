"""`ppodiag ablate`."""

from __future__ import annotations

from typing import Any

import click

from ppodiag.commands.completing import complete_arms, complete_config, complete_files
from ppodiag.commands.executor_options import executor_options
from ppodiag.commands.shared import (
    device_option,
    dry_run_option,
    env_option,
    exit_zero_option,
    format_option,
    jobs_option,
    out_option,
    output_option,
    override_options,
    profile_option,
    runtime_option,
    seeds_option,
    timeout_option,
)
from ppodiag.commands.verb import WRONG, Example, Exit, Verb
from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN, FINDINGS

METRICS = ("return", "time_to_threshold", "steps_per_second", "peak_memory")
FORMATS = ("text", "json", "csv", "html")


@click.command(
    "ablate",
    cls=Verb,
    examples=(
        Example("What would be run, and for how long", "ppodiag ablate ppo.json --dry-run"),
        Example("Is checkpointing worth its time?",
                "ppodiag ablate ppo.json --arms no-checkpointing --metric steps_per_second"),
        Example("On a Slurm cluster, a GPU each",
                "ppodiag ablate ppo.json --executor slurm --slurm-partition gpu --gpus 1"),
        Example("Your own trainer: which keys does it act on?",
                "ppodiag ablate ppo.json --dead-knobs "
                "--trainer 'python train.py --config {config} --seed {seed} --out {out}'"),
    ),
    exits=(
        Exit(0, "every run has a result"),
        Exit(1, "with --dead-knobs and not --exit-zero: a key has no effect"),
        WRONG,
        Exit(3, "some runs failed, or a fault of ppodiag itself"),
        Exit(130, "interrupted; the same command goes on"),
    ),
    variables={"RAY_ADDRESS": "of --executor ray, where --ray-address is not given"},
)  # fmt: skip
@click.argument("configs", nargs=-1, metavar="CONFIG", shell_complete=complete_config)
@click.option(
    "--arms",
    metavar="NAMES",
    help="Some of the arms: no-checkpointing,no-clipping,….",
    shell_complete=complete_arms,
)
@click.option(
    "--arm",
    "named",
    multiple=True,
    metavar="'NAME: KEY=VALUE; …'",
    help="A further arm of your own.",
)
@click.option(
    "--arms-file",
    metavar="FILE",
    help="Arms as JSON: a name, and keys with values.",
    shell_complete=complete_files,
)
@click.option("--add-one-in", is_flag=True, help="Begin with every feature off; one on at a time.")
@click.option("--factorial", metavar="A,B,…", help="All combinations of two to four features.")
@seeds_option("10")
@env_option
@override_options
@profile_option
@click.option(
    "--trainer",
    metavar="COMMAND",
    help="Your own: 'python train.py --config {config} --seed {seed} --out {out}'.",
)
@device_option("auto")
@click.option(
    "--metric",
    type=click.Choice(METRICS),
    default="return",
    show_default=True,
    help="What arms are compared by, declared beforehand.",
)
@click.option(
    "--threshold",
    type=float,
    metavar="RETURN",
    help="With time_to_threshold: the return to be reached.",
)
@click.option(
    "--margin",
    type=click.FloatRange(min=0, min_open=True),
    metavar="DIFFERENCE",
    help="A difference that would not matter.",
)
@click.option(
    "--worst",
    type=float,
    metavar="SCORE",
    help="What a failed run counts with.  [default: the worst run seen]",
)
@click.option(
    "--match",
    type=click.Choice(["env_steps", "optimizer_steps"]),
    default="env_steps",
    show_default=True,
    help="What all arms have in common.",
)
@click.option(
    "--timing-rounds",
    type=click.IntRange(0, 1000),
    metavar="N",
    help="Short runs of each arm, one at a time, for time and memory; 0: none.  [default: 5, "
    "or as many as seeds where they are the measure]",
)
@jobs_option
@timeout_option
@executor_options
@out_option("ablation-CONFIG")
@click.option("--retry-failed", is_flag=True, help="Run again what failed.")
@dry_run_option
@click.option("--dead-knobs", is_flag=True, help="Only find out which keys have any effect.")
@click.option("--keys", metavar="K,…", help="With --dead-knobs: these keys.")
@runtime_option("With --dead-knobs.")
@format_option(*FORMATS)
@output_option
@exit_zero_option
def command(configs: tuple[str, ...], **given: Any) -> int:
    """Train with one feature off at a time, and say what each is worth.

    Arms share seeds; the same command goes on where it was interrupted. Every arm is linted and
    simulated first. Reports as JSON, CSV and HTML lie in --out. `ppodiag ablate merge` takes over what
    other machines have run.
    """
    if not configs:
        raise UsageError("no file is named", "name a configuration; see ppodiag ablate --help")
    if len(configs) > 1:
        raise UsageError(f"{len(configs)} files are named", "ablate one configuration at a time")
    if given["dead_knobs"]:
        from ppodiag.commands.dead_knobs import run_dead_knobs

        code = run_dead_knobs(configs[0], given)
        return CLEAN if given["exit_zero"] and code == FINDINGS else code
    from ppodiag.commands.ablating import run_study

    return run_study(configs[0], given)
