"""A trainer that reads its seed, its learning rate and the length of its run, and nothing else.

python examples/trainers/no_block.py CONFIG SEED OUT
"""

import json
import random
import sys
import time


def train(config, seed, out):
    """Follow a noisy target, and log how far off it is."""
    ppo = config["ppo_config"]
    numbers, weight = random.Random(seed), 0.0
    with open(f"{out}/log.jsonl", "w") as log:
        for env_steps in range(0, config["training"]["ppo_requests"], 64):
            began = time.perf_counter()
            target = numbers.gauss(1.0, 0.1)
            weight += ppo["lr"] * (target - weight)
            row = {"env_steps": env_steps, "value_loss": (target - weight) ** 2}
            row["update_seconds"] = time.perf_counter() - began
            print(json.dumps(row), file=log)


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        train(json.load(file), int(sys.argv[2]), sys.argv[3])
