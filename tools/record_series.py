"""Record the learning rates that real runtimes use, for `tests/test_recorded_runtimes.py`.

Run in an environment of its own; the project itself needs none of these packages:

    pip install torch==2.13.0 stable-baselines3==2.9.2 gymnasium==1.4.0
    pip install --no-deps --ignore-requires-python cleanrl==1.2.0 gym==0.23.1 gym-notices
    pip install transformers==5.23.0 pygame tensorboard
    python tools/record_series.py sb3 cleanrl transformers torch

Each rate is read from the parameter groups just before the runtime's `optimizer.step()`, as the
float64 that torch holds. Stable-Baselines3 and CleanRL run their own loops; the schedulers of
transformers and torch are stepped by the loop of `train`. A record has, per update, the
environment steps collected so far and the rate of each optimizer step.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import runpy
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest import mock

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "recorded"

Updates = list[dict[str, Any]]


@contextmanager
def watched_steps() -> Iterator[list[float]]:
    """The list to which each optimizer step of the process adds its learning rate."""
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    rates: list[float] = []

    def note(optimizer: Any, *_: object) -> None:
        (group,) = optimizer.param_groups
        rates.append(float(group["lr"]))

    handle = register_optimizer_step_pre_hook(note)
    try:
        yield rates
    finally:
        handle.remove()


def settings(**changes: Any) -> dict[str, Any]:
    """What a run is told, in the names of the configuration; `schedule` as in its own block."""
    return {
        "lr": 3e-4, "num_envs": 2, "rollout_len": 32, "minibatch_size": 16, "epochs": 2,
        "accumulation_steps": 1, **changes,
    }  # fmt: skip


def write(
    name: str,
    packages: list[str],
    call: str,
    profile: str,
    told: dict[str, Any],
    updates: Updates,
    **more: str,
) -> None:
    """Write one record; an update takes one line."""
    command = f"python tools/record_series.py {name.split('-')[0]}"
    head = {
        "versions": {"python": platform.python_version()} | {p: version(p) for p in packages},
        "command": command,
        "call": call,
        **more,
        "profile": profile,
        "settings": told,
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    rows = ",\n".join(f"    {json.dumps(update)}" for update in updates)
    FOLDER.mkdir(exist_ok=True)
    text = "\n".join(["{", *lines, '  "updates": [', rows, "  ]", "}", ""])
    (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


# Stable-Baselines3 ---------------------------------------------------------------------------


def record_sb3() -> None:
    """PPO on CartPole, with T a multiple of R, not a multiple, and with the library's schedule."""
    import torch
    from stable_baselines3.common.utils import LinearSchedule

    torch.set_num_threads(1)

    def falling(progress_remaining: float) -> float:
        return progress_remaining * 3e-4

    linear = {"type": "linear"}
    function = "PPO(learning_rate=lambda progress_remaining: progress_remaining * 3e-4)"
    told = settings(total_env_steps=448, schedule=linear)
    save_sb3("sb3-whole", function, "sb3", told, falling)
    # 24 does not divide the 64 samples of a rollout, and 400 is 6.25 rollouts.
    told = settings(total_env_steps=400, minibatch_size=24, epochs=3, schedule=linear)
    save_sb3("sb3-partial", function, "sb3", told, falling)
    told = settings(total_env_steps=400, schedule=linear | {"min_lr_ratio": 0.1})
    own = LinearSchedule(3e-4, 3e-5, 1.0)
    call = "PPO(learning_rate=LinearSchedule(3e-4, 3e-5, 1.0))"
    save_sb3("sb3-own-schedule", call, "sb3,linear_floor=clamped", told, own)


def save_sb3(
    name: str, call: str, profile: str, told: dict[str, Any], schedule: Callable[[float], float]
) -> None:
    """Train once and write what was seen."""
    from stable_baselines3 import PPO
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.env_util import make_vec_env

    updates: Updates = []

    class Rollouts(BaseCallback):  # type: ignore[misc]  # the package may be absent
        """Opens an update whenever a rollout is complete."""

        def _on_step(self) -> bool:
            return True

        def _on_rollout_end(self) -> None:
            updates.append({"env_steps": self.num_timesteps, "begins": len(rates)})

    with watched_steps() as rates:
        PPO(
            "MlpPolicy",
            make_vec_env("CartPole-v1", n_envs=told["num_envs"], seed=1),
            learning_rate=schedule,
            n_steps=told["rollout_len"],
            batch_size=told["minibatch_size"],
            n_epochs=told["epochs"],
            seed=1,
            device="cpu",
        ).learn(told["total_env_steps"], callback=Rollouts())
    begins = [update.pop("begins") for update in updates] + [len(rates)]
    for update, begin, end in zip(updates, begins, begins[1:], strict=False):
        update["lr"] = rates[begin:end]
    write(name, ["stable-baselines3", "gymnasium", "torch"], call, profile, told, updates)


# CleanRL --------------------------------------------------------------------------------------


def record_cleanrl() -> None:
    """CleanRL's ppo.py on CartPole; its minibatch size is floor(R / num_minibatches)."""
    told = settings(lr=2.5e-4, total_env_steps=640, schedule={"type": "linear"})
    save_cleanrl("cleanrl-whole", told, 4)
    # 600 is 9.375 rollouts of 64; 5 minibatches of 12 leave 4 samples, which are a sixth one.
    told = settings(
        lr=2.5e-4, total_env_steps=600, minibatch_size=12, epochs=3, schedule={"type": "linear"}
    )
    save_cleanrl("cleanrl-partial", told, 5)


def save_cleanrl(name: str, told: dict[str, Any], num_minibatches: int) -> None:
    """Run the script once, in an empty folder; an update ends where it logs its learning rate."""
    from torch.utils.tensorboard import SummaryWriter

    flags = {
        "env-id": "CartPole-v1", "cuda": False, "seed": 1, "anneal-lr": True,
        "learning-rate": told["lr"], "total-timesteps": told["total_env_steps"],
        "num-envs": told["num_envs"], "num-steps": told["rollout_len"],
        "num-minibatches": num_minibatches, "update-epochs": told["epochs"],
    }  # fmt: skip
    arguments = [part for flag, value in flags.items() for part in (f"--{flag}", str(value))]
    updates: Updates = []

    def note(_: object, tag: str, __: object, step: int) -> None:
        if tag == "charts/learning_rate":
            begin = sum(len(update["lr"]) for update in updates)
            updates.append({"env_steps": step, "lr": rates[begin:]})

    here = Path.cwd()
    with (
        watched_steps() as rates,
        mock.patch.object(SummaryWriter, "add_scalar", note),
        mock.patch.object(sys, "argv", ["ppo.py", *arguments]),
        tempfile.TemporaryDirectory() as folder,
    ):
        os.chdir(folder)
        try:
            runpy.run_module("cleanrl.ppo", run_name="__main__")
        finally:
            os.chdir(here)
    script = find_spec("cleanrl.ppo")
    if script is None or script.origin is None:
        raise FileNotFoundError("cleanrl/ppo.py")
    digest = hashlib.sha256(Path(script.origin).read_bytes()).hexdigest()
    call = f"python -m cleanrl.ppo {' '.join(arguments)}"
    packages = ["cleanrl", "gym", "torch"]
    write(name, packages, call, "cleanrl", told, updates, sha256_of_ppo_py=digest)


# Schedulers stepped by a training loop --------------------------------------------------------


def train(told: dict[str, Any], make: Callable[[Any, int], Any], per_minibatch: bool) -> Updates:
    """The usual loop around a scheduler: accumulate, step the optimizer, step the scheduler.

    Args:
        told: the settings.
        make: gives the scheduler of an optimizer and the number of its ticks in the run.
        per_minibatch: True: the scheduler steps after each minibatch, False: after each
            optimizer step.

    Returns:
        the record of each update.
    """
    import torch

    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.Adam([parameter], lr=told["lr"])
    samples = told["rollout_len"] * told["num_envs"]
    rollouts = told["total_env_steps"] // samples
    starts = range(0, samples, told["minibatch_size"])
    a = told["accumulation_steps"]
    ends = [i for i in range(len(starts)) if (i + 1) % a == 0 or i + 1 == len(starts)]
    ticks = rollouts * told["epochs"] * len(starts if per_minibatch else ends)
    scheduler = make(optimizer, ticks)
    updates: Updates = []
    with watched_steps() as rates:
        for rollout in range(rollouts):
            begin = len(rates)
            for _ in range(told["epochs"]):
                for i in range(len(starts)):
                    (parameter - 1).square().sum().backward()
                    if i in ends:
                        optimizer.step()
                        optimizer.zero_grad()
                    if i in ends or per_minibatch:
                        scheduler.step()
            updates.append({"env_steps": (rollout + 1) * samples, "lr": rates[begin:]})
    return updates


def record_transformers() -> None:
    """Four schedules of transformers.optimization, each with and without warm-up."""
    from transformers import optimization as hf

    def constant(warmup: int) -> Callable[[Any, int], Any]:
        return lambda o, _: hf.get_constant_schedule_with_warmup(o, warmup)

    def linear(warmup: int) -> Callable[[Any, int], Any]:
        return lambda o, ticks: hf.get_linear_schedule_with_warmup(o, warmup, ticks)

    def cosine(warmup: int) -> Callable[[Any, int], Any]:
        return lambda o, ticks: hf.get_cosine_schedule_with_warmup(o, warmup, ticks)

    def floored(warmup: int) -> Callable[[Any, int], Any]:
        make = hf.get_cosine_with_min_lr_schedule_with_warmup
        return lambda o, ticks: make(o, warmup, ticks, min_lr_rate=0.1)

    annealed = "cosine_annealing_with_warmup"
    for name, make, call, block in (
        ("constant", constant, "get_constant_schedule_with_warmup", {"type": "constant"}),
        ("linear", linear, "get_linear_schedule_with_warmup", {"type": "linear"}),
        ("cosine", cosine, "get_cosine_schedule_with_warmup", {"type": annealed}),
        (
            "cosine-min", floored, "get_cosine_with_min_lr_schedule_with_warmup",
            {"type": annealed, "min_lr_ratio": 0.1},
        ),
    ):  # fmt: skip
        for warmup in (0, 7):
            # 5 minibatches of at most 14, in windows of 2, 2 and 1.
            told = settings(
                total_env_steps=500,
                minibatch_size=14,
                accumulation_steps=2,
                schedule=block | {"warmup_steps": warmup},
            )
            write(
                f"transformers-{name}-{warmup}",
                ["transformers", "torch"],
                f"{call}(num_warmup_steps={warmup}), stepped per optimizer step",
                "huggingface",
                told,
                train(told, make(warmup), per_minibatch=False),
            )


def record_torch() -> None:
    """A ramp and then warm restarts, stepped per optimizer step, and per minibatch."""
    from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts, LambdaLR, SequentialLR

    def restarts(optimizer: Any, _: int) -> Any:
        cosine = CosineAnnealingWarmRestarts(optimizer, T_0=13, eta_min=0.1 * 3e-4)
        if not warmup:
            return cosine
        ramp = LambdaLR(optimizer, lambda t: t / warmup)
        return SequentialLR(optimizer, [ramp, cosine], milestones=[warmup])

    for warmup, call in (
        (7, "SequentialLR([LambdaLR(t / 7), CosineAnnealingWarmRestarts(T_0=13)], [7])"),
        (0, "CosineAnnealingWarmRestarts(T_0=13)"),
    ):
        block = {
            "type": "cosine_annealing_with_warmup", "warmup_steps": warmup, "min_lr_ratio": 0.1,
            "restart_period": 13,
        }  # fmt: skip
        for unit, profile in (("optimizer-step", "torch-optimizer-step"), ("minibatch", "note")):
            told = settings(
                total_env_steps=500, minibatch_size=14, accumulation_steps=2, schedule=block
            )
            write(
                f"torch-{unit}-{warmup}",
                ["torch"],
                f"{call}, stepped per {unit.replace('-', ' ')}",
                profile,
                told,
                train(told, restarts, per_minibatch=unit == "minibatch"),
            )


RECORDERS = {
    "sb3": record_sb3,
    "cleanrl": record_cleanrl,
    "transformers": record_transformers,
    "torch": record_torch,
}

if __name__ == "__main__":
    for chosen in sys.argv[1:] or RECORDERS:
        RECORDERS[chosen]()
