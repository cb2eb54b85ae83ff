"""Options that say where the units of a study run, and the executor that they name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ppodiag.commands.console import note
from ppodiag.commands.sizes import parse_memory
from ppodiag.errors import UsageError

if TYPE_CHECKING:
    from ppodiag.ablate.executors.executor import Executor, Room
    from ppodiag.ablate.executors.slurm import Asked

EXECUTORS = ("local", "ray", "slurm")
SLURM_CLUSTERS = ("slurm", "local", "debug")

PACKAGES = {"ray": "ray", "slurm": "submitit"}
"""What an executor needs; the extra is called as the executor is."""

OWN = {
    "ray_address": "ray", "ray_working_dir": "ray", "slurm_cluster": "slurm",
    "slurm_partition": "slurm", "slurm_time": "slurm", "slurm_set": "slurm",
}  # fmt: skip
"""Options of one executor alone."""

SLURM_MINUTES = 240

F = TypeVar("F", bound=Callable[..., Any])


def executor_options(function: F) -> F:
    """Add them to a command."""
    options = (
        click.option(
            "--executor",
            type=click.Choice(EXECUTORS),
            default="local",
            show_default=True,
            help="Where processes run: on this machine, a Ray cluster or a Slurm cluster.",
        ),
        click.option(
            "--gpus",
            type=click.FloatRange(min=0),
            metavar="N",
            help="Of each process, on ray or slurm; on ray 0.5 lets two share one.  [default: 0]",
        ),
        click.option(
            "--cpus",
            type=click.IntRange(1, 4096),
            metavar="N",
            help="Cores of each process.  [default: 1]",
        ),
        click.option("--mem", metavar="SIZE", help="Memory of each process, such as 4GB."),
        click.option(
            "--ray-address",
            metavar="HOST:PORT",
            help="Of a running cluster; auto: the one on this machine.  [default: $RAY_ADDRESS, else "
            "one is started here]",
        ),
        click.option(
            "--ray-working-dir",
            metavar="DIR",
            help="Send this folder to the nodes and run in it there.",
        ),
        click.option(
            "--slurm-cluster",
            type=click.Choice(SLURM_CLUSTERS),
            help="local, debug: submitit's stand-ins, without Slurm.  [default: slurm]",
        ),
        click.option("--slurm-partition", metavar="NAME", help="Of the jobs.  [default: Slurm's]"),
        click.option(
            "--slurm-time",
            type=click.IntRange(1),
            metavar="MINUTES",
            help=f"Limit of a job.  [default: {SLURM_MINUTES}]",
        ),
        click.option(
            "--slurm-set",
            multiple=True,
            metavar="KEY=VALUE",
            help="Another option of sbatch, such as account=rl.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def check_executor(given: Mapping[str, Any]) -> None:
    """See that the options go together, and that what the executor needs is installed.

    Raises:
        UsageError: they do not, or it is not.
    """
    name = given["executor"]
    for option, owner in OWN.items():
        if given[option] not in (None, ()) and owner != name:
            words = option.replace("_", "-")
            raise UsageError(
                f"--{words} has no part in --executor {name}", f"add --executor {owner}"
            )
    gpus = given["gpus"] or 0
    if gpus and name == "local":
        raise UsageError(
            "--gpus has no part in --executor local: its processes see every GPU of the machine",
            "leave it out and say with --jobs how many share them; or --executor ray hands GPUs out",
        )
    if gpus != int(gpus) and (gpus > 1 or name == "slurm"):
        takes = "whole GPUs" if name == "slurm" else "a part of one GPU, or whole ones"
        raise UsageError(f"--gpus {gpus:g}: a process on {name} gets {takes}", "give such a number")
    _memory(given)
    _more(given)
    if name in PACKAGES:
        from importlib.util import find_spec

        if find_spec(PACKAGES[name]) is None:
            raise UsageError(
                f"--executor {name} needs {PACKAGES[name]}, which is not installed",
                f"pip install 'ppodiag[{name}]'",
            )


def executor_of(given: Mapping[str, Any], folder: str) -> Executor:
    """The executor that the options name.

    Args:
        given: options by name, checked.
        folder: of the study.
    """
    from ppodiag.ablate.executors.slurm_queue import InsteadOfSlurm

    room, jobs = _room(given), given["jobs"]
    slurm_folder = os.path.join(folder, "slurm")
    if given["executor"] == "slurm":
        from ppodiag.ablate.executors.slurm import SlurmExecutor

        asked = _asked(given)
        # Without Slurm nothing else keeps the jobs from filling the machine.
        at_once = local_jobs(given) if asked.cluster == "local" else jobs
        return SlurmExecutor(slurm_folder, asked, room, at_once, _tell)
    if given["executor"] == "ray":
        from ppodiag.ablate.executors.ray import RayExecutor

        address, working_dir = given["ray_address"], given["ray_working_dir"]
        return InsteadOfSlurm(RayExecutor(address, working_dir, room, jobs, _tell), slurm_folder)
    from ppodiag.ablate.executors.local import LocalExecutor

    return InsteadOfSlurm(LocalExecutor(local_jobs(given)), slurm_folder)


def local_jobs(given: Mapping[str, Any]) -> int:
    """Processes of this machine at once: as many as asked for, or as its cores and memory hold."""
    from ppodiag.ablate.executors.local import default_jobs

    room = _room(given)
    return int(given["jobs"] or max(1, default_jobs(room.memory_bytes) // room.cpus))


def _room(given: Mapping[str, Any]) -> Room:
    from ppodiag.ablate.executors.executor import Room

    return Room(given["cpus"] or 1, _memory(given))


def _memory(given: Mapping[str, Any]) -> int | None:
    return parse_memory(given["mem"], "--mem")


def _asked(given: Mapping[str, Any]) -> Asked:
    from ppodiag.ablate.executors.slurm import Asked

    return Asked(
        given["slurm_cluster"] or "slurm",
        given["slurm_partition"],
        given["slurm_time"] or SLURM_MINUTES,
        _more(given),
    )


def _more(given: Mapping[str, Any]) -> dict[str, str | bool]:
    """Further options of sbatch; one without a value stands for itself.

    Raises:
        UsageError: one has no name.
    """
    found: dict[str, str | bool] = {}
    for text in given["slurm_set"]:
        key, equals, value = text.partition("=")
        if not key.strip():
            raise UsageError(f"--slurm-set {text!r} names no option of sbatch", "write account=rl")
        found[key.strip().lstrip("-")] = value if equals else True
    return found


def _tell(text: str) -> None:
    note(text)
