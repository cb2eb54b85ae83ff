"""Rules: how one is declared, and how they are found.

A rule is one file in `ppodiag/rules`, named like its code: the module's docstring is its page, a
decorated `check` its condition, `CASES` its examples and tests. `load_rules` reads them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ppodiag.config import DoesNotApply
from ppodiag.context import Context, NoRunLength
from ppodiag.finding import Finding, Severity

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    pass

Check = Callable[[Context], Iterator[Finding]]

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


@dataclass(frozen=True, slots=True)
class Rule:
    """One hazard.

    Attributes:
        code: letters of the family and a number, for example `LR102`; also the file's name.
        name: the fault in a few words with hyphens, for example `warmup-takes-much-of-the-run`.
        worst: the highest severity that it can have.
        check: yields findings at the context's minibatch size.
        ranged: also tried over the adaptive batch range, where it becomes information.
        stage: `config` rules have a check on a configuration, `trajectory` rules one on a simulated
            run; `syntax`, `schema`, `suppression` and `runtime` findings are made by the reader, the
            schema, the linter and the search of a runtime's sources, and the rule is their page.
            Rules about logs are `diagnosis.rule.RunRule`.
    """

    code: str
    name: str
    worst: Severity
    check: Check
    ranged: bool = False
    stage: str = "config"

    def run(self, context: Context) -> list[Finding]:
        """The findings at the context's size; none where the rule does not apply.

        Other exceptions are faults of the rule and pass through.
        """
        context.code = self.code
        try:
            return list(self.check(context))
        except DoesNotApply:
            return []

    def needs_run_length(self, context: Context) -> bool:
        """True where the rule stops for want of the run's length, and for nothing else."""
        context.code = self.code
        try:
            for _ in self.check(context):
                pass
        except NoRunLength:
            return True
        except DoesNotApply:
            return False
        return False


def rule(
    code: str, name: str, worst: Severity, *, ranged: bool = False, stage: str = "config"
) -> Callable[[Check], Rule]:
    """A decorator that makes a rule of a check; see `Rule` for the arguments."""

    def declare(check: Check) -> Rule:
        return Rule(code, name, worst, check, ranged, stage)

    return declare


def page_only(code: str, name: str, worst: Severity, stage: str) -> Rule:
    """A rule whose findings are made elsewhere: by the reader, the schema or the linter."""
    return Rule(code, name, worst, _silent, stage=stage)


def _silent(_context: Context) -> Iterator[Finding]:
    return iter(())
