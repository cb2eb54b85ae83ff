"""The files of a runtime: which are searched, and their text."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ppodiag.errors import UsageError

PYTHON = (".py", ".pyw")
NOTEBOOK = (".ipynb",)
TEXT = (
    ".sh", ".bash", ".zsh", ".fish", ".ps1", ".bat", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".mk",
    ".c", ".cc", ".cpp", ".cu", ".h", ".hpp", ".rs", ".go", ".java", ".kt", ".js", ".ts", ".lua", ".jl",
    ".r", ".rb", ".pl", ".cs", ".swift", ".scala", ".pyx", ".pxd", ".j2", ".jinja",
)  # fmt: skip
NAMED = ("makefile", "dockerfile", "justfile", "jenkinsfile", "snakefile")
SKIPPED = frozenset(
    (".git", ".hg", ".svn", ".venv", "venv", "env", "node_modules", "__pycache__", "site-packages",
     ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".nox", ".ipynb_checkpoints", "wandb")
)  # fmt: skip
LARGEST = 5 * 1024 * 1024
"""Bytes of the largest source file that is read."""
MOST = 20_000
"""Source files at which the search stops, and says so."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text, or why there is none."""

    path: str
    text: str = ""
    fault: str = ""


def find_sources(paths: tuple[str, ...]) -> list[str]:
    """The source files at and below the paths, each once, sorted within a folder.

    Links to folders are not followed; a file that several names lead to is taken once.

    Raises:
        UsageError: a path that does not exist, no source file below one, too many of them.
    """
    found: dict[str, str] = {}
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"--runtime {path} does not exist", "name the folder of the sources")
        files = _walk(path) if os.path.isdir(path) else [path]
        if not files:
            raise UsageError(
                f"--runtime {path} has no source file", "name the folder of the sources"
            )
        for file in files:
            found.setdefault(os.path.realpath(file), file)
        if len(found) > MOST:
            raise UsageError(
                f"--runtime {path} has more than {MOST:,} source files",
                "name the folders that read the configuration",
            )
    return list(found.values())


def _walk(folder: str) -> list[str]:
    files: list[str] = []

    # A folder that cannot be entered is handed on, so that reading it is reported.
    def unreadable(error: OSError) -> None:
        files.append(str(error.filename))

    for root, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        files += [os.path.join(root, name) for name in sorted(names) if is_source(name)]
    return files


def is_source(name: str) -> bool:
    """Whether a file is searched that a folder leads to."""
    lower = name.lower()
    return lower.endswith((*PYTHON, *NOTEBOOK, *TEXT)) or lower in NAMED


def read_source(path: str) -> Source:
    """The text of a source file, or why there is none; never raises."""
    try:
        if not os.path.isfile(path):
            return Source(path, fault="no regular file")
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        return Source(path, fault=error.strerror or "not readable")
    if len(data) > LARGEST:
        return Source(path, fault=f"larger than {LARGEST >> 20} MB")
    if b"\0" in data:
        return Source(path, fault="binary")
    try:
        return Source(path, _decode(data))
    except (UnicodeDecodeError, LookupError, SyntaxError):
        return Source(path, data.decode("latin-1"), fault="not in UTF-8, nor in what it declares")


def _decode(data: bytes) -> str:
    """The text, by the encoding that its first lines declare, else UTF-8."""
    import io
    import tokenize

    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)
