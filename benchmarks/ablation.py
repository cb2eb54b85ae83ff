"""A full ablation, 8 arms of 10 seeds, learning to a threshold, timed beside the same work in SB3.

    python benchmarks/ablation.py [--env CartPole-v1] [--steps 102400] [--sample 20480]

Stable-Baselines3 trains one run at a time; its time for all runs is extrapolated from one run of
`--sample` env steps on CartPole-v1, on as many cores as the ablation has.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "examples" / "every_feature.json"
THRESHOLDS = {"CartPole-v1": 400.0, "replica-scheduling": -4300.0}


def ablation(env: str, steps: int, folder: str) -> tuple[float, dict]:
    """Seconds and report of a full ablation."""
    words = [
        sys.executable, "-m", "ppodiag", "ablate", os.path.relpath(CONFIG, ROOT), "--env", env, "--total-env-steps",
        str(steps), "--metric", "time_to_threshold", "--threshold", str(THRESHOLDS[env]), "--seeds",
        "10", "--out", folder,
    ]  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    print(f"```text\n{done.stdout}```")
    return seconds, json.loads((Path(folder) / "report.json").read_text())


def sb3_rate(sample: int) -> float:
    """Env steps/s of one run of Stable-Baselines3, its start left out; same rollout and minibatch."""
    code = f"""
import time, torch
torch.set_num_threads(1)
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
env = make_vec_env("CartPole-v1", n_envs=8, seed=0)
model = PPO("MlpPolicy", env, n_steps=128, batch_size=128, n_epochs=4, learning_rate=1e-3, device="cpu")
began = time.perf_counter()
model.learn({sample})
print({sample} / (time.perf_counter() - began))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def main() -> None:
    """Run it and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", choices=sorted(THRESHOLDS), default="CartPole-v1")
    parser.add_argument("--steps", type=int, default=102_400)
    parser.add_argument("--sample", type=int, default=20_480)
    given = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    rates = [sb3_rate(given.sample)]
    with tempfile.TemporaryDirectory() as folder:
        seconds, found = ablation(given.env, given.steps, str(Path(folder) / "study"))
    rates.append(sb3_rate(given.sample))
    rate = sum(rates) / 2
    runs = sum(len(arm["scores"]) for arm in found["arms"])
    timed = sum(arm["cost"]["rounds"] for arm in found["arms"] if arm["cost"])
    peer = runs * given.steps / rate / cores
    print(
        f"\n{given.env}: {runs} runs of {given.steps:,} env steps and {timed} timed runs in {seconds:.0f} s "
        f"on {cores} cores.\nStable-Baselines3 on CartPole-v1 makes {rate:,.0f} env steps/s (samples of "
        f"{given.sample:,} before and after), so its {runs} runs take {peer:.0f} s on {cores} cores: "
        f"{peer / seconds:.1f} times as long, timed runs not counted for it."
    )


if __name__ == "__main__":
    main()
