"""run.json: what was trained, with what, and where."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

import ppodiag
from ppodiag.config import DoesNotApply
from ppodiag.errors import UsageError
from ppodiag.explain_plan import ROWS
from ppodiag.json_text import read_json
from ppodiag.runner import settings_for
from ppodiag.writing import write_whole
from reference_trainer.envs.environment import EnvSpec
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
        dtype: name of the type of parameters and data.
        profile: as it was asked for; None: the file's own.
        overrides: path of a key and its value, of each setting.
        processes: that train it together; of several there are no checkpoints.
        default_profile: of the project's settings; it counts after the file's own.
    """

    path: str
    text: str
    env: str
    seeds: list[int]
    device: str = "auto"
    normalize: str = "both"
    compile: bool = False
    autocast: str | None = None
    dtype: str = "float32"
    profile: str | None = None
    overrides: list[list[Any]] = field(default_factory=list)
    processes: int = 1
    default_profile: str | None = None

    @property
    def well_typed(self) -> bool:
        """Whether every value is of its kind, as it may not be in a file that somebody has changed."""
        texts = (self.path, self.text, self.env, self.device, self.normalize, self.dtype)
        optional = (self.autocast, self.profile, self.default_profile)
        return (
            all(isinstance(text, str) for text in texts)
            and all(text is None or isinstance(text, str) for text in optional)
            and isinstance(self.compile, bool)
            and isinstance(self.processes, int)
            and isinstance(self.seeds, list)
            and all(type(seed) is int for seed in self.seeds)
            and isinstance(self.overrides, list)
            and all(_is_override(pair) for pair in self.overrides)
        )

    @property
    def configuration_digest(self) -> str:
        """SHA-256 of the configuration's bytes."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogateescape")).hexdigest()

    @property
    def digest(self) -> str:
        """SHA-256 of the configuration and of all that stands in for what it says."""
        decides = [
            self.text, self.env, self.normalize, self.autocast, self.dtype, self.profile,
            self.overrides,
            self.default_profile,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


def _is_override(pair: object) -> bool:
    """Whether it is the path of a key and a value."""
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], list):
        return False
    return bool(pair[0]) and all(isinstance(key, str) for key in pair[0])


def project_profile(path: str) -> str | None:
    """Name of the profile that the project's settings declare for a file; None: none.

    Raises:
        UsageError: the settings cannot be read.
    """
    profile = settings_for(path).profile
    return None if profile is None else profile.name


class RunRecord:
    """run.json of a run: what it is, and one session for each process that trained it.

    Attributes:
        folder: of the run.
        content: what the file holds.
    """

    def __init__(self, folder: str, content: dict[str, Any]) -> None:
        self.folder, self.content = folder, content

    def note(self, notes: tuple[str, ...]) -> None:
        """Add what a reader of the figures must know, where it is new."""
        known = self.content["notes"]
        if new := [note for note in notes if note not in known]:
            known += new
            self.write()

    def end(self, status: str) -> None:
        """Note that this process ends: complete, interrupted or failed."""
        self.content["status"] = status
        self.content["sessions"][-1] |= {"ended": _now(), "status": status}
        self.write()

    def write(self) -> None:
        """Write the file at once or not at all.

        Raises:
            UsageError: it cannot be written.
        """
        text = json.dumps(self.content, indent=2, ensure_ascii=False, default=str) + "\n"
        write_whole(os.path.join(self.folder, NAME), text.encode("utf-8", "backslashreplace"))


def begin_record(
    folder: str,
    request: Request,
    experiment: Experiment,
    spec: EnvSpec,
    device: torch.device,
    left_out: list[tuple[str, str]],
) -> RunRecord:
    """Write run.json before anything else is written; that of a resumed run gains a session.

    Args:
        folder: of the run; it is made.
        request: what was asked for.
        experiment: the same, read.
        spec: of the environment.
        device: what is trained on.
        left_out: what the file asks for and the trainer does not do, with the reasons.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {folder}: {error.strerror}", "choose another") from None
    content: dict[str, Any] = {
        "format": FORMAT,
        "status": "running",
        "request": asdict(request),
        "sha256": request.digest,
        "configuration_sha256": request.configuration_digest,
        "profile": experiment.context.profile.name,
        "environment": {
            "observation": spec.observation,
            "policy_outputs": spec.actions.outputs,
            "metrics": dict(spec.metrics),
        },
        "plan": _plan(experiment),
        "left_out": [{"pointer": pointer, "reason": reason} for pointer, reason in left_out],
        "notes": [],
        "sessions": _sessions(folder),
    }
    differs = not_bitwise(device, spec)
    content["sessions"].append(
        {
            "started": _now(),
            "ended": None,
            "status": "running",
            "command": [sys.executable, *sys.orig_argv[1:]],
            "resumes_bit_for_bit": not differs,
            "differs_because": differs,
            "versions": _versions(),
            "machine": _machine(device),
        }
    )
    record = RunRecord(folder, content)
    record.write()
    return record


def _sessions(folder: str) -> list[dict[str, Any]]:
    """Those of the processes before; none where the run begins."""
    try:
        found = read_json(os.path.join(folder, NAME))["sessions"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return found if isinstance(found, list) else []


def not_bitwise(device: torch.device, spec: EnvSpec) -> list[str]:
    """Why a run that is resumed may differ from one that was left alone; empty: it does not."""
    reasons = []
    if not spec.resumable:
        reasons.append(f"{spec.name} cannot be put back: its episodes begin anew")
    if device.type != "cpu":
        reasons.append(f"sums on {device.type} may be added up in another order")
    if torch.get_num_threads() > 1:
        reasons.append(f"torch has {torch.get_num_threads()} threads; it is promised for one")
    return reasons


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def read_request(folder: str) -> Request:
    """What a run was asked for.

    Raises:
        UsageError: the folder holds no run, or one of another version.
    """
    path = os.path.join(folder, NAME)
    try:
        content = read_json(path)
        if content["format"] != FORMAT:
            raise UsageError(f"{path} has format {content['format']}", "train it anew")
        request = Request(**content["request"])
        if not request.well_typed:
            raise ValueError("a value of its request is of another kind")
        return request
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
    figures = {}
    for symbol, meaning, figure, _, _ in ROWS:
        with suppress(DoesNotApply):
            figures[symbol] = {"meaning": meaning, "value": figure(context)}
    return plan | {"figures": figures}


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
        "processor": _processor(),
        "cores": os.cpu_count(),
        "device": str(device),
        "torch_threads": torch.get_num_threads(),
    }
    if device.type == "cuda":
        found["gpu"] = torch.cuda.get_device_name(device)
        found["gpu_memory_bytes"] = torch.cuda.get_device_properties(device).total_memory
        found["cuda"] = torch.version.cuda
    return found


def _processor() -> str:
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
