"""All experiments, from the folder of their files: no list to maintain, and none lost in silence."""

from __future__ import annotations

import importlib
import os

from ppodiag.confirm.experiment import Experiment
from ppodiag.confirm.unsettled import REASONS
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


def markdown_table() -> str:
    """Every rule of the linter with its experiment, or the reason why it has none, for the docs."""
    lines = ["| rule | what is run |", "|---|---|"]
    for code, found in experiments().items():
        first = (found.plan.__doc__ or "").strip().splitlines()[0]
        lines.append(f"| [{code}](rules/{code.lower()}.md) | {first} |")
    lines += ["", "| rule | why no run settles it |", "|---|---|"]
    reasons: dict[str, list[str]] = {}
    for code, reason in REASONS.items():
        reasons.setdefault(reason, []).append(code)
    for reason, codes in reasons.items():
        links = ", ".join(f"[{code}](rules/{code.lower()}.md)" for code in codes)
        lines.append(f"| {links} | {reason} |")
    return "\n".join(lines) + "\n"
