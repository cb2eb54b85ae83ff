"""What watching costs: nanoseconds for one reading, beside a plain dict.

Run as `python benchmarks/watch.py`. Each figure is the best of several repetitions;
`--quick` measures too little for that, and only shows that it works.
"""

from __future__ import annotations

import platform
import sys
import timeit
from collections.abc import Callable

import ppodiag

QUICK = "--quick" in sys.argv
NUMBER = 1_000 if QUICK else 200_000
REPEAT = 2 if QUICK else 7
CONFIG = {"ppo_config": {"lr": 3e-4, "gamma": 0.99, "epochs": 10}}


def nanoseconds(read: Callable[[], object]) -> float:
    """The best time of one call."""
    return min(timeit.repeat(read, number=NUMBER, repeat=REPEAT)) / NUMBER * 1e9


def main() -> None:
    """Print a line for each way to read."""
    watched = ppodiag.watch(CONFIG, at_exit=False)
    empty = nanoseconds(lambda: None)
    print(f"Python {platform.python_version()}, {platform.machine()}")
    print(f"{'reading':<24}{'dict':>10}{'watched':>10}{'ratio':>8}")
    plain, seen = CONFIG["ppo_config"], watched["ppo_config"]
    for name, one, other in (
        ('block["lr"]', lambda: plain["lr"], lambda: seen["lr"]),
        ('block.get("lr")', lambda: plain.get("lr"), lambda: seen.get("lr")),
        (
            'cfg["ppo_config"]["lr"]',
            lambda: CONFIG["ppo_config"]["lr"],
            lambda: watched["ppo_config"]["lr"],
        ),
    ):
        before, after = nanoseconds(one) - empty, nanoseconds(other) - empty
        print(f"{name:<24}{before:>7.0f} ns{after:>7.0f} ns{after / max(before, 1):>8.1f}")


if __name__ == "__main__":
    main()
