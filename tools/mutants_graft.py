"""Putting a changed module in the place of a loaded one, in this process."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType
from typing import Any

from ppodiag.diagnosis.rule import RunRule
from ppodiag.rule import Rule

ABSENT = object()


def graft(name: str, source: str) -> None:
    """Give a loaded module the functions and values of a changed source.

    Functions keep their identity and take the new code, so whoever imported one by name has the
    change; rules likewise. Values of the module are rebound wherever they were imported by name.

    Args:
        name: the module's dotted name.
        source: the changed text.

    Raises:
        Exception: whatever importing the changed module raises.
    """
    module = sys.modules[name]
    fresh = {key: value for key, value in vars(module).items() if key.startswith("__")}
    exec(compile(source, str(module.__file__), "exec"), fresh)
    for key, new in fresh.items():
        if key.startswith("__"):
            continue
        old = vars(module).get(key, ABSENT)
        if old is ABSENT or not _swap(old, new):
            _rebind(module, key, old, new)


def _swap(old: Any, new: Any) -> bool:
    """Change an object in its place; False where that cannot be done."""
    if isinstance(old, FunctionType) and isinstance(new, FunctionType):
        old.__code__, old.__defaults__ = new.__code__, new.__defaults__
        old.__kwdefaults__ = new.__kwdefaults__
        return True
    if isinstance(old, Rule | RunRule):
        if not isinstance(new, Rule | RunRule):
            raise TypeError("the loader refuses a rule file that declares no rule")
        for field in type(old).__dataclass_fields__:
            if field != "check":
                object.__setattr__(old, field, getattr(new, field))
        return _swap(old.check, new.check)
    if isinstance(old, property) and isinstance(new, property):
        return _swap(old.fget, new.fget)
    if isinstance(old, type) and isinstance(new, type) and old.__module__ == new.__module__:
        _swap_class(old, new)
        return True
    return False


def _swap_class(old: type, new: type) -> None:
    for key, value in list(vars(old).items()):
        if key not in vars(new) and isinstance(value, FunctionType):
            delattr(old, key)
    for key, value in vars(new).items():
        if isinstance(value, FunctionType | property) and not _swap(vars(old).get(key), value):
            setattr(old, key, value)


def _rebind(module: ModuleType, key: str, old: Any, new: Any) -> None:
    setattr(module, key, new)
    for other in list(sys.modules.values()):
        if old is not ABSENT and vars(other).get(key, ABSENT) is old:
            setattr(other, key, new)
