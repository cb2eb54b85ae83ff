"""The checklist's question, does a feature pay here, answered in a sentence for each."""

from __future__ import annotations

import math

from ppodiag.ablate.arms import BY_NAME
from ppodiag.ablate.cost import FEWEST_ROUNDS, Cost, Share
from ppodiag.ablate.few_seeds import too_few
from ppodiag.ablate.outcome import ArmOutcome, Outcome
from ppodiag.ablate.statistics.verdict import Verdict
from ppodiag.ablate.study import UNITS
from ppodiag.wording import counted, number

VISIBLE = 0.02
"""A share of memory below which an advice does not weigh it. [judgement]"""

SMALLEST = 0.005
"""A share of memory that rounds to no percent."""


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
        parts.append(_cost(arm.cost))
    if arm.comparison is not None:
        parts.append(_difference(arm, outcome, "without it"))
    elif outcome.study.learns:
        parts.append("its runs are not all there yet")
    advice = _advice(arm, outcome)
    text = f"{title} {parts[0]}" if arm.cost is not None else f"{title}: {parts[0]}"
    rest = "".join(f"; {part}" for part in parts[1:])
    return f"{text}{rest}{': ' + advice if advice else ''}."


def _cost(cost: Cost) -> str:
    """What the feature costs, from the arm that lacks it."""
    speed, memory = cost.speed, cost.memory
    if speed is None or math.isnan(speed.value):
        time = "has no measured effect on the time"
    elif math.isnan(speed.low):
        return _few_rounds(speed, memory, cost.rounds)
    else:
        time = _time(speed)
    if memory is None or math.isnan(memory.value):
        return f"{time} here, its memory could not be measured"
    return f"{time} and {_memory(memory)} here"


def _few_rounds(speed: Share, memory: Share | None, rounds: int) -> str:
    """What was seen in so few rounds that there is no interval; no advice rests on it."""
    share = time_share(speed).value
    seen = f"take {100 * share:.0f}%" if share > 0 else f"save {-100 * speed.value:.0f}%"
    text = f"was seen to {seen} of the time"
    if memory is not None and _told(memory):
        saved = -memory.value / (1 - memory.value)
        text += f", and to {'save' if saved > 0 else 'take'} {100 * abs(saved):.0f}% of memory,"
    return f"{text} in {counted(rounds, 'round')}, too few for an interval"


def time_share(speed: Share) -> Share:
    """Share of the run's time that the feature takes: 1 − 1/(1 + speed-up without it)."""
    value, low, high = (1 - 1 / (1 + v) for v in (speed.value, speed.low, speed.high))
    return Share(value, low, high)


def _time(speed: Share) -> str:
    share = time_share(speed)
    if share.low <= 0 <= share.high:
        low, high = 100 * share.low, 100 * share.high
        return f"shows no effect on the time ({100 * share.value:.0f}% [{low:.0f}, {high:.0f}])"
    if share.value > 0:
        low, high = 100 * share.low, 100 * share.high
        return f"costs {100 * share.value:.0f}% [{low:.0f}, {high:.0f}] of the time"
    # A run with it takes 1 + v of the time of one without it, v being negative.
    low, high = -100 * speed.high, -100 * speed.low
    return f"saves {-100 * speed.value:.0f}% [{low:.0f}, {high:.0f}] of the time"


def _memory(memory: Share) -> str:
    saved = -memory.value  # the arm lacks the feature; what the arm needs more, the feature saves
    share = saved / (1 + saved)
    if memory.low <= 0 <= memory.high or abs(share) < SMALLEST:
        return "saves no memory"
    return f"{'saves' if share > 0 else 'takes'} {100 * abs(share):.0f}% of memory"


def memory_saved(cost: Cost) -> float:
    """Share of the arm's memory that the feature saves; negative: it takes more."""
    if cost.memory is None or math.isnan(cost.memory.value):
        return 0.0
    saved = -cost.memory.value
    return saved / (1 + saved)


def _told(share: Share | None) -> bool:
    """Whether it was measured; a feature whose memory was not may be there for that alone."""
    return share is not None and not math.isnan(share.value)


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
    if cost is not None and cost.speed is not None and not math.isnan(cost.speed.value):
        share = time_share(cost.speed)
        dear = share.low > 0  # not so where there is no interval
        saves = not _told(cost.memory) or memory_saved(cost) >= VISIBLE
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
        return "it costs nothing but its lines; keep it where memory is short"
    if dear and not _few(arm, outcome):
        return "turning it off saves time, and is not shown to harm"
    return ""
