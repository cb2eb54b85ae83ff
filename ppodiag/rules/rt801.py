"""A key that nothing in the runtime reads.

## What it checks
With `lint --runtime DIR`: whether anything in the sources can read the key. Names repeat, so it goes
by path: reading `warmup_steps` of `kl_regularization` is no reading of another block's, and a key
counts as read only where its block may be. What is gone through, passed on as a whole or read by a
key that is not known counts as read; docs/runtime-check.md says how this is decided. Of a subtree
that nothing reads, the topmost key is named once. `comment` and keys beginning with _ or $ are free
text. A warning where a source file cannot be read; information where the whole configuration is used
at once, so that nothing can be told.

## Why it matters
The key does nothing, whatever it says. A schedule that is written down and never read leaves the
learning rate constant, and every judgement of the schedule is about a run that does not happen.

## Instead
Remove the key, or have the runtime read it. If other code reads it, name that with `--runtime` too.

## When not to use
Where a part of the runtime is not at hand, or is no Python: of other languages only words are seen.

## Sources
- A judgement on the definitions.
"""

from ppodiag.case import Case
from ppodiag.rule import ERROR, INFO, WARNING, page_only

check = page_only("RT801", "nothing-reads-this", ERROR, "runtime")

_CASE_FILE = """{
  "training": {"ppo_requests": 2000000},
  "ppo_config": {"lr": 3e-4, "max_grad_norm": 0.5,
    "rollout_len": 1024, "minibatch_size": 64, "epochs": 10},
  "kl_regularization": {"warmup_steps": 100},
  "advanced_optimization": {
    "learning_rate_schedule": {"type": "cosine_annealing_with_warmup", "warmup_steps": 1000}
  }
}
"""

_CASE_READER = """import json

def main(path):
    with open(path) as file:
        config = json.load(file)
    ppo, kl = config["ppo_config"], config["kl_regularization"]
    sizes = [ppo[key] for key in ("rollout_len", "minibatch_size", "epochs")]
    train(config["training"]["ppo_requests"], ppo["lr"], ppo.get("max_grad_norm"), sizes)
    anchor(kl["warmup_steps"])
"""

CASES = (
    Case(
        "the block is never read; another block's warmup_steps is",
        severity=ERROR,
        pointer="/advanced_optimization",
        text="nothing reads advanced_optimization, so its 2 keys do nothing: 1 source file searched",
        source=_CASE_FILE,
        runtime=_CASE_READER,
    ),
    Case(
        "one key of a block",
        severity=ERROR,
        pointer="/ppo_config/max_grad_norm",
        text="nothing reads ppo_config.max_grad_norm: 1 source file searched",
        source=_CASE_FILE,
        runtime=_CASE_READER.replace(', ppo.get("max_grad_norm")', "")
        + '    schedule(config["advanced_optimization"])\n',
    ),
    Case(
        "a source that does not parse: certain no more",
        severity=WARNING,
        pointer="",
        text="as far as the source could be read, nothing reads any key",
        source=_CASE_FILE,
        runtime="print 'Python 2'\n",
    ),
    Case(
        "the whole configuration goes to code that is not seen: nothing can be told",
        severity=INFO,
        pointer="",
        text="uses the whole configuration at once, so no key is certain",
        source=_CASE_FILE,
        runtime="import json, trainer\ntrainer.run(**json.load(open('ppo.json')))\n",
    ),
    Case(
        "each block is handed on",
        source=_CASE_FILE,
        runtime=_CASE_READER + '    schedule(**config["advanced_optimization"])\n',
    ),
)
