"""A key that is read, put away and never used.

## What it checks
With `lint --runtime DIR`: each reading of the key puts the value into a variable, an attribute of
the object itself or an argument of one of the runtime's own functions, and nothing in the sources
loads that after. Arguments are followed into attributes and variables. Silent where the object is
looked at as a whole (`vars`, `__dict__`, `asdict`), where its class has a base outside the sources,
and where a source file cannot be read.

## Why it matters
The reading looks like support for the key; its value changes nothing.

## Instead
Use the value where it was put, or remove the key.

## When not to use
Where code outside the searched folders takes the attribute up.

## Sources
- A judgement on the definitions.
"""

from ppodiag.case import Case
from ppodiag.rule import WARNING, page_only

check = page_only("RT803", "read-and-never-used", WARNING, "runtime")

_CASE_FILE = """{
  "training": {"ppo_requests": 2000000},
  "ppo_config": {"lr": 3e-4, "max_grad_norm": 0.5,
    "rollout_len": 1024, "minibatch_size": 64, "epochs": 10}
}
"""

_CASE_READER = """import json

class Trainer:
    def __init__(self, lr, max_grad_norm):
        self.lr = lr
        self.max_grad_norm = max_grad_norm

    def step(self, parameters):
        optimize(parameters, self.lr)

def main(path):
    config = json.load(open(path))
    ppo = config["ppo_config"]
    rollout(ppo["rollout_len"], ppo["minibatch_size"], ppo["epochs"])
    Trainer(ppo["lr"], ppo["max_grad_norm"]).run(config["training"]["ppo_requests"])
"""

CASES = (
    Case(
        "an attribute that nothing loads",
        severity=WARNING,
        pointer="/ppo_config/max_grad_norm",
        text="ppo_config.max_grad_norm is put into the argument number 2 of Trainer at train.py:15",
        source=_CASE_FILE,
        runtime=_CASE_READER,
    ),
    Case(
        "the attribute is loaded",
        source=_CASE_FILE,
        runtime=_CASE_READER.replace("self.lr)", "self.lr, self.max_grad_norm)"),
    ),
)
