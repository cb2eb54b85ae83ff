"""Which files a command means: paths, folders, patterns, and the standard input."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ppodiag.errors import UsageError

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from types import ModuleType

SUFFIXES = (".json", ".jsonc", ".yaml", ".yml")
_YAML = (".yaml", ".yml")
_SKIPPED = frozenset(
    (".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".mypy_cache", ".tox", "site")
)


@dataclass(frozen=True, slots=True)
class Target:
    """A file to lint.

    Attributes:
        path: the file.
        explicit: False where a folder or pattern led to it.
        wanted: False where nobody asked for files of its kind: a search through all kinds led to it.
    """

    path: str
    explicit: bool
    wanted: bool = True


def from_here(path: str) -> str:
    """The path as it is typed from this folder; the whole one where it is on another drive of Windows."""
    try:
        return os.path.relpath(path)
    except ValueError:
        return os.path.abspath(path)


def shortest(path: str, paths: ModuleType = os.path) -> str:
    """The same path without . and empty parts, so that a report has one name for a file.

    A path with .. stays, which a link can make another folder; so does the ./ before a name that looks
    like an option, or like the standard input. `paths` is os.path or another system's.
    """
    if ".." in path and ".." in path.replace("\\", "/").split("/"):
        return path
    short: str = paths.normpath(path)
    return f".{paths.sep}{short}" if short.startswith("-") and path != "-" else short


def find_files(paths: tuple[str, ...]) -> list[Target]:
    """The files that the arguments mean, each once, in the order of the arguments.

    Folders are searched for .json, .jsonc, .yaml and .yml, links to folders not followed; a pattern
    with * ? [ is matched as the shell would, ** included. A file that a folder or pattern leads to is
    linted only where it is a PPO configuration.

    Raises:
        UsageError: a path that does not exist, or a pattern that matches nothing.
    """
    found: dict[str, Target] = {}
    for path in paths:
        if path == "-":
            found.setdefault(path, Target(path, True))
        elif os.path.isdir(path):
            for file in _walk(path):
                found.setdefault(file, Target(file, False, False))
        elif os.path.lexists(path):
            found[shortest(path)] = Target(shortest(path), True)
        elif any(c in path for c in "*?["):
            for target in _pattern(path):
                found.setdefault(target.path, target)
        else:
            raise UsageError(
                f"{path}: does not exist", "give the path of a configuration or a folder"
            )
    return list(found.values())


def without_unreadable_yaml(targets: list[Target]) -> tuple[list[Target], int]:
    """The targets, and how many YAML files were left out: nobody asked for YAML, and PyYAML is missing."""
    if not any(not t.wanted and t.path.lower().endswith(_YAML) for t in targets) or _reads_yaml():
        return targets, 0
    kept = [t for t in targets if t.wanted or not t.path.lower().endswith(_YAML)]
    return kept, len(targets) - len(kept)


def _reads_yaml() -> bool:
    try:
        import yaml  # noqa: F401  # only whether it is there
    except ImportError:
        return False
    return True


def _walk(folder: str) -> list[str]:
    files: list[str] = []

    # A folder that cannot be read is handed on, so that reading it is reported and not left out.
    def unreadable(error: OSError) -> None:
        files.append(shortest(str(error.filename)))

    for root, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        files += [
            shortest(os.path.join(root, n)) for n in sorted(names) if n.lower().endswith(SUFFIXES)
        ]
    return files


def _pattern(pattern: str) -> list[Target]:
    import glob

    matches = sorted(glob.glob(pattern, recursive=True))
    if not matches:
        raise UsageError(f"{pattern}: nothing matches", "check the pattern; quote it in the shell")
    targets, wanted = [], pattern.lower().endswith(_YAML)
    for match in matches:
        if os.path.isdir(match):
            targets += [Target(file, False, False) for file in _walk(match)]
        else:
            targets.append(Target(shortest(match), False, wanted))
    return targets
