"""All rules, from the folder of rule files: no list to maintain, and no rule lost in silence."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

from ppodiag.rule import Rule

_HERE = os.path.dirname(os.path.abspath(__file__))


class BrokenRule(Exception):
    """A rule file that cannot be used; a fault of ppodiag's, so exit code 3."""


def rule_files() -> list[str]:
    """Names of the rule files without suffix, sorted: `acc301`, `bs201`, …"""
    return sorted(
        name[:-3]
        for name in os.listdir(_HERE)
        if name.endswith(".py") and name[:-3].isalnum() and name[-4].isdigit()
    )


def load_module(name: str) -> ModuleType:
    """The module of one rule file, checked: a page, a rule of the file's own code, cases.

    Raises:
        BrokenRule: it does not import, or one of these is missing.
    """
    try:
        module = importlib.import_module(f"ppodiag.rules.{name}")
    except Exception as error:
        raise BrokenRule(f"rule file {name}.py does not import: {error!r}") from error
    found = getattr(module, "check", None)
    if not isinstance(found, Rule):
        raise BrokenRule(f"rule file {name}.py declares no rule called check")
    if found.code.lower() != name:
        raise BrokenRule(f"rule file {name}.py declares {found.code}; the names must agree")
    if not module.__doc__ or not getattr(module, "CASES", None):
        raise BrokenRule(f"rule file {name}.py lacks its page or its cases")
    return module


def load_rules() -> dict[str, Rule]:
    """Every rule by its code, in the order of the codes.

    Raises:
        BrokenRule: a file that cannot be used; never a rule left out.
    """
    modules = [load_module(name) for name in rule_files()]
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
