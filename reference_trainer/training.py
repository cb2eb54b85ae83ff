"""Training from a configuration: `train` is what the command line calls, and what a script may."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from ppodiag.errors import UsageError
from ppodiag.options import Options
from ppodiag.profile import parse_profile
from ppodiag.runner import read_target
from reference_trainer.devices import device_of
from reference_trainer.envs.registry import DEFAULT, make_env
from reference_trainer.experiment import Experiment, read_experiment
from reference_trainer.trainer import Choices, Trainer
from reference_trainer.world import World, join_world

if TYPE_CHECKING:
    import pandas

    from reference_trainer.rows import Row

Progress = Callable[["Trainer", list["Row"]], None]


@dataclass(frozen=True)
class Run:
    """What a training gave.

    Attributes:
        experiment: what was trained.
        rows: of each seed, in the order of the updates.
        out: the folder with its logs; None: nothing was written.
        notes: what a reader of the figures must know.
    """

    experiment: Experiment
    rows: dict[int, list[Row]] = field(default_factory=dict)
    out: str | None = None
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pandas.DataFrame:
        """All rows as a table, with the seed in the first column.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise UsageError("tables need pandas", "pip install 'ppodiag[data]'") from None
        return pandas.DataFrame(
            {"seed": seed, **row.values} for seed, rows in self.rows.items() for row in rows
        )


def train(
    config: str | os.PathLike[str] | Mapping[str, Any],
    *,
    env: str = DEFAULT,
    seeds: int | Iterable[int] = 0,
    device: str = "auto",
    total_env_steps: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    profile: str | None = None,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> Run:
    """Train a configuration.

    Args:
        config: a path, or the content of a configuration as a mapping.
        env: id of the environment; `docs/environments.md` lists them.
        seeds: one seed, or several that are trained at once.
        device: auto, cpu, cuda or cuda:i; auto: CUDA where there is one.
        total_env_steps: the length of the run, over all environments.
        overrides: dotted key to value, standing in for what the configuration says.
        profile: the runtime's conventions; None: the file's own, else `note`.
        choices: how to train, beside what the configuration says.
        progress: called after each update with the trainer and its rows.

    Returns:
        The rows of every update.

    Raises:
        UsageError: what was asked for cannot be trained; the message says why, and what to do.
    """
    pairs = [(tuple(key.split(".")), value) for key, value in (overrides or {}).items()]
    if total_env_steps is not None:
        pairs.append((("training", "ppo_requests"), total_env_steps))
    options = Options(profile=parse_profile(profile) if profile else None, overrides=tuple(pairs))
    experiment = read_experiment(*_content(config), options)
    numbers = (seeds,) if isinstance(seeds, int) else tuple(seeds)
    run = Run(experiment, {seed: [] for seed in numbers}, notes=stacking_notes(experiment, numbers))
    place = device_of(device)
    world = join_world(place)
    for trainer in trainers(experiment, env, numbers, place, choices or Choices(), world):
        try:
            while not trainer.done:
                rows = trainer.step()
                for row in rows:
                    run.rows[row.seed].append(row)
                if progress is not None:
                    progress(trainer, rows)
        finally:
            trainer.env.close()
    return run


def trainers(
    experiment: Experiment,
    env: str,
    seeds: tuple[int, ...],
    device: torch.device,
    choices: Choices,
    world: World,
) -> Iterator[Trainer]:
    """The trainers of a run, one after the other: one for all seeds, or one for each.

    Seeds are trained at once where their tensors keep one shape.
    """
    config = experiment.config
    if config.num_envs % world.size:
        raise UsageError(
            f"{config.num_envs} environments cannot be shared by {world.size} processes",
            "give parallel_training.num_envs a multiple of the number of processes",
        )
    if world.size > 1 and len(seeds) > 1:
        raise UsageError(
            "several seeds are not trained by several processes", "give one seed, or one process"
        )
    groups = [seeds] if not stacking_notes(experiment, seeds) else [(seed,) for seed in seeds]
    for group in groups:
        made = make_env(
            env, experiment.value, group, len(world.share(config.num_envs)), device, world.rank,
            choices.dtype,
        )  # fmt: skip
        yield Trainer(experiment, made, group, device, choices, world)


def stacking_notes(experiment: Experiment, seeds: tuple[int, ...]) -> tuple[str, ...]:
    """Why several seeds are trained one after the other; empty where they are trained at once."""
    if len(seeds) < 2:
        return ()
    if experiment.config.adaptive_batch:
        return (
            "seeds are trained one after the other: their minibatch sizes adapt, and would differ",
        )
    if _dropout(experiment.value):
        return (
            "seeds are trained one after the other: dropout draws from one generator, and each "
            "would depend on its neighbours",
        )
    return ()


def _dropout(value: Mapping[str, Any]) -> bool:
    """Whether a layer drops values at random."""
    block = value.get("actor_critic_architecture")
    attention = block.get("cross_replica_attention") if isinstance(block, Mapping) else None
    return bool(isinstance(attention, Mapping) and attention.get("dropout"))


def _content(config: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[bytes, str]:
    """Bytes and name of a configuration."""
    if isinstance(config, Mapping):
        return json.dumps(config).encode(), "<mapping>"
    path = os.fspath(config)
    return read_target(path), path
