"""Which tags of a log depend on the machine, and so are no part of a trajectory; told by their names."""

from __future__ import annotations

import re

MACHINE = frozenset(
    (
        "second", "sec", "secs", "time", "timing", "fps", "sps", "memory", "mem", "speed",
        "throughput", "wall", "walltime", "runtime", "duration", "elapsed", "eta", "rss", "ram",
        "vram", "cpu", "gpu", "cuda", "pid",
    )
)  # fmt: skip
"""Words that speak of time, speed, memory and processes; a plural s is left out of account."""

COUNTS = frozenset(("timestep", "step", "iteration", "update", "episode", "epoch", "rollout"))
"""Last words of a tag that counts what was done, whatever the group of tags that it stands in."""


def of_machine(tag: str) -> bool:
    """Whether a tag is of time, speed or memory, by its words.

    `time/fps` is, and so is `time/collect`. `time/total_timesteps` is not: a word is a whole one, and
    what a counter counts does not depend on the machine, even in a group that is called time.
    """
    own = _words(tag.rpartition("/")[2])
    if not MACHINE.isdisjoint(own):
        return True
    return not MACHINE.isdisjoint(_words(tag)) and not (own and own[-1] in COUNTS)


def _words(text: str) -> list[str]:
    """The words of a tag, in small letters: runs of letters, parted at capitals too."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    return [word if word in MACHINE else word.rstrip("s") for word in re.findall("[a-z]+", parted)]
