"""Training from a configuration: `train` is what the command line calls, and what a script may."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch

from ppodiag.errors import UsageError
from ppodiag.locking import only_process, without_lock
from ppodiag.options import Options
from ppodiag.overrides import overrides_of
from ppodiag.profile import parse_profile
from ppodiag.runner import read_target
from reference_trainer.devices import device_of
from reference_trainer.envs.environment import EnvSpec
from reference_trainer.envs.registry import DEFAULT, env_keys, make_env
from reference_trainer.experiment import Experiment, read_experiment
from reference_trainer.metrics import TAGS
from reference_trainer.recorder import CHECKPOINT_SECONDS, Recorder
from reference_trainer.rows import Row
from reference_trainer.run_record import Request, begin_record, project_profile, read_request
from reference_trainer.trainer import Choices, Trainer
from reference_trainer.unmodelled import unmodelled
from reference_trainer.world import World, join_world

if TYPE_CHECKING:
    import pandas

Progress = Callable[[Trainer, list[Row]], None]
DROPOUT_SEED = 0x5EED
"""Added to a run's seed for what layers drop, so that it is not what the rollouts are drawn from."""

NORMALIZE = ("both", "state", "reward", "none")


class Interrupted(Exception):
    """Training was asked to stop; all that was done is on the disk."""


@dataclass(frozen=True)
class Run:
    """What a training gave.

    Attributes:
        experiment: what was trained.
        rows: of each seed, in the order of the updates.
        out: the folder with its logs; None: nothing was written.
        notes: what a reader of the figures must know.
        left_out: JSON pointers of what the file asks for and the trainer does not do, and why.
    """

    experiment: Experiment
    rows: dict[int, list[Row]] = field(default_factory=dict)
    out: str | None = None
    notes: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

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
    normalize: str = "both",
    compile: bool = False,
    autocast: str | None = None,
    dtype: str = "float32",
    out: str | os.PathLike[str] | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
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
        normalize: which normalizers act: both, state, reward or none.
        compile: whether the gradient is compiled with torch.compile.
        autocast: type of the forward pass, such as bfloat16; None: that of the parameters.
        dtype: type of parameters and data: float32 or float64.
        out: folder for logs, checkpoints and run.json; None: nothing is written.
        checkpoint_seconds: between two checkpoints; 0: one after each update.
        progress: called after each update with the trainer and its rows.

    Returns:
        The rows of every update.

    Raises:
        UsageError: what was asked for cannot be trained; the message says why, and what to do.
    """
    data, path = _content(config)
    pairs = overrides_of(overrides, total_env_steps)
    request = Request(
        path=path,
        text=data.decode("utf-8", "surrogateescape"),
        env=env,
        seeds=[seeds] if isinstance(seeds, int) else list(seeds),
        device=device,
        normalize=normalize,
        compile=compile,
        autocast=autocast,
        dtype=dtype,
        profile=profile,
        overrides=[[list(key), value] for key, value in pairs],
        default_profile=None if isinstance(config, Mapping) else project_profile(path),
    )
    folder = None if out is None else os.fspath(out)
    return carry_out(request, folder, False, checkpoint_seconds, progress)


def resume(
    folder: str | os.PathLike[str],
    *,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    progress: Progress | None = None,
) -> Run:
    """Go on with a run that was interrupted, from its last checkpoint; a complete one stays as it is.

    Args:
        folder: the one that `out` named.
        checkpoint_seconds, progress: as for `train`.

    Raises:
        UsageError: the folder holds no run, or none that can be gone on with.
    """
    path = os.fspath(folder)
    return carry_out(read_request(path), path, True, checkpoint_seconds, progress)


def carry_out(
    request: Request,
    out: str | None,
    resumed: bool,
    checkpoint_seconds: float,
    progress: Progress | None,
) -> Run:
    """Train what was asked for; see `train` and `resume`."""
    experiment, seeds, device = prepare(request)
    world = join_world(device)
    if resumed and max(request.processes, world.size) > 1:
        raise UsageError(
            "a run of several processes has no checkpoints, and cannot be gone on with",
            "train it anew with --out",
        )
    request = replace(request, processes=world.size)
    left_out = unmodelled(experiment.value, env_keys(request.env), request.env)
    notes = list(stacking_notes(experiment, seeds))
    rows: dict[int, list[Row]] = {seed: [] for seed in seeds}
    if world.size > 1:
        notes.append(f"trained by {world.size} processes: there are no checkpoints to go on from")
    if world.rank > 0:
        out = None
    if out is not None and not resumed:
        _check_folder(out)
    record, status = None, "failed"
    with nullcontext() if out is None else only_process(out):
        if out is not None and not resumed:
            _check_folder(out)  # once more: another process may have been here before
        try:
            for trainer in trainers(
                experiment, request.env, seeds, device, choices_of(request), world
            ):
                recorder = None
                if out is not None:
                    if record is None:
                        spec = trainer.env.spec
                        record = begin_record(out, request, experiment, spec, device, left_out)
                    folders = {seed: seed_folder(out, seed, len(seeds)) for seed in seeds}
                    seconds = checkpoint_seconds if world.size == 1 else math.inf
                    recorder = Recorder(trainer, out, folders, seconds, resumed)
                    notes += [note for note in recorder.notes if note not in notes]
                    record.note(tuple(notes))
                    for row in recorder.rows():
                        rows[row.seed].append(row)
                _train_group(trainer, recorder, rows, progress)
            status = "complete"
        except (Interrupted, KeyboardInterrupt):
            status = "interrupted"
            raise
        finally:
            if record is not None:
                record.end(status)
    return Run(experiment, rows, out, tuple(notes), tuple(left_out))


def _train_group(
    trainer: Trainer,
    recorder: Recorder | None,
    rows: dict[int, list[Row]],
    progress: Progress | None,
) -> None:
    """Train some seeds to the end; an interrupt leaves a checkpoint behind."""
    try:
        while not trainer.done:
            made = trainer.step()
            for row in made:
                rows[row.seed].append(row)
            if recorder is not None:
                recorder.write(made)
            if progress is not None:
                progress(trainer, made)
    except Interrupted:
        if recorder is not None:
            recorder.checkpoint()
        raise
    finally:
        if recorder is not None:
            recorder.close()
        trainer.env.close()


def prepare(request: Request) -> tuple[Experiment, tuple[int, ...], torch.device]:
    """What a request is about: its experiment, its seeds and its device.

    Raises:
        UsageError: there can be no such training.
    """
    _check(request)
    return read_request_experiment(request), tuple(request.seeds), device_of(request.device)


def read_request_experiment(request: Request) -> Experiment:
    """The experiment of a request."""
    options = Options(
        profile=parse_profile(request.profile) if request.profile else None,
        default_profile=(
            parse_profile(request.default_profile) if request.default_profile else None
        ),
        overrides=tuple((tuple(path), value) for path, value in request.overrides),
    )
    return read_experiment(request.text.encode("utf-8", "surrogateescape"), request.path, options)


def seed_folder(out: str, seed: int, seeds: int) -> str:
    """Where the logs of a seed lie: in the run's folder itself where there is one seed."""
    return out if seeds == 1 else os.path.join(out, f"seed-{seed}")


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
        _check_metrics(made.spec)
        if _dropout(experiment.value):
            torch.manual_seed(group[0] + DROPOUT_SEED)
        yield Trainer(experiment, made, group, device, choices, world)


def _check_metrics(spec: EnvSpec) -> None:
    """Let no metric of an environment overwrite what the trainer logs."""
    clash = sorted(set(spec.metrics) & set(TAGS))
    if clash:
        raise UsageError(
            f"{spec.name} calls a metric {clash[0]!r}, as the trainer calls its own",
            "give it another name",
        )


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


def choices_of(request: Request) -> Choices:
    """What of a request the trainer is built by."""
    autocast = None if request.autocast is None else getattr(torch, request.autocast)
    return Choices(
        normalize_state=request.normalize in ("both", "state"),
        normalize_reward=request.normalize in ("both", "reward"),
        compile=request.compile,
        autocast=autocast,
        dtype=getattr(torch, request.dtype),
    )


def _check(request: Request) -> None:
    """Raise UsageError for what no training can be made of."""
    if not request.seeds:
        raise UsageError("there is no seed", "give one at least")
    if len(set(request.seeds)) < len(request.seeds):
        raise UsageError(f"a seed is given twice: {request.seeds}", "give each seed once")
    if not all(0 <= seed < 2**63 for seed in request.seeds):
        raise UsageError("a seed is a whole number from 0 to 2^63 − 1", "give others")
    if request.normalize not in NORMALIZE:
        raise UsageError(
            f"normalize cannot be {request.normalize!r}", f"choose of {', '.join(NORMALIZE)}"
        )
    if request.dtype not in ("float32", "float64"):
        raise UsageError(f"dtype cannot be {request.dtype!r}", "choose float32 or float64")
    if request.autocast not in (None, "bfloat16", "float16"):
        raise UsageError(f"autocast cannot be {request.autocast!r}", "choose bfloat16 or float16")


def _check_folder(out: str) -> None:
    """Raise UsageError where a new run would write among other files."""
    if without_lock(out):
        raise UsageError(
            f"{out} is not empty", f"choose another folder, or go on with it: --resume {out}"
        )


def _content(config: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[bytes, str]:
    """Bytes and name of a configuration."""
    if isinstance(config, Mapping):
        return json.dumps(config).encode(), "<mapping>"
    path = os.fspath(config)
    return read_target(path), path
