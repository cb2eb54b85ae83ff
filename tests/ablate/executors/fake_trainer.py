"""A trainer that learns nothing: a log for `diagnose` in a fraction of a second, and faults on demand.

Its configuration may hold "fault" and "mark", a file that a fault which happens once leaves behind.
"""

import argparse
import json
import os
import random
import signal
import sys
import time


def main():
    parser = argparse.ArgumentParser()
    for name in ("config", "seed", "out"):
        parser.add_argument(f"--{name}")
    options = parser.parse_args()
    with open(options.config, encoding="utf-8") as file:
        config = json.load(file)
    fault(config.get("fault", ""), config.get("mark", ""))
    print("GPUs:", os.environ.get("CUDA_VISIBLE_DEVICES"))
    rng = random.Random(f"{config['lr']} {options.seed}")
    with open(os.path.join(options.out, "log.jsonl"), "w", encoding="utf-8") as log:
        for update in range(1, 13):
            row = {"update": update, "env_steps": update * 64, "episode_return": rng.random(),
                   "lr": config["lr"], "fps": 1 / (time.perf_counter() + 1)}  # fmt: skip
            log.write(json.dumps(row) + "\n")


def fault(kind, mark):
    first = bool(mark) and not os.path.exists(mark)
    if mark:
        with open(mark, "a", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
    if kind == "fails" or (kind == "fails once" and first):
        print("no such thing as a policy", file=sys.stderr)
        sys.exit(3)
    if kind == "sleeps" or (kind == "sleeps once" and first):
        time.sleep(60)
    if kind == "its worker is killed" or (kind == "its worker is killed once" and first):
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    if kind == "its worker is out of time" or (kind == "its worker is preempted once" and first):
        os.kill(os.getppid(), signal.SIGUSR2)
        time.sleep(60)
    if kind.startswith("takes "):
        time.sleep(float(kind.split()[1]))


main()
