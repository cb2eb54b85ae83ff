"""A trainer for tests that trains nothing: it reads a few keys, and writes a log within milliseconds.

Its return has a planted effect: 20 where gradients are clipped. The kind of schedule draws other
random numbers, and does no more; checkpointing changes nothing but the time. The seed scatters the
return by a few points. `FAKE_CRASH=KEY=VALUE` makes it crash where a key of the gradient block has
that value; `FAKE_SAY` is what it says then; `FAKE_MARK=FILE` gets a line for each run; `FAKE_SLEEP` makes it slow.
"""

import argparse
import json
import os
import random
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("--config")
parser.add_argument("--seed", type=int)
parser.add_argument("--out")
given = parser.parse_args()
with open(given.config, encoding="utf-8") as file:
    config = json.load(file)
block = config["advanced_optimization"]["gradient_optimization"]
if mark := os.environ.get("FAKE_MARK"):
    with open(mark, "a", encoding="utf-8") as file:
        file.write(f"{json.dumps(block)} {given.seed}\n")
crash, _, value = os.environ.get("FAKE_CRASH", "").partition("=")
if crash and str(block.get(crash)) == value:
    sys.exit(f"{os.environ.get('FAKE_SAY', '')} planted crash of seed {given.seed}")
time.sleep(float(os.environ.get("FAKE_SLEEP", "0")))
kind = config["advanced_optimization"]["learning_rate_schedule"]["type"]
noise = os.urandom(8).hex() if os.environ.get("FAKE_NOISE") else ""
draw = random.Random(f"{given.seed} {kind} {noise}")
level = 100 + draw.gauss(0, 2) + (20 if block.get("clip_by_global_norm") else 0)
with open(os.path.join(given.out, "log.csv"), "w", encoding="utf-8") as file:
    file.write("update,env_steps,episode_return,env_steps_per_second\n")
    for update in range(20):
        fps = 1000 * (1 if block.get("use_gradient_checkpointing") else 1.5)
        file.write(
            f"{update},{(update + 1) * 1024},{level * (update + 1) / 20 + draw.random()},{fps}\n"
        )
