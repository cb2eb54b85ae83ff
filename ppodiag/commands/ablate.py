"""`ppodiag ablate`."""

from __future__ import annotations

from typing import Any

import click

from ppodiag.commands.executor_options import executor_options
from ppodiag.commands.shared import override_options
from ppodiag.errors import UsageError

METRICS = ("return", "time_to_threshold", "steps_per_second", "peak_memory")
FORMATS = ("table", "json", "csv", "html")


@click.command("ablate")
@click.argument("configs", nargs=-1, metavar="CONFIG | merge DIR OTHER...")
@click.option("--arms", metavar="NAMES", help="Some of the arms: no-checkpointing,no-clipping,….")
@click.option(
    "--arm",
    "named",
    multiple=True,
    metavar="'NAME: KEY=VALUE; …'",
    help="A further arm of your own.",
)
@click.option("--arms-file", metavar="FILE", help="Arms as JSON: a name, and keys with values.")
@click.option("--add-one-in", is_flag=True, help="Begin with every feature off; one on at a time.")
@click.option("--factorial", metavar="A,B,…", help="All combinations of two to four features.")
@click.option(
    "--seeds", metavar="N|A..B", help="How many, or which: 10, 0..9 or 1,5,7.  [default: 10]"
)
@click.option("--env", metavar="ID", help="Environment of the bundled trainer.")
@override_options
@click.option("--profile", metavar="NAME", help="Conventions of the runtime, such as sb3.")
@click.option(
    "--trainer",
    metavar="COMMAND",
    help="Your own: 'python train.py --config {config} --seed {seed} --out {out}'.",
)
@click.option("--device", metavar="NAME", help="Of the bundled trainer: auto, cpu, cuda, cuda:i.")
@click.option(
    "--metric",
    type=click.Choice(METRICS),
    default="return",
    show_default=True,
    help="What arms are compared by, declared beforehand.",
)
@click.option("--threshold", type=float, help="With time_to_threshold: the return to be reached.")
@click.option(
    "--margin",
    type=click.FloatRange(min=0, min_open=True),
    help="A difference that would not matter.",
)
@click.option(
    "--worst", type=float, help="What a failed run counts with.  [default: the worst run seen]"
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
    help="Short runs of each arm, alone on the machine, for time and memory; 0: none.  [default: 5, "
    "or as many as seeds where they are the measure]",
)
@click.option(
    "--jobs", type=click.IntRange(1, 1024), help="Processes at once.  [default: the cores]"
)
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds of one process."
)
@executor_options
@click.option("--out", metavar="DIR", help="Results, logs and reports.  [default: ablation-CONFIG]")
@click.option("--retry-failed", is_flag=True, help="Run again what failed.")
@click.option(
    "--dry-run", is_flag=True, help="Show the arms, time and memory; run short probes only."
)
@click.option("--dead-knobs", is_flag=True, help="Only find out which keys have any effect.")
@click.option("--keys", metavar="K,…", help="With --dead-knobs: these keys.")
@click.option(
    "--runtime",
    multiple=True,
    metavar="DIR",
    help="With --dead-knobs: the trainer's sources, searched too.",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write the report to a file.")
def command(configs: tuple[str, ...], **given: Any) -> int:
    """Train with one feature off at a time, and say what each is worth.

    Arms share seeds; the same command goes on where it was interrupted. Every arm is linted and
    simulated first. Reports as JSON, CSV and HTML lie in --out.

    \b
    Examples:
      ppodiag ablate ppo.json --env CartPole-v1
      ppodiag ablate ppo.json --dry-run
      ppodiag ablate ppo.json --arms no-checkpointing,no-accumulation --metric steps_per_second
      ppodiag ablate ppo.json --arm 'no-warmup: learning_rate_schedule.warmup_steps=0'
      ppodiag ablate ppo.json --trainer 'python train.py --config {config} --seed {seed} --out {out}'
      ppodiag ablate ppo.json --executor ray --ray-address auto --gpus 0.25
      ppodiag ablate ppo.json --executor slurm --slurm-partition gpu --gpus 1 --slurm-time 60
      ppodiag ablate ppo.json --dead-knobs
      ppodiag ablate merge ablation-ppo from-other-machine

    Exit codes: 0 every run has a result; 3 some runs failed; 2 wrong usage; 130 interrupted.
    """
    if not configs:
        raise UsageError("no file is named", "name a configuration; see ppodiag ablate --help")
    from ppodiag.commands.ablating import merge_folders, run_study

    if configs[0] == "merge":
        return merge_folders(configs[1:])
    if len(configs) > 1:
        raise UsageError(f"{len(configs)} files are named", "ablate one configuration at a time")
    if given["dead_knobs"]:
        from ppodiag.commands.dead_knobs import run_dead_knobs

        return run_dead_knobs(configs[0], given)
    return run_study(configs[0], given)
