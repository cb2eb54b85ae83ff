"""Keys that are nearly a known one: found in every file, clean ones too, so found quickly."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ppodiag._generated.keys import OPEN_BLOCKS

SYNONYMS = {
    "learning_rate": "lr",
    "n_steps": "rollout_len",
    "num_steps": "rollout_len",
    "rollout_length": "rollout_len",
    "rollout_steps": "rollout_len",
    "horizon": "rollout_len",
    "batch_size": "minibatch_size",
    "mini_batch_size": "minibatch_size",
    "n_epochs": "epochs",
    "num_epochs": "epochs",
    "ppo_epochs": "epochs",
    "update_epochs": "epochs",
    "clip_range": "clip_ratio",
    "clip_eps": "clip_ratio",
    "clip_coef": "clip_ratio",
    "ent_coef": "entropy_coef",
    "vf_coef": "value_coef",
    "n_envs": "num_envs",
    "total_timesteps": "ppo_requests",
}
"""What other trainers call our keys; only heard where our key is absent."""


def is_free_text(key: str) -> bool:
    """Whether a key is a comment: `comment`, or one that begins with `_` or `$`."""
    return key == "comment" or key[:1] in ("_", "$")


USED_BY_TYPE = {
    "cosine_annealing_with_warmup": ("type", "warmup_steps", "restart_period", "min_lr_ratio"),
    "linear": ("type", "warmup_steps", "min_lr_ratio"),
    "constant": ("type", "warmup_steps"),
}
"""The keys of a learning-rate schedule that each type uses."""


def warns(value: dict[str, Any]) -> bool:
    """Whether a value that the schema accepts draws a warning from it all the same."""
    return bool(near_misses(value) or unused_schedule_keys(value))


def unused_schedule_keys(value: dict[str, Any]) -> list[str]:
    """Known keys of the learning-rate schedule that its type never uses."""
    block = value.get("advanced_optimization")
    block = block.get("learning_rate_schedule") if isinstance(block, dict) else None
    kind = block.get("type") if isinstance(block, dict) else None
    if not isinstance(block, dict) or not isinstance(kind, str) or kind not in USED_BY_TYPE:
        return []
    known, used = USED_BY_TYPE["cosine_annealing_with_warmup"], USED_BY_TYPE[kind]
    return [key for key in block if key in known and key not in used]


def near_misses(value: dict[str, Any]) -> list[tuple[tuple[str, ...], str, str]]:
    """Unknown keys of the open blocks that are near a known, absent one.

    Returns:
        (path of the block, key as written, key that may be meant), in the order of the schema.
    """
    found = []
    for path in OPEN_BLOCKS:
        block: Any = value
        for part in path:
            block = block.get(part) if isinstance(block, dict) else None
            if block is None:
                break
        if isinstance(block, dict):
            for wrong, right in _near(path, tuple(block)):
                found.append((path, wrong, right))
    return found


@lru_cache(maxsize=4096)
def _near(path: tuple[str, ...], keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    known = OPEN_BLOCKS[path]
    absent = [key for key in known if key not in keys]
    pairs = []
    for key in keys:
        if key not in known and not is_free_text(key):
            right = nearest(key, absent)
            if right is not None:
                pairs.append((key, right))
    return tuple(pairs)


def nearest(key: str, candidates: list[str]) -> str | None:
    """The candidate that the key is a misspelling or another name of; None where none is."""
    synonym = SYNONYMS.get(key)
    if synonym in candidates:
        return synonym
    squeezed = key.replace("_", "").replace("-", "").lower()
    words = sorted(key.lower().replace("-", "_").split("_"))
    best, best_distance = None, 3
    for candidate in candidates:
        if squeezed == candidate.replace("_", "") or words == sorted(candidate.split("_")):
            return candidate
        length = min(len(key), len(candidate))
        allowed = 2 if length >= 8 else 1 if length >= 4 else 0
        if abs(len(key) - len(candidate)) <= allowed:
            distance = edit_distance(key, candidate, allowed)
            if distance <= allowed and distance < best_distance:
                best, best_distance = candidate, distance
    return best


def edit_distance(a: str, b: str, limit: int) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours from a to b.

    A distance above `limit` is given as `limit + 1`. (Optimal string alignment: no part is edited
    twice.)
    """
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i] * (len(b) + 1)
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current[j] = cost
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]
