"""A configuration that remembers which of its keys were read: `cfg = ppodiag.watch(json.load(f))`."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ppodiag.errors import UsageError
from ppodiag.runtime.keys import is_free_text
from ppodiag.writing import write_whole

_WRITERS = frozenset(
    ("json", "simplejson", "yaml", "toml", "tomli_w", "tomlkit", "pprint", "reprlib", "rich", "wandb",
     "mlflow", "swanlab", "neptune", "comet_ml", "aim")
)  # fmt: skip
"""Packages that write a configuration down; going through it from there is no use of its values."""

_forks = 0


class UnreadKeys(AssertionError):
    """Keys were never read; `keys` has their dotted paths."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        super().__init__("never read: " + ", ".join(keys))


class Node:
    """What was read of one block, shared by its copies; elements of one list share one node."""

    __slots__ = ("blocks", "keys", "read")

    def __init__(self) -> None:
        self.keys: dict[str, None] = {}
        self.blocks: dict[str, Node] = {}
        self.read: set[object] = set()

    def unread(self, path: str, ignore: tuple[str, ...]) -> tuple[list[tuple[str, int]], int, int]:
        """Topmost paths that were not read, each with its number of keys; unread keys; all keys."""
        found: list[tuple[str, int]] = []
        missing = whole = 0
        for key in self.keys:
            name = f"{path}.{key}" if path else str(key)
            block = self.blocks.get(key)
            if is_free_text(str(key)) or any(fnmatchcase(name, pattern) for pattern in ignore):
                continue
            if block is not None:
                below, unread, every = block.unread(name, ignore)
                found += [(name, unread)] if unread == every and every else below
            else:
                unread, every = int(key not in self.read), 1
                found += [(name, 1)] * unread
            missing, whole = missing + unread, whole + every
        return found, missing, whole


class Block(dict[str, Any]):
    """A dict that notes which of its keys are read; blocks within it, also in lists, do so too."""

    __slots__ = ("_node", "_read")

    def __init__(self, content: Mapping[str, Any], node: Node) -> None:
        super().__init__(content)
        self._node = node
        self._read = node.read

    def __getitem__(self, key: str) -> Any:
        self._read.add(key)
        return _item(self, key)

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or the default; the key counts as read."""
        self._read.add(key)
        return _get(self, key, default)

    def __contains__(self, key: object) -> bool:
        self._read.add(key)
        return _has(self, key)

    def pop(self, key: str, *default: Any) -> Any:
        """Take a key away; it counts as read."""
        self._read.add(key)
        return super().pop(key, *default)

    def popitem(self) -> tuple[str, Any]:
        """Take the last key away; it counts as read."""
        key, value = super().popitem()
        self._read.add(key)
        return key, value

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value, or the default put in its place; the key counts as read."""
        self._read.add(key)
        return super().setdefault(key, default)

    def __iter__(self) -> Iterator[str]:
        # Being there makes ** and dict() ask for each key, where C would copy unseen.
        return super().__iter__()

    def items(self) -> Any:
        """Keys and values; all of this block's own count as read, unless it is written down."""
        self._all_read()
        return super().items()

    def values(self) -> Any:
        """Values; all of this block's own count as read, unless it is written down."""
        self._all_read()
        return super().values()

    def _all_read(self) -> None:
        caller = str(sys._getframe(2).f_globals.get("__name__", ""))
        if caller.partition(".")[0] not in _WRITERS:
            self._read.update(super().keys())

    def copy(self) -> Block:
        """A copy that notes in the same place."""
        return Block(_plain(self), self._node)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Block:
        from copy import deepcopy

        made = Block({}, self._node)
        memo[id(self)] = made
        for key, value in _items(self):
            dict.__setitem__(made, key, deepcopy(value, memo))
        return made

    def __or__(self, other: Any) -> Any:
        if not isinstance(other, dict):
            return NotImplemented
        made = self.copy()
        made.update(other)
        return made

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return dict, (bare(self),)


class Watched(Block):
    """The whole configuration."""

    __slots__ = ()

    def unread(self, ignore: Iterable[str] = ()) -> tuple[str, ...]:
        """Dotted paths of what was never read; of a block of which nothing was, its own path.

        Args:
            ignore: patterns of paths that do not count, for example `parallel_training.*`.
        """
        return tuple(name for name, _ in self._node.unread("", tuple(ignore))[0])

    def report(self) -> str:
        """Say on the standard error what was never read; the text that was written."""
        text = report_text(self._node)
        sys.stderr.write(text)
        return text

    def assert_all_read(self, ignore: Iterable[str] = ()) -> None:
        """For tests: everything was read, but what is ignored.

        Raises:
            UnreadKeys: an AssertionError that names what was not.
        """
        unread = self.unread(ignore)
        if unread:
            raise UnreadKeys(unread)


_item, _get, _has, _items = dict.__getitem__, dict.get, dict.__contains__, dict.items


def watch(
    config: Mapping[str, Any], *, log: str | os.PathLike[str] | None = None, at_exit: bool = True
) -> Watched:
    """The configuration as a dict that notes which keys are read, and says at exit which were not.

    Args:
        config: as `json.load` gives it; it is copied and stays as it is.
        log: a file that is written at exit in place of the lines on the standard error.
        at_exit: whether anything is said at exit.
    """
    global _forks
    node = Node()
    made = Watched(_wrapped(config, node), node)
    if at_exit:
        atexit.register(_at_exit, node, os.getpid(), None if log is None else os.fspath(log))
    if not _forks and hasattr(os, "register_at_fork"):
        _forks = 1
        os.register_at_fork(after_in_parent=_forked)
    _teach_yaml()
    return made


def _wrapped(block: Mapping[str, Any], node: Node) -> dict[str, Any]:
    content = {}
    for key, value in block.items():
        node.keys.setdefault(key)
        content[key] = _wrap(value, node, key)
    return content


def _wrap(value: Any, node: Node, key: str) -> Any:
    if isinstance(value, Mapping) and value:
        inner = node.blocks.setdefault(key, Node())
        return Block(_wrapped(value, inner), inner)
    if isinstance(value, list):
        return [_wrap(element, node, key) for element in value]
    return value


def bare(value: Any) -> Any:
    """The same as plain dicts and lists; no key counts as read."""
    if isinstance(value, Block):
        return {key: bare(inner) for key, inner in _items(value)}
    return [bare(inner) for inner in value] if type(value) is list else value


def _plain(block: Block) -> dict[str, Any]:
    return dict(_items(block))  # dict(block) would read each key


def report_text(node: Node) -> str:
    """What was never read, one path a line; where all was, one line that says so."""
    found, missing, whole = node.unread("", ())
    if not missing:
        return f"ppodiag.watch: each of the {whole} keys was read\n"
    lines = [f"ppodiag.watch: {missing} of {whole} keys were never read:"]
    lines += [f"  {name}" + (f" ({count} keys)" if count > 1 else "") for name, count in found]
    if _forks > 1:
        lines.append("  (processes were forked; what they read is not seen here)")
    return "\n".join(lines) + "\n"


def _forked() -> None:
    global _forks
    _forks += 1


def _at_exit(node: Node, process: int, log: str | None) -> None:
    if os.getpid() != process:
        return  # a forked child: the configuration is its parent's
    text = report_text(node)
    if log is None:
        sys.stderr.write(text)
        return
    try:
        write_whole(log, text.encode("utf-8", "backslashreplace"))
    except UsageError as error:
        sys.stderr.write(f"ppodiag.watch: {error}\n{text}")


def _teach_yaml() -> None:
    """Let a YAML writer that is loaded take a block for the dict that it is."""
    yaml = sys.modules.get("yaml")
    for name in ("SafeRepresenter", "Representer"):
        representer = getattr(getattr(yaml, "representer", None), name, None)
        if representer is not None:
            representer.add_multi_representer(Block, representer.represent_dict)
