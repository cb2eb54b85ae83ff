"""Keys that are nearly a known one: found in every file, clean ones too, so found quickly."""

from __future__ import annotations

from functools import lru_cache

from ppodiag._generated.keys import OPEN_BLOCKS, OPEN_ITEMS

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any

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

AMBIGUOUS = frozenset(("batch_size", "horizon", "rollout_length", "rollout_steps"))
"""Synonyms that mean another quantity in some trainers (CleanRL's batch_size is the rollout), so that
renaming them is the author's choice."""


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

    A key whose value has another shape than the known key's (a list where a number belongs) is a
    key of the author's own.

    Returns:
        (path of the block, key as written, key that may be meant), in the order of the schema.
    """
    found = []
    for path, known in OPEN_BLOCKS.items():
        block = _at(value, path)
        if isinstance(block, dict):
            for wrong, right in _near(path, tuple(block)):
                if _fits(block[wrong], known[right]):
                    found.append((path, wrong, right))
    for path, known in OPEN_ITEMS.items():
        items = _at(value, path)
        for number, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                for wrong, right in _near((*path, "*"), tuple(item)):
                    if _fits(item[wrong], known[right]):
                        found.append(((*path, str(number)), wrong, right))
    return found


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
        if value is None:
            return None
    return value


def _fits(value: Any, shape: str) -> bool:
    kind = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "value"
    return shape in (kind, "any")


@lru_cache(maxsize=4096)
def _near(path: tuple[str, ...], keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    known = OPEN_ITEMS[path[:-1]] if path[-1:] == ("*",) else OPEN_BLOCKS[path]
    unknown = [key for key in keys if key not in known and not is_free_text(key)]
    if not unknown:
        return ()
    present = frozenset(keys)
    absent = [key for key in known if key not in present]
    return tuple(matches(unknown, absent, careful=True).items())


def matches(keys: list[str], candidates: list[str], *, careful: bool = False) -> dict[str, str]:
    """Keys to the candidates that they are nearest to; no candidate is given to two keys.

    Args:
        keys: what was written.
        candidates: what may be meant, in the order in which equals are preferred.
        careful: whether keys of the author's own are to be expected; then no word of a key may differ
            as a whole (`max_target` is not `min_target`).
    """
    pairs = []
    for key in keys:
        for number, candidate in enumerate(candidates):
            rank = _rank(key, candidate, careful)
            if rank is not None:
                pairs.append((rank, number, key))
    found: dict[str, str] = {}
    for _rank_of_pair, number, key in sorted(pairs):
        if key not in found and candidates[number] not in found.values():
            found[key] = candidates[number]
    return found


def nearest(key: str, candidates: list[str]) -> str | None:
    """The candidate that the key is a misspelling or another name of; None where none is."""
    return matches([key], candidates).get(key)


def _rank(key: str, candidate: str, careful: bool) -> int | None:
    """0 for another name, 1 for the same letters or words, 2 and more by distance; None if far."""
    if SYNONYMS.get(key) == candidate:
        return 0
    if abs(len(key) - len(candidate)) > 6:
        return None
    a, b = key.lower().replace("-", "_"), candidate.lower().replace("-", "_")
    if a.replace("_", "") == b.replace("_", ""):
        return 1
    words, others = a.split("_"), b.split("_")
    if len(words) == len(others) and sorted(words) == sorted(others):
        return 1
    shorter = min(len(a), len(b))
    allowed = 2 if shorter >= 8 else 1 if shorter >= 4 else 0
    if abs(len(a) - len(b)) > allowed:
        return None
    distance = edit_distance(a, b, allowed)
    if distance > allowed or (careful and not _words_are_near(words, others, distance)):
        return None
    return 1 + distance


def _words_are_near(words: list[str], others: list[str], distance: int) -> bool:
    """Whether the difference is one of letters within words, not one of words."""
    if len(words) != len(others) or distance <= 1:
        return distance <= 1
    for word, other in zip(words, others, strict=True):
        letters = edit_distance(word, other, 2)
        if letters > 1 and 2 * letters >= max(len(word), len(other)):
            return False
    return True


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
