"""Trainers for the tests: scripts of a few lines that train nothing and log what they are told to."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

_HEAD = """
import json, os, random, sys, time
config_path, seed, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
config = json.load(open(config_path))

def at(dotted):
    found = config
    for part in dotted.split("."):
        found = found[part]
    return found

def log(rows):
    with open(os.path.join(out, "log.jsonl"), "w") as file:
        for number, row in enumerate(rows):
            print(json.dumps({"env_steps": 10 * number, **row}), file=file)
"""

_WALK = """
def walk(*parts):
    numbers = random.Random(repr(parts))
    return [{"policy_loss": numbers.random(), "fps": time.time()} for _ in range(4)]
"""

IGNORES = _HEAD + _WALK + "log(walk(seed, at('ppo_config.lr')))\n"
"""Reads the seed and the learning rate, and nothing else."""

READS = _HEAD + _WALK + "log(walk(seed, at('ppo_config.lr'), at('KEY')))\n"
"""Reads KEY beside them."""

CHECKPOINTS = (
    _HEAD
    + _WALK
    + """
log(walk(seed, at('ppo_config.lr')))
if at('advanced_optimization.gradient_optimization.use_gradient_checkpointing'):
    time.sleep(0.4)
"""
)
"""Takes longer with checkpointing, and changes nothing else."""

SAVES_MEMORY = (
    _HEAD
    + _WALK
    + """
flag = at('advanced_optimization.gradient_optimization.use_gradient_checkpointing')
memory = (40 if flag else 60) + time.time() % 1
log([{**row, "gpu_memory_mb": memory} for row in walk(seed, at('ppo_config.lr'))])
"""
)
"""Logs less memory with checkpointing."""

RANDOM = _HEAD + _WALK + "log(walk(os.urandom(8)))\n"
"""Never does the same twice."""

RANDOM_BESIDE = (
    _HEAD
    + _WALK
    + "log([{**row, 'queue': random.random()} for row in walk(seed, at('ppo_config.lr'))])\n"
)
"""Its learning repeats, and a column of no known meaning does not."""

CRASHES = _HEAD + "print('reading', config_path)\nraise KeyError('no such thing')\n"
NO_LOG = _HEAD + "print('trained')\n"
CONSTANT = _HEAD + "log([{'policy_loss': 0.5}] * 4)\n"

CRASHES_ON_WARMUP = (
    _HEAD
    + _WALK
    + """
if at('advanced_optimization.learning_rate_schedule.warmup_steps'):
    raise ValueError('warm-up is not built yet')
log(walk(seed, at('ppo_config.lr')))
"""
)

ECHOES = (
    _HEAD
    + _WALK
    + """
block = config["advanced_optimization"]["gradient_optimization"]
log([{**row, **block} for row in walk(seed, at('ppo_config.lr'))])
"""
)
"""Writes what it was given of the block into its log, and does nothing with it."""

LOGS_A_SCHEDULE = (
    _HEAD
    + _WALK
    + """
warmup = at('advanced_optimization.learning_rate_schedule.warmup_steps')
rows = walk(seed, at('ppo_config.lr'))
log([{**row, "lr": min(1.0, (t + 1) / (warmup + 1))} for t, row in enumerate(rows)])
"""
)
"""Logs a learning rate that it does not train with."""

IGNORES_LR = _HEAD + _WALK + "log(walk(seed))\n"


def trainer(folder: Path, script: str, key: str = "") -> str:
    """The --trainer of a script, which is written into the folder."""
    path = folder / "train.py"
    path.write_text(script.replace("KEY", key), encoding="utf-8")
    return (
        f"{shlex.quote(sys.executable)} -S -E {shlex.quote(str(path))} {{config}} {{seed}} {{out}}"
    )
