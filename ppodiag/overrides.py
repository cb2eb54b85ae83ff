"""What stands in for a file's own values: keys found by their path or its end, values checked."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ppodiag.config import FIELDS
from ppodiag.errors import UsageError
from ppodiag.schema.load import schema

Path = tuple[str, ...]

NAMED = 3
"""Keys of one name that an error lists."""


@lru_cache(maxsize=1)
def _known() -> tuple[dict[str, Path], frozenset[str]]:
    """Every key of the schema by its dotted path, and the blocks that take any key."""
    paths: dict[str, Path] = {}
    free: set[str] = set()

    def walk(node: dict[str, Any], path: Path) -> None:
        for name, below in node.get("properties", {}).items():
            if name == "comment":
                continue
            here = (*path, name)
            paths[".".join(here)] = here
            walk(below, here)
        kinds = node.get("type", ())
        if path and not node.get("properties") and "object" in (kinds, *kinds):
            free.add(".".join(path))

    walk(schema(), ())
    return paths, frozenset(free | {"reward_config"})


def key_names() -> tuple[str, ...]:
    """What a key may be called: its dotted path, and the end of it where one key alone ends so."""
    paths, _ = _known()
    ends = Counter(name.rpartition(".")[2] for name in paths)
    short = [end for end, times in ends.items() if times == 1 or end in FIELDS]
    return (*short, *(path for path in paths if "." in path))


def resolve_key(text: str) -> Path:
    """The path of a key that the schema knows.

    Args:
        text: the whole path, dotted or as a JSON pointer; or its end, where one key alone ends so, or
            where ppodiag itself calls one of them by that name, such as `warmup_steps`.

    Raises:
        UsageError: no key is called so, or several are.
    """
    dotted = text.strip().lstrip("/").replace("/", ".")
    paths, free = _known()
    if dotted in paths:
        return paths[dotted]
    parts = tuple(dotted.split("."))
    if not all(parts):
        raise UsageError(f"{text!r} is no key", "write for example ppo_config.lr")
    if any(dotted.startswith(block + ".") for block in free):
        return parts
    ending = [name for name in paths if name.endswith("." + dotted)]
    own = FIELDS[dotted][0].replace("/", ".") if dotted in FIELDS else ""
    if len(ending) == 1 or own in ending:
        return paths[own if own in ending else ending[0]]
    if ending:
        more = f" or {len(ending) - NAMED} others" if len(ending) > NAMED + 1 else ""
        shown = ", ".join(ending[: NAMED if more else None])
        raise UsageError(f"several keys are called {dotted}", f"name the block too: {shown}{more}")
    raise UsageError(f"no known key is called {dotted}", _hint(dotted, paths))


def _hint(dotted: str, paths: Mapping[str, Path]) -> str:
    near = difflib.get_close_matches(dotted, paths, 1, 0.75)
    if not near:
        last = dotted.rsplit(".", 1)[-1]
        ends = {name.rsplit(".", 1)[-1]: name for name in paths}
        near = [ends[end] for end in difflib.get_close_matches(last, ends, 1)]
        if near and "." not in dotted:
            near = [near[0].rsplit(".", 1)[-1]]
    return f"did you mean {near[0]}?" if near else "write the whole path, such as ppo_config.lr"


def parse_value(text: str) -> Any:
    """The value of a setting: JSON where it is JSON, else the words themselves.

    Raises:
        UsageError: a number that is none or not finite.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()
    for number in _numbers(value):
        if number != number or number in (float("inf"), float("-inf")):
            raise UsageError(f"{text.strip()} is no finite number", "write a finite one")
    return value


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _numbers(item)


def overrides_of(
    values: Mapping[str, Any] | None, total_env_steps: int | None
) -> tuple[tuple[Path, Any], ...]:
    """Path and value of each override that a program gives.

    Args:
        values: key, as `resolve_key` takes it, to value.
        total_env_steps: the length of the run; None: the file's.

    Raises:
        UsageError: no such key, or a value that is no finite number.
    """
    pairs: list[tuple[Path, Any]] = []
    for key, value in (values or {}).items():
        for number in _numbers(value):
            if number != number or number in (float("inf"), float("-inf")):
                raise UsageError(f"{key} cannot be {number}", "give a finite number")
        pairs.append((resolve_key(key), value))
    if total_env_steps is not None:
        pairs.append((("training", "ppo_requests"), total_env_steps))
    return tuple(pairs)
