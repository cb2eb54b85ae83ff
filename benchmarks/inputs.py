"""The files that are linted: of the shape and length of a real configuration."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from ppodiag.healthy import with_changes

ILL: dict[str, Any] = {
    "ppo_config.lr": 0.01,
    "ppo_config.stabilization_steps": 100,
    "ppo_config.gama": 0.9,
    "ppo_config.entropy_schedule": {"enable": True, "decay_steps": 10**9},
    "kl_regularization": {"target_kl": 0.02, "kl_ref_decay_steps": 10**9},
    "ppo_config.target_kl": 0.01,
    "training.ppo_requests": 20480,
    "advanced_optimization.learning_rate_schedule.warmup_steps": 900,
    "advanced_optimization.gradient_optimization.clip_by_global_norm": False,
    "advanced_optimization.gradient_optimization.accumulation_steps": 2,
    "curriculum_learning": {"enable": True, "stages": [{"duration_requests": 10**6}] * 2},
}
"""Changes to the healthy configuration that draw ten findings or more."""

LINES = 343
"""Lines of the real configuration that this is shaped after."""


def configuration(changes: dict[str, Any], seed: int = 0) -> str:
    """A configuration of `LINES` lines: the healthy one, the changes, and blocks of one's own."""
    value = with_changes(changes)
    numbers = random.Random(seed)
    block = 0
    while (text := json.dumps(value, indent=2)).count("\n") < LINES - 12:
        value[f"own_block_{block}"] = {
            "enable": True,
            "comment": "a block that the trainer reads and ppodiag does not know",
            "weights": {f"weight_{i}": round(numbers.random(), 3) for i in range(5)},
            "clip_range": -10.0,
        }
        block += 1
    return text + "\n"


def make_inputs(folder: Path, files: int) -> dict[str, Path]:
    """Write the inputs; their paths by name.

    A clean file, one with ten findings, a folder of `files` clean variants, and as many Python
    files of as many lines for a peer that lints those.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clean.json").write_text(configuration({}))
    (folder / "ill.json").write_text(configuration(ILL))
    many, python = folder / "many", folder / "python"
    many.mkdir(exist_ok=True)
    python.mkdir(exist_ok=True)
    source = "".join(f"value_{i} = [{i}, {i + 1}, {i + 2}]\n" for i in range(LINES))
    for number in range(files):
        lr = round(1e-4 * (1 + number / files), 9)
        (many / f"{number:04}.json").write_text(configuration({"ppo_config.lr": lr}, number))
        (python / f"m{number:04}.py").write_text(f'"""Module {number}."""\n{source}')
    return {
        "clean": folder / "clean.json",
        "ill": folder / "ill.json",
        "many": many,
        "python": python,
    }
