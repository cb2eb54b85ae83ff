"""A key that the runtime reads under another name.

## What it checks
With `lint --runtime DIR`: nothing reads the key; from the same block the sources read, with a
default, a key that the file lacks and whose name is this one with words before or after it, or with
other capitals or underscores.

## Why it matters
The default is taken in silence, and the value in the file does nothing.

## Instead
Call both the same.

## When not to use
Where the two are different quantities by intent; then the key is one that nothing reads (RT801).

## Sources
- A judgement on the definitions.
"""

from ppodiag.case import Case
from ppodiag.rule import WARNING, page_only

check = page_only("RT802", "read-under-another-name", WARNING, "runtime")

_CASE_FILE = """{
  "training": {"ppo_requests": 2000000},
  "ppo_config": {"lr": 3e-4, "rollout_len": 1024, "minibatch_size": 64, "epochs": 10},
  "reward_config": {"alpha": 0.8, "gamma": 0.6}
}
"""

_CASE_READER = """import json

def main(path):
    config = json.load(open(path))
    reward = config["reward_config"]
    train(config["training"]["ppo_requests"], **config["ppo_config"])
    shape(alpha=reward["alpha"], gamma=reward.get("reward_gamma", 0.3))
"""

CASES = (
    Case(
        "gamma in the file, reward_gamma with a default in the code",
        severity=WARNING,
        pointer="/reward_config/gamma",
        text="nothing reads reward_config.gamma: train.py:7 reads reward_gamma there",
        source=_CASE_FILE,
        runtime=_CASE_READER,
    ),
    Case(
        "the same name",
        source=_CASE_FILE,
        runtime=_CASE_READER.replace('"reward_gamma"', '"gamma"'),
    ),
)
