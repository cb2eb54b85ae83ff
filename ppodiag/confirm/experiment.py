"""What an experiment is: a plan that turns a finding into runs and claims about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ppodiag.confirm.arm import Arm
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim


@dataclass(frozen=True, slots=True)
class Trial:
    """The runs of an experiment and what is claimed about them.

    Attributes:
        arms: by name.
        claims: about the logs of the arms.
        note: how the runs differ from the configuration's, where a reader should know.
    """

    arms: Mapping[str, Arm]
    claims: tuple[Claim, ...]
    note: str = ""


Plan = Callable[[Asked], Trial]
"""Raises CannotSettle where no run settles the finding, DoesNotApply where a key that it reads is invalid."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """The experiment of one rule.

    Attributes:
        code: of the rule.
        plan: makes the trial of a finding.
    """

    code: str
    plan: Plan


def experiment(code: str) -> Callable[[Plan], Experiment]:
    """A decorator that makes an experiment of a plan."""

    def declare(plan: Plan) -> Experiment:
        return Experiment(code, plan)

    return declare
