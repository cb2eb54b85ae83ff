"""From the findings of a file to the runs that settle them; equal runs are made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ppodiag.config import FIELDS, DoesNotApply, Unavailable
from ppodiag.confirm.arm import Prepared, longer, prepare
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.catalogue import experiments
from ppodiag.confirm.claim import Claim
from ppodiag.confirm.keys import NETWORKS
from ppodiag.confirm.unsettled import REASONS, CannotSettle
from ppodiag.context import Context
from ppodiag.diagnostic import Diagnostic
from ppodiag.errors import UsageError
from ppodiag.finding import Severity
from ppodiag.forecast import read_whole
from ppodiag.full import lint_document, resolve
from ppodiag.options import Options
from ppodiag.rules.loader import fast_rules

MOST_UPDATES = 60
"""[judgement] Rollouts of the longest run where nobody says more; some seconds of training each."""


@dataclass(frozen=True)
class Wanted:
    """How findings are to be settled.

    Attributes:
        select: codes, or prefixes of codes, of the findings that are settled; empty: all.
        ignore: codes, or prefixes of codes, of findings that are not.
        env: the environment; None: the one that an experiment asks for, mostly the cheapest.
        seed: of the runs.
        device: that trains.
        most: rollouts of the longest run; longer ones are shortened to scale.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    env: str | None = None
    seed: int = 0
    device: str = "cpu"
    most: int = MOST_UPDATES


@dataclass(frozen=True)
class Entry:
    """A finding and what settles it.

    Attributes:
        found: the finding with its place.
        reason: why no run settles it; empty where one does.
        claims: what is predicted.
        runs: the run of each arm of the experiment, by the arm's name; each is as long as the arm asks.
        note: how the runs differ from the configuration's.
    """

    found: Diagnostic
    reason: str = ""
    claims: tuple[Claim, ...] = ()
    runs: Mapping[str, Prepared] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """All findings of a file.

    Attributes:
        path: of the file.
        entries: the findings in the order of the file.
        runs: key to the run that serves all arms with this key, in the order of their need.
        stand_in: whether two layers of 64 stand in for networks of the file in some of them.
    """

    path: str
    entries: tuple[Entry, ...]
    runs: Mapping[str, Prepared]
    stand_in: bool = False

    def number_of(self, run: Prepared) -> int:
        """The number of a run in reports, from 1."""
        return list(self.runs).index(run.key) + 1


def plan_findings(data: bytes, path: str, options: Options, wanted: Wanted) -> Plan:
    """The findings of a file and the runs that settle them; nothing is run.

    Raises:
        UsageError: the file cannot be read as a whole.
    """
    document = read_whole(data, path, options)
    rules = fast_rules()
    options = replace(options, severity=Severity.INFO)
    report = lint_document(document, options, rules, others=False)
    _, context = resolve(document, options, rules)
    refused = next(
        (
            d
            for d in report.diagnostics
            if d.code.startswith("SCH") and d.severity is Severity.ERROR
        ),
        None,
    )
    if refused is not None and refused.pointer in {
        "/" + "/".join(key) for key, _ in options.overrides
    }:
        raise UsageError(
            f"{refused.pointer.lstrip('/').replace('/', '.')} as given on the command line: "
            f"{refused.message}",
            "the trainer refuses it: give another value",
        )
    chosen = Options(select=wanted.select, ignore=wanted.ignore)
    found = [d for d in report.diagnostics if chosen.counts(d.code)]
    entries = [_entry(d, context, refused, wanted) for d in found]
    runs = shared(entries)
    stand_in = bool(context.value.get(NETWORKS)) and any(
        set(run.value.get(NETWORKS, {})) <= {"sequence_length"} for run in runs.values()
    )
    return Plan(path, tuple(entries), runs, stand_in)


def shared(entries: Sequence[Entry]) -> dict[str, Prepared]:
    """Key to the longest of the runs that have it."""
    runs: dict[str, Prepared] = {}
    for entry in entries:
        for run in entry.runs.values():
            runs[run.key] = longer(runs[run.key], run) if run.key in runs else run
    return runs


def _entry(
    found: Diagnostic, context: Context, refused: Diagnostic | None, wanted: Wanted
) -> Entry:
    known = experiments()
    if found.code not in known:
        return Entry(found, REASONS[found.code])
    if refused is not None:
        return Entry(found, f"the trainer refuses the file: {refused.pointer}: {refused.message}")
    try:
        trial = known[found.code].plan(Asked(found, context, wanted.most))
        runs = {
            name: prepare(context, arm, wanted.env, wanted.seed, wanted.device)
            for name, arm in trial.arms.items()
        }
    except CannotSettle as error:
        return Entry(found, str(error))
    except UsageError as error:
        return Entry(found, error.message)
    except Unavailable as error:
        name = str(error.args[0]) if error.args else ""
        key = FIELDS[name][0].replace("/", ".") if name in FIELDS else name
        return Entry(found, f"the trainer refuses the file: {key} is absent or invalid")
    except DoesNotApply:
        return Entry(found, "the length of the run is not known, or no update of it is applied")
    return Entry(found, "", trial.claims, runs, trial.note)
