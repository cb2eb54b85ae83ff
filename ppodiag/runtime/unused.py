"""Whether a value that is put somewhere is ever used after."""

from __future__ import annotations

from ppodiag.runtime.code import Code, Sink
from ppodiag.runtime.facts import Store
from ppodiag.runtime.flow import Flow

_Seen = frozenset[object]


class Uses:
    """Answers for all files of `code`."""

    def __init__(self, code: Code, flow: Flow) -> None:
        self._code = code
        self._flow = flow

    def store(self, sink: Sink | None) -> Store | None:
        """Where a value stays for nothing; None where it is used, or may be."""
        if sink is None or self._used(sink, frozenset()):
            return None
        kind, place = sink[0], sink[-1]
        if kind == "a":
            return Store(f"the attribute {sink[1]}", place)
        if kind == "v":
            return Store(f"the variable {sink[1][1]}", place)
        call = self._code.calls[sink[1]]
        name = sink[2] if isinstance(sink[2], str) else f"number {sink[2] + 1}"
        return Store(f"the argument {name} of {call.name}", place)

    def _used(self, sink: Sink | None, seen: _Seen) -> bool:
        if sink is None:
            return True
        if sink[:-1] in seen:
            return False
        seen = seen | {sink[:-1]}
        if sink[0] == "v":
            return any(self._used(later, seen) for later in self._code.loads.get(sink[1], ()))
        if sink[0] == "a":
            return self._attribute_used(sink[1], sink[-1].path, seen)
        return self._argument_used(sink, seen)

    def _attribute_used(self, name: str, path: str, seen: _Seen) -> bool:
        if path in self._code.open_classes or name in self._code.words:
            return True
        return any(self._used(later, seen) for later in self._code.attributes.get(name, ()))

    def _argument_used(self, sink: Sink, seen: _Seen) -> bool:
        call, which = self._code.calls[sink[1]], sink[2]
        functions = self._flow.functions(call)
        full = [f for f in functions if not f.stub]
        if not full or self._flow.fields(call):
            return True
        for function in full:
            name = self._flow.parameter(function, which)
            if name is None or name in (function.rest, function.rest_names):
                return True
            loads = self._code.loads.get((function.scope, name), ())
            if any(self._used(later, seen) for later in loads):
                return True
        return False
