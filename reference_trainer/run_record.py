"""run.json: what was trained, with what, and where."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

import ppodiag
from ppodiag.context import NothingTrains
from ppodiag.errors import UsageError
from ppodiag.writing import write_whole
from reference_trainer.experiment import Experiment

NAME = "run.json"
FORMAT = 1
_PACKAGES = ("torch", "numpy", "tensorboard", "gymnasium")


@dataclass(frozen=True)
class Request:
    """Everything that decides what a run computes; a resumed run takes it from here.

    Attributes:
        path: of the configuration.
        text: the configuration as it stood in the file.
        env: id of the environment.
        seeds: the seeds.
        device: as it was asked for.
        normalize: both, state, reward or none.
        compile: whether the gradient is compiled.
        autocast: name of the type of the forward pass; None: that of the parameters.
        profile: as it was asked for; None: the file's own.
        overrides: path of a key and its value, of each setting.
    """

    path: str
    text: str
    env: str
    seeds: list[int]
    device: str = "auto"
    normalize: str = "both"
    compile: bool = False
    autocast: str | None = None
    profile: str | None = None
    overrides: list[list[Any]] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """SHA-256 of the configuration and of all that stands in for what it says."""
        decides = [self.text, self.env, self.normalize, self.autocast, self.profile, self.overrides]
        return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


def write_record(
    folder: str,
    request: Request,
    experiment: Experiment,
    device: torch.device,
    notes: tuple[str, ...],
    left_out: list[tuple[str, str]],
) -> None:
    """Write run.json.

    Args:
        folder: of the run; it is made.
        request: what was asked for.
        experiment: the same, read.
        device: what is trained on.
        notes: what a reader of the figures must know.
        left_out: what the file asks for and the trainer does not do, with the reasons.
    """
    content = {
        "format": FORMAT,
        "request": asdict(request),
        "sha256": request.digest,
        "profile": experiment.context.profile.name,
        "plan": _plan(experiment),
        "left_out": [{"pointer": pointer, "reason": reason} for pointer, reason in left_out],
        "notes": list(notes),
        "command": sys.argv,
        "versions": _versions(),
        "machine": _machine(device),
    }
    os.makedirs(folder, exist_ok=True)
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_whole(os.path.join(folder, NAME), text.encode())


def read_request(folder: str) -> Request:
    """What a run was asked for.

    Raises:
        UsageError: the folder holds no run, or one of another version.
    """
    path = os.path.join(folder, NAME)
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if content["format"] != FORMAT:
            raise UsageError(f"{path} has format {content['format']}", "train it anew")
        return Request(**content["request"])
    except OSError as error:
        raise UsageError(
            f"{folder} holds no run to go on with: {NAME}: {error.strerror}",
            "give the folder that --out named",
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no record of a run: {error}", "train it anew") from None


def _plan(experiment: Experiment) -> Mapping[str, Any]:
    context = experiment.context
    plan: dict[str, Any] = {
        "total_env_steps": experiment.config.total_env_steps,
        "samples_of_a_rollout": context.rollout.samples,
        "rollouts": context.budget.rollouts,
        "skipped_updates": context.budget.skipped,
        "initial_minibatch_size": context.size,
    }
    try:
        plan["minibatch_steps_at_that_size"] = context.run.minibatch_steps
        plan["optimizer_steps_at_that_size"] = context.run.optimizer_steps
    except NothingTrains:
        pass
    return plan


def _versions() -> dict[str, str]:
    found = {"ppodiag": ppodiag.__version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _machine(device: torch.device) -> dict[str, Any]:
    found: dict[str, Any] = {
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "device": str(device),
        "torch_threads": torch.get_num_threads(),
    }
    if device.type == "cuda":
        found["gpu"] = torch.cuda.get_device_name(device)
    return found
