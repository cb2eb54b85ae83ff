"""Other trainers, run from folders that the user names: `make bench PEERS=DIR`.

DIR/cleanrl: CleanRL, either the wheel cleanrl 1.2.0 of PyPI unpacked, or a checkout of
https://github.com/vwxyzjn/cleanrl whose cleanrl/ppo.py takes the same options. It runs in
DIR/cleanrl/.venv where that exists (it wants gym 0.23.1), else in this environment.

LeanRL (https://github.com/pytorch-labs/LeanRL) has no script for environments with discrete actions
but Atari's, and PureJaxRL (https://github.com/luchris429/purejaxrl) needs JAX and prints no speed: both
would have to be changed to be measured here, and are not.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PEERS = ("CleanRL", "LeanRL", "PureJaxRL")
ENV_STEPS = 60_000
_SPEED = re.compile(r"SPS: (\d+)")


def run_peer(name: str, folder: Path) -> dict[str, float] | None:
    """The speed that a peer prints of itself at its end, and its peak memory; None: not measured."""
    home = (folder / "cleanrl").resolve()
    if name != "CleanRL" or not (home / "cleanrl" / "ppo.py").exists():
        return None
    python = home / ".venv" / "bin" / "python"
    process = subprocess.Popen(
        [
            str(python) if python.exists() else sys.executable, "cleanrl/ppo.py",
            "--num-envs", "8", "--num-steps", "128", "--total-timesteps", str(ENV_STEPS),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=home,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(home)},
    )  # fmt: skip
    assert process.stdout is not None
    found = _SPEED.findall(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not found:
        return None
    # It begins with this process's own size, which a trainer with torch is well above.
    peak = usage.ru_maxrss * 1024
    return {"env_steps_per_second": float(found[-1]), "peak": peak}
