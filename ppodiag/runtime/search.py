"""Searching a runtime's sources: every file, and what all of them say together."""

from __future__ import annotations

import ast
import os
import warnings

from ppodiag.runtime.code import Code
from ppodiag.runtime.facts import Facts, Unread
from ppodiag.runtime.files import NOTEBOOK, PYTHON, Source, find_sources, read_source
from ppodiag.runtime.gather import find_facts
from ppodiag.runtime.notebook import cells
from ppodiag.runtime.scan import scan_python
from ppodiag.runtime.text import words


class Runtime:
    """The sources of a runtime, read once; asked for what they read of one configuration or many.

    Attributes:
        files: number of files searched.
        unread: those that could not be read.
    """

    def __init__(self, sources: list[Source], own: frozenset[str] = frozenset()) -> None:
        """Args: sources: the files; own: names of the runtime's modules, as `modules` gives them."""
        self.files = len(sources)
        self._code = Code(modules=own)
        self._facts: dict[frozenset[str], Facts] = {}
        unread: list[Unread] = []
        for source in sources:
            fault = source.fault or _scan(source, self._code)
            if fault:
                unread.append(Unread(source.path, fault))
                for word, place in words(source.text, source.path):
                    self._code.words.setdefault(word, place)
        self.unread = tuple(unread)

    def facts(self, names: frozenset[str]) -> Facts:
        """What the sources say of keys of these names; computed once for a set of names."""
        if names not in self._facts:
            self._facts[names] = find_facts(self._code, names, self.files, self.unread)
        return self._facts[names]


def search_runtime(paths: tuple[str, ...]) -> Runtime:
    """The sources at and below the paths.

    Raises:
        UsageError: a path that does not exist, or that has no source file.
    """
    files = find_sources(paths)
    roots = [path for path in paths if os.path.isdir(path)]
    return Runtime([read_source(path) for path in files], modules(files, roots))


def modules(files: list[str], roots: list[str]) -> frozenset[str]:
    """First parts of the names that the runtime's own modules are imported by."""
    found = {os.path.basename(os.path.abspath(root)) for root in roots}
    for file in files:
        found.add(os.path.splitext(os.path.basename(file))[0])
        root = next((r for r in roots if file.startswith(r)), None)
        if root is not None:
            found.update(os.path.relpath(os.path.dirname(file), root).split(os.sep))
    return frozenset(found - {"", ".", "__init__"})


def _scan(source: Source, code: Code) -> str:
    """Add a file to the code; what is wrong with it, or nothing."""
    lower = source.path.lower()
    text, lines = source.text, None
    is_python = lower.endswith(PYTHON) or (text.startswith("#!") and "python" in text[:80])
    if not is_python and not lower.endswith(NOTEBOOK):
        for word, place in words(text, source.path):
            code.words.setdefault(word, place)
        return ""
    try:
        if lower.endswith(NOTEBOOK):
            text, lines = cells(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd escapes in strings; no matter here
            tree = ast.parse(text)
        scan_python(tree, code, source.path, lines)
    except SyntaxError as error:
        return f"no valid Python: line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"no readable {'notebook' if lines is None else 'Python'}: {error}"[:100]
    return ""
