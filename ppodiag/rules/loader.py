"""All rules, from the folder of rule files: no list to maintain, and no rule lost in silence."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

from ppodiag.rule import Rule

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any

    from ppodiag.diagnosis.rule import RunRule

_HERE = os.path.dirname(os.path.abspath(__file__))
_RUN_RULES = os.path.join(os.path.dirname(_HERE), "run_rules")


class BrokenRule(Exception):
    """A rule file that cannot be used; a fault of ppodiag's, so exit code 3."""


def rule_files() -> list[str]:
    """Names of the rule files about configurations, without suffix, sorted: `acc301`, `bs201`, …"""
    return _names(_HERE)


def run_rule_files() -> list[str]:
    """Names of the rule files about the logs of runs, without suffix, sorted: `run901`, …"""
    return _names(_RUN_RULES)


def all_rule_files() -> list[str]:
    """Names of all rule files."""
    return sorted([*rule_files(), *run_rule_files()])


def _names(folder: str) -> list[str]:
    return sorted(
        name[:-3]
        for name in os.listdir(folder)
        if name.endswith(".py") and name[:-3].isalnum() and name[-4].isdigit()
    )


def load_module(name: str) -> ModuleType:
    """The module of one rule file, checked: a page, a rule of the file's own code, cases.

    Raises:
        BrokenRule: it does not import, or one of these is missing.
    """
    try:
        package = "run_rules" if name.startswith("run") else "rules"
        module = importlib.import_module(f"ppodiag.{package}.{name}")
    except Exception as error:
        raise BrokenRule(f"rule file {name}.py does not import: {error!r}") from error
    found: Any = getattr(module, "check", None)
    if not hasattr(found, "stage") or (found.stage == "run") != name.startswith("run"):
        raise BrokenRule(f"rule file {name}.py declares no rule called check")
    if found.code.lower() != name:
        raise BrokenRule(f"rule file {name}.py declares {found.code}; the names must agree")
    if not module.__doc__ or not getattr(module, "CASES", None):
        raise BrokenRule(f"rule file {name}.py lacks its page or its cases")
    return module


def load_rules() -> dict[str, Rule]:
    """Every rule about configurations by its code, in the order of the codes.

    Raises:
        BrokenRule: a file that cannot be used; never a rule left out.
    """
    modules = [load_module(name) for name in rule_files()]
    return {module.check.code: module.check for module in modules}


def load_run_rules() -> dict[str, RunRule]:
    """Every rule about the logs of runs by its code, in the order of the codes.

    Raises:
        BrokenRule: a file that cannot be used; never a rule left out.
    """
    modules = [load_module(name) for name in run_rule_files()]
    return {module.check.code: module.check for module in modules}


def fast_rules() -> dict[str, Rule]:
    """Every rule, from the bundle where that is current: one import in the place of many.

    The bundle is generated from the rule files and knows a checksum of each; a bundle that differs
    from the files in anything is not used.
    """
    try:
        from ppodiag._generated import rules_bundle
    except ImportError:
        return load_rules()
    if checksums() != rules_bundle.CHECKSUMS:
        return load_rules()
    rules: dict[str, Rule] = rules_bundle.RULES
    return rules


def checksums() -> dict[str, int]:
    """A checksum of the text of every rule file, by its name."""
    from zlib import crc32

    found = {}
    for name in rule_files():
        with open(os.path.join(_HERE, f"{name}.py"), "rb") as file:
            found[name] = crc32(file.read().replace(b"\r\n", b"\n"))
    return found
