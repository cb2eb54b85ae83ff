"""What the variables may hold, followed through all files until nothing new is found."""

from __future__ import annotations

from collections.abc import Set

from ppodiag.runtime import names
from ppodiag.runtime.code import ANYTHING, Code, Function, RawCall, Term
from ppodiag.runtime.facts import PICKED, UNKNOWN, Chain

MOST_ROUNDS = 30
"""Times that a variable is looked at again, on the average, before the search gives up."""
MOST_VALUES = 64
"""Values that a variable may have before they are made less exact."""
MOST_KEYS = 4
"""Keys that are remembered of a chain whose top is not known."""
DEEPEST = 12
"""Keys that are remembered of a chain whose top is known."""


class Flow:
    """The values of all variables of `code`.

    Attributes:
        cut_short: some variable may hold more than was followed.
    """

    def __init__(self, code: Code, names: Set[str]) -> None:
        """Args: code: what the files say; names: the keys of the configuration that is judged."""
        self.code = code
        self.names = names
        self.sites = code.sites
        self.wholes = list(code.wholes)
        self.cut_short = False
        self.values: dict[Term, set[Chain]] = {}
        self._flows: dict[Term, dict[Term, None]] = {}
        self._targets: dict[int, list[Function]] = {}
        self._coarse: set[Term] = set()
        for target, term in code.flows:
            self._add(target, term)
        for call in code.calls:
            self._connect(call)
        self._parameters()
        self._settle()

    def _add(self, target: Term, term: Term) -> None:
        self.values.setdefault(target, set())
        if term[0] not in "0m":
            self._flows.setdefault(target, {})[term] = None

    def functions(self, call: RawCall) -> list[Function]:
        """The runtime's own functions that a call may mean; none where it has none of that name."""
        known = self._targets.get(id(call))
        if known is None:
            known = self._targets[id(call)] = self._find(call)
        return known

    def _find(self, call: RawCall) -> list[Function]:
        if call.how == "outside" or (call.how == "object" and call.name in names.CONTAINERS):
            return []
        if call.how == "super":
            if call.name == "__init__":
                return self._inits(call.bases)
            return self.code.functions.get(call.name, [])
        return [*self.code.functions.get(call.name, ()), *self._inits([call.name])]

    def _inits(self, names: list[str]) -> list[Function]:
        """The `__init__` of the classes of those names, else those of their bases."""
        found: list[Function] = []
        waiting, seen = list(names), set(names)
        while waiting:
            for each in self.code.classes.get(waiting.pop(), ()):
                if each.init is not None:
                    found.append(each.init)
                    continue
                waiting += [base for base in each.bases if base not in seen]
                seen.update(each.bases)
        return found

    def fields(self, call: RawCall) -> list[list[str]]:
        """The fields that a call fills where it makes an object without an `__init__`."""
        if call.how not in ("name", "object"):
            return []
        classes = self.code.classes.get(call.name, ())
        return [each.fields for each in classes if each.init is None and each.fields]

    def parameter(self, function: Function, which: int | str) -> str | None:
        """The name of the parameter that a position or keyword fills; None where there is none."""
        if isinstance(which, int):
            return function.positional[which] if which < len(function.positional) else function.rest
        if which in function.positional or which in function.keywords:
            return which
        return function.rest_names

    def _connect(self, call: RawCall) -> None:
        """What a call hands on: to parameters, to fields, or to code that is not seen."""
        functions, fields = self.functions(call), self.fields(call)
        given: list[tuple[int | str | None, Term]] = [*enumerate(call.arguments), *call.names]
        for which, term in given:
            landed = False
            for function in functions:
                name = None if which is None else self.parameter(function, which)
                if name is not None:
                    self._add(("v", (function.scope, name)), term)
                    landed = landed or name != function.rest_names
            for several in fields:
                if isinstance(which, int) and which < len(several):
                    self._add(("s", several[which]), term)
                    landed = True
            if isinstance(which, str):
                self._add(("s", which), term)
                landed = landed or bool(fields)
            if not landed and (which is None or call.name not in names.HARMLESS):
                self._hand_on(call, term)
        for term in call.starred:
            self._hand_on(call, term)

    def _hand_on(self, call: RawCall, term: Term) -> None:
        if term[0] not in "?0m":
            self.wholes.append((term, call.place, False))

    def _parameters(self) -> None:
        """What parameters hold that no call shows: anything, or what their name says."""
        called = {call.name for call in self.code.calls if call.how != "outside"}
        makers = {c for c in self.code.classes if c in called}
        inits = {id(f) for c in makers for f in self._inits([c])}
        for several in self.code.functions.values():
            for function in several:
                shown = function.name in called and function.name != "__init__"
                shown = shown or id(function) in inits
                if shown and function.name not in self.code.named:
                    for name in (function.rest, function.rest_names):
                        if name:
                            self._add(("v", (function.scope, name)), ANYTHING)
                    continue
                for name in (*function.positional, *function.keywords):
                    self._guess(function, name)
                for name in (function.rest, function.rest_names):
                    if name:
                        self._add(("v", (function.scope, name)), ANYTHING)

    def _guess(self, function: Function, name: str) -> None:
        target = ("v", (function.scope, name))
        self._add(target, ANYTHING)
        if name in names.ROOTS:
            self.sites += 1
            self._add(target, ("L", self.sites))
        elif name.endswith(names.ENDINGS):
            for guess in names.guesses(name):
                self._add(target, ("k", ANYTHING, guess))

    def _settle(self) -> None:
        """Follow the assignments until no variable gains anything."""
        waiting = dict.fromkeys(self._flows)
        after = self._dependents()
        left = MOST_ROUNDS * (len(waiting) + 1)
        while waiting:
            left -= 1
            if left < 0:
                self.cut_short = True
                return
            target = next(iter(waiting))
            del waiting[target]
            if self._gain(target):
                waiting.update(dict.fromkeys(after.get(target, ())))

    def _gain(self, target: Term) -> bool:
        """Add what a target is given; whether that was anything new."""
        held = self.values[target]
        gained = set().union(*(self.value(term) for term in self._flows[target]))
        if target in self._coarse:
            gained = shortened(gained)
        if gained <= held:
            return False
        held |= gained
        if len(held) > MOST_VALUES and target not in self._coarse:
            self._coarse.add(target)
            self.values[target] = shortened(held)
        return True

    def _dependents(self) -> dict[Term, list[Term]]:
        """Of each target those that are given something of it."""
        after: dict[Term, list[Term]] = {}
        for target, terms in self._flows.items():
            sources: set[Term] = set()
            for term in terms:
                self._sources(term, sources)
            for source in sources:
                after.setdefault(source, []).append(target)
        return after

    def _sources(self, term: Term, found: set[Term]) -> None:
        kind = term[0]
        if kind in ("v", "r", "s"):
            found.add(term)
        elif kind == "k":
            found.add(("s", term[2]))
            self._sources(term[1], found)
        elif kind in ("|", "x", "d"):
            for part in term[1:]:
                self._sources(part, found)
        elif kind == "c":
            call = self.code.calls[term[1]]
            functions = self.functions(call)
            found.update(("r", function.name) for function in functions)
            if not functions:
                self._sources(call.receiver, found)

    def value(self, term: Term) -> set[Chain]:
        """The chains that a term may stand for; empty where it is no block."""
        kind = term[0]
        if kind == "?":
            return {UNKNOWN}
        if kind in ("v", "r", "s"):
            return self.values.get(term, {UNKNOWN})
        if kind == "k":
            return self._key(term[1], term[2])
        if kind == "|":
            return set().union(*(self.value(part) for part in term[1:]))
        if kind == "u":
            return set() if self.functions(self.code.calls[term[1]]) else {(term[2], ())}
        if kind == "x":
            return self.value(term[1]) - {UNKNOWN}
        if kind == "d":
            return {picked(chain) for chain in self.value(term[1])} | {UNKNOWN}
        if kind == "L":
            return {(term[1], ())}
        if kind == "c":
            return self._result(self.code.calls[term[1]])
        return set()

    def _key(self, base: Term, name: str) -> set[Chain]:
        stored = self.values.get(("s", name), set())
        if base == ("self",):
            if name in self.code.assigned:
                return stored
            return {(0, (name,)) if name in self.names else UNKNOWN} | stored
        if name in self.names:
            return {extended(chain, name) for chain in self.value(base)} | stored
        # No key of the configuration: below it lies another file, or something unknown.
        return {UNKNOWN for chain in self.value(base) if not chain[0]} | stored

    def _result(self, call: RawCall) -> set[Chain]:
        found: set[Chain] = set()
        functions = self.functions(call)
        for function in functions:
            if function.name == "__init__":
                found.add(UNKNOWN)
            else:
                found |= self.values.get(("r", function.name), set())
        if not functions:
            found = {UNKNOWN}
            if call.how == "object" and not call.arguments and not call.names:
                found |= self.value(call.receiver)  # cfg.to_dict(), cfg.model_dump()
        return found


def picked(chain: Chain) -> Chain:
    """What a key that is not known gives: of a block, the block; of a whole file, any part."""
    return PICKED if chain[0] and not chain[1] else chain


def extended(chain: Chain, name: str) -> Chain:
    """The chain with one more key; of a chain that hangs anywhere the last keys are enough."""
    site, keys = chain
    if chain == PICKED:
        return (0, (name,))
    if name in keys:
        return (0, (*keys[keys.index(name) + 1 :], name)[-MOST_KEYS:])
    if site == 0:
        return (0, (*keys, name)[-MOST_KEYS:])
    return (site, (*keys, name)) if len(keys) < DEEPEST else (0, (name,))


def shortened(chains: set[Chain]) -> set[Chain]:
    """Chains that mean at least as much: of each the last key alone, wherever it hangs."""
    return {(0, keys[-1:]) if keys else (site, ()) for site, keys in chains}
