"""All experiments, from the folder of their files: no list to maintain, and none lost in silence."""

from __future__ import annotations

import importlib
import os

from ppodiag.confirm.experiment import Experiment
from ppodiag.rules.loader import BrokenRule

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "experiments")


def experiments() -> dict[str, Experiment]:
    """Every experiment by the code of its rule, in the order of the codes.

    Raises:
        BrokenRule: a file that declares no experiment of the rule that it is named like.
    """
    found = {}
    for file in sorted(os.listdir(_FOLDER)):
        name = file.removesuffix(".py")
        if not file.endswith(".py") or name.startswith("_"):
            continue
        module = importlib.import_module(f"ppodiag.confirm.experiments.{name}")
        declared = getattr(module, "plan", None)
        if not isinstance(declared, Experiment) or declared.code.lower() != name:
            raise BrokenRule(f"{name}.py declares no experiment of {name.upper()}")
        found[declared.code] = declared
    return found
