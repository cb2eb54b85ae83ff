"""The effects of a factorial study as rows and sentences, the same for text, page and JSON."""

from __future__ import annotations

from typing import Any

from ppodiag.ablate.outcome import Outcome
from ppodiag.ablate.statistics.factorial import Effect
from ppodiag.ablate.statistics.paired import fewest_seeds
from ppodiag.ablate.statistics.verdict import ALPHA, FEWEST, Verdict
from ppodiag.ablate.study import UNITS
from ppodiag.wording import counted, number

MAIN = (
    "Main effects: the feature on minus off, seed by seed, averaged over the settings of the others"
)
INTERACTIONS = (
    "Interactions: how much larger the effect of the one feature is where the other is on"
)


def effect_head(outcome: Outcome, first: str) -> list[str]:
    """The heading of a table of effects."""
    return [first, "verdict", "p", f"difference [95%], {UNITS[outcome.study.declared.metric]}"]


def effect_rows(effects: tuple[Effect, ...]) -> list[list[str]]:
    """A row for each effect."""
    rows = []
    for effect in effects:
        d = effect.paired.mean
        between = f"{number(d.estimate)} [{number(d.low)}, {number(d.high)}]"
        rows.append([" × ".join(effect.factors), effect_word(effect), f"{effect.p:.3f}", between])
    return rows


def effect_word(effect: Effect) -> str:
    """What a table says of an effect."""
    if effect.verdict not in (Verdict.BETTER, Verdict.WORSE):
        return str(effect.verdict)
    if len(effect.factors) == 1:
        return f"{effect.verdict} on"
    return "they help each other" if effect.verdict is Verdict.BETTER else "they hinder each other"


def effect_notes(outcome: Outcome) -> list[str]:
    """What a reader of the effects must know; nothing where there are none."""
    effects = outcome.effects
    if effects is None:
        return []
    notes = [
        f"p is adjusted over {counted(len(effects.main), 'main effect')}, and apart from them over "
        f"{counted(len(effects.interactions), 'interaction')}"
    ]
    seeds, fewest = effects.main[0].paired.seeds, fewest_seeds(ALPHA / len(effects.main))
    if FEWEST <= seeds < fewest:
        notes.append(
            f"{seeds} seeds cannot show a main effect: of {len(effects.main)}, {fewest} seeds are the "
            "fewest"
        )
    if effects.failed:
        notes.append(
            f"{counted(effects.failed, 'failed run')} count as the worst outcome in every effect"
        )
    return notes


def effects_content(outcome: Outcome) -> dict[str, Any] | None:
    """The effects for JSON; None: the arms are no factorial design."""
    effects = outcome.effects
    if effects is None:
        return None
    return {
        "main": [_content(effect) for effect in effects.main],
        "interactions": [_content(effect) for effect in effects.interactions],
        "failed_runs": effects.failed,
    }


def _content(effect: Effect) -> dict[str, Any]:
    mean = effect.paired.mean
    return {
        "features": list(effect.factors),
        "verdict": str(effect.verdict),
        "difference": {
            "estimate": mean.estimate, "low": mean.low, "high": mean.high, "level": mean.level,
        },
        "differences_by_seed": effect.paired.differences.tolist(),
        "p": effect.p,
        "p_unadjusted": effect.paired.p,
    }  # fmt: skip
