"""The programs that decide what a run gives: versions, and what the code itself says."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import ppodiag
from ppodiag.launch.trainer import Trainer, UserTrainer

LIBRARIES = ("torch", "numpy", "gymnasium")
"""What the bundled trainer computes with; nothing of it is imported to learn its version."""


@cache
def versions() -> dict[str, str]:
    """Versions of ppodiag and of the libraries that are installed here, as their builds call them."""
    found = {"ppodiag": ppodiag.__version__}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def bundled_code() -> str:
    """SHA-256 of the bundled trainer's sources, and of ppodiag's modules that it computes with."""
    found = hashlib.sha256()
    for path in _sources():
        with open(path, "rb") as file:
            found.update(os.path.basename(path).encode() + b"\0" + file.read())
    return found.hexdigest()


def deciding(bundled: bool) -> dict[str, str]:
    """What of this machine's software is part of the hash of a run.

    Of the user's trainer only ppodiag's version is: what it is made of is its own. Labels of builds,
    such as +cu128, are left out: the machines of one study may have several.

    Args:
        bundled: whether the bundled trainer runs.
    """
    if not bundled:
        return {"ppodiag": ppodiag.__version__}
    public = {name: text.partition("+")[0] for name, text in versions().items()}
    return {**public, "code": bundled_code()}


def named_files(trainer: Trainer) -> Mapping[str, str]:
    """SHA-256 of the files that a user's command names, so that a change of one makes runs anew."""
    if not isinstance(trainer, UserTrainer):
        return {}
    found = {}
    for word in trainer.words:
        if os.path.isfile(word):
            with open(word, "rb") as file:
                found[word] = hashlib.sha256(file.read()).hexdigest()
    return found


def _sources() -> Iterator[str]:
    """The trainer's files, then those in ppodiag's own folder, each in the order of their paths."""
    spec = find_spec("reference_trainer")
    for top in spec.submodule_search_locations or () if spec is not None else ():
        paths = [os.path.join(at, name) for at, _, names in os.walk(top) for name in names]
        yield from sorted(path for path in paths if path.endswith(".py"))
    own = os.path.dirname(ppodiag.__file__)
    yield from sorted(os.path.join(own, name) for name in os.listdir(own) if name.endswith(".py"))
