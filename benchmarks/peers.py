"""Other trainers, run from checkouts that the user names: `make bench PEERS=DIR`.

DIR holds any of these folders; what is not there is not measured.

| folder | from | commit |
|---|---|---|
| cleanrl | https://github.com/vwxyzjn/cleanrl, or the wheel cleanrl 1.2.0 of PyPI, unpacked | any |
| leanrl | https://github.com/pytorch-labs/LeanRL | any |
| purejaxrl | https://github.com/luchris429/purejaxrl | any |

Each runs in an environment of its own where DIR/NAME/.venv/bin/python exists, else in this one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PEERS = {
    "cleanrl": ("cleanrl/ppo.py", ("--num-envs", "8", "--num-steps", "128")),
    "leanrl": ("leanrl/ppo.py", ("--num-envs", "8", "--num-steps", "128")),
    "purejaxrl": ("purejaxrl/ppo.py", ()),
}
"""Folder to script and its arguments."""

ENV_STEPS = 100_000
_SPEED = re.compile(r"(?:SPS|speed)\D*([\d.]+)")


def run_peer(name: str, folder: Path) -> dict[str, float] | None:
    """The speed that a peer prints of itself near its end, and its peak memory; None: not measured."""
    script, words = PEERS[name]
    path = folder / name / script
    if not path.exists():
        return None
    python = folder / name / ".venv" / "bin" / "python"
    program = str(python) if python.exists() else sys.executable
    process = subprocess.Popen(
        [program, str(path), *words, "--total-timesteps", str(ENV_STEPS)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder / name,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(folder / name)},
    )  # fmt: skip
    assert process.stdout is not None
    found = _SPEED.findall(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not found:
        return None
    return {"env_steps_per_second": float(found[-1]), "peak": usage.ru_maxrss * 1024}
