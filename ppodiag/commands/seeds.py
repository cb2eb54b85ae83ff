"""Seeds as the command line names them."""

from __future__ import annotations

from ppodiag.errors import UsageError

MOST = 1_000_000
"""Seeds that one command takes; more are a slip of the keyboard."""


def parse_seeds(text: str) -> tuple[int, ...]:
    """The seeds of `10` (0 to 9), `3..7` or `1,5,7`.

    Raises:
        UsageError: it names none, one that is below 0, or more than `MOST`.
    """
    first, dots, last = text.partition("..")
    try:
        if dots:
            found = range(int(first), int(last) + 1)
        elif "," in text:
            return _chosen(text)
        else:
            found = range(int(text))
    except ValueError:
        found = range(0)
    if not found or found[0] < 0 or len(found) > MOST:
        raise UsageError(f"--seeds {text} names no seeds", "write for example 10, 0..9 or 1,5,7")
    return tuple(found)


def _chosen(text: str) -> tuple[int, ...]:
    chosen = tuple(int(part) for part in text.split(","))
    if min(chosen) < 0:
        raise ValueError
    if len(set(chosen)) < len(chosen):
        raise UsageError(f"--seeds {text} names a seed twice", "name each once")
    return chosen


def parse_paths(seeds: str | None, seed: int | None) -> tuple[int | None, int]:
    """How many paths are simulated and the seed of the first, of `--seeds` and `--seed`.

    None for the number leaves it to the simulation.

    Raises:
        UsageError: seeds that do not follow each other, or both options name the first.
    """
    if seeds is None:
        return None, seed or 0
    named = parse_seeds(seeds)
    if list(named) != list(range(named[0], named[0] + len(named))):
        raise UsageError(
            f"--seeds {seeds}: the paths of a simulation follow each other",
            "write how many, or a range such as 5..9",
        )
    if seed is not None and ".." in seeds:
        raise UsageError("--seed and a range of --seeds do not go together", "give one of them")
    return len(named), named[0] if seed is None else seed
