"""The checklist's question, does a feature pay here, answered in a sentence for each."""

from __future__ import annotations

from ppodiag.ablate.arms import BY_NAME
from ppodiag.ablate.cost import FEWEST_ROUNDS
from ppodiag.ablate.cost_words import (
    VISIBLE,
    cost_words,
    costs_no_time,
    memory_saved,
    memory_told,
    told_time,
)
from ppodiag.ablate.few_seeds import too_few
from ppodiag.ablate.outcome import ArmOutcome, Outcome
from ppodiag.ablate.statistics.verdict import Verdict
from ppodiag.ablate.study import UNITS
from ppodiag.wording import counted, number


def sentences(outcome: Outcome) -> list[str]:
    """One sentence for each feature that an arm switches off by itself, then for the other arms."""
    found = _main_effects(outcome)
    for arm in outcome.arms[1:]:
        feature = arm.plan.arm.one_off
        if arm.plan.already_off:
            what = feature.title if feature else f"Arm {arm.name}"
            found.append(f"{what} is already off: nothing to compare.")
        elif feature is not None:
            found.append(_about_feature(feature.title, arm, outcome))
        elif arm.comparison is not None:
            found.append(f"Arm {arm.name}: {_difference(arm, outcome, 'in it')}.")
    return found


def _main_effects(outcome: Outcome) -> list[str]:
    """What each feature of a factorial study does on average; nothing of another study."""
    if outcome.effects is None:
        return []
    metric = outcome.study.declared.metric
    found = []
    for effect in outcome.effects.main:
        d = effect.paired.mean
        between = f"{_signed(d.estimate)} [{_signed(d.low)}, {_signed(d.high)}] {UNITS[metric]}"
        seeds, name = _runs(outcome), metric.replace("_", " ")
        few = too_few(effect.paired.seeds, len(outcome.effects.main), _noun(outcome))
        match effect.verdict:
            case Verdict.EXPLORATORY | Verdict.UNDECIDED if few:
                said = _cannot_decide(name, "with it", between, few)
            case Verdict.BETTER | Verdict.WORSE:
                said = f"{name} is {effect.verdict} with it ({between}, {seeds})"
            case _:
                said = f"no difference in {name} shown ({between}, {seeds})"
        title = BY_NAME[effect.factors[0]].title
        found.append(f"{title}, over all settings of the others: {said}.")
    return found


def _about_feature(title: str, arm: ArmOutcome, outcome: Outcome) -> str:
    parts = []
    if arm.cost is not None:
        parts.append(cost_words(arm.cost))
    if arm.comparison is not None:
        parts.append(_difference(arm, outcome, "without it"))
    elif outcome.study.learns:
        parts.append("its runs are not all there yet")
    advice = _advice(arm, outcome)
    return f"{title}: {'; '.join(parts)}{': ' + advice if advice else ''}."


def _difference(arm: ArmOutcome, outcome: Outcome, which: str) -> str:
    """What the primary metric says."""
    compared, metric = arm.comparison, outcome.study.declared.metric
    assert compared is not None  # the caller looked
    name, unit = metric.replace("_", " "), UNITS[metric]
    seeds = _runs(outcome)
    d = compared.paired.mean
    between = f"{_signed(d.estimate)} [{_signed(d.low)}, {_signed(d.high)}] {unit}"
    if compared.arm.failed and compared.verdict is not Verdict.IDENTICAL:
        lost = f"{compared.arm.failed} of {counted(compared.arm.runs, 'run')} failed {which}"
        base = outcome.reference.summary
        return f"{lost}, {base.failed if base else 0} of the reference"
    match compared.verdict:
        case Verdict.IDENTICAL:
            return f"every run {which} is the same to the last bit ({seeds})"
        case Verdict.EQUIVALENT:
            margin = outcome.study.declared.margin
            return f"no difference in {name} beyond ±{number(margin or 0.0)} ({between}, {seeds})"
        case Verdict.BETTER | Verdict.WORSE:
            return f"{name} is {compared.verdict} {which} ({between}, {seeds})"
    few = _few(arm, outcome)
    if few and (compared.verdict is Verdict.EXPLORATORY or outcome.study.declared.margin is None):
        return _cannot_decide(name, which, between, few)
    more = ""
    if compared.seeds_to_decide is not None:
        more = f", {counted(compared.seeds_to_decide, _noun(outcome))} would decide"
    return f"no difference in {name} shown ({between}, {seeds}{more})"


def _cannot_decide(name: str, which: str, between: str, why: str) -> str:
    """Of seeds that are too few for a difference of any size: it is no sign of there being none."""
    return f"{why}; difference in {name} seen {which}: {between}"


def _few(arm: ArmOutcome, outcome: Outcome) -> str:
    """Why the arm's seeds cannot show a difference; empty where they can."""
    if arm.comparison is None or outcome.comparisons is None:
        return ""
    return too_few(arm.comparison.paired.seeds, outcome.comparisons.tested, _noun(outcome))


def _runs(outcome: Outcome) -> str:
    timed = outcome.study.declared
    many = len(timed.seeds) if outcome.study.learns else timed.timing_rounds
    return counted(many, _noun(outcome))


def _noun(outcome: Outcome) -> str:
    return "seed" if outcome.study.learns else "round"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{number(value)}"


def _advice(arm: ArmOutcome, outcome: Outcome) -> str:
    """What follows for the feature; empty where nothing does."""
    if arm.comparison is None or arm.comparison.verdict is Verdict.EXPLORATORY:
        return ""
    verdict, cost = arm.comparison.verdict, arm.cost
    dear = saves = False
    if cost is not None:
        time = told_time(cost)
        dear = time is not None and time.value > 0
        saves = not memory_told(cost) or memory_saved(cost) >= VISIBLE
    if not outcome.study.learns:
        return ""
    if verdict is Verdict.WORSE:
        return "keep it"
    if verdict is Verdict.BETTER:
        return "turn it off"
    if cost is not None and cost.rounds < FEWEST_ROUNDS:
        return ""
    alike = verdict in (Verdict.EQUIVALENT, Verdict.IDENTICAL)
    if alike and dear:
        return "turn it off" + (", unless memory is short" if saves else "")
    if alike and not saves:
        return "nothing that was measured speaks for it"
    if alike:
        free = cost is not None and costs_no_time(cost)
        return ("it costs no time; " if free else "") + "keep it where memory is short"
    if dear and not _few(arm, outcome):
        return "turning it off saves time, and is not shown to harm"
    return ""
