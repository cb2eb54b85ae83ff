"""All arms beside the reference: what each verdict needs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppodiag.ablate.statistics.comparison import Comparison, Comparisons, compare
from ppodiag.ablate.statistics.scores import ArmScores, arm_scores
from ppodiag.ablate.statistics.times import Run, restricted_times
from ppodiag.ablate.statistics.verdict import Declared, Evidence, Verdict, decide
from ppodiag.errors import UsageError

BASE = np.array([212.0, 198, 240, 225, 205, 231, 219, 208, 236, 222])
WOBBLE = np.array([3.0, -3, 2, -2, 1, -1, 4, -4, 0.5, -0.5])
DECLARED = Declared(margin=10.0)


def judge(
    *arms: object,
    reference: object = BASE,
    declared: Declared = DECLARED,
    identical: tuple[str, ...] = (),
    seed: int = 0,
) -> Comparisons:
    """The arms, named 0, 1, …, beside the reference, with few resamples."""
    made = [a if isinstance(a, ArmScores) else arm_scores(str(i), a) for i, a in enumerate(arms)]
    base = reference if isinstance(reference, ArmScores) else arm_scores("all on", reference)
    rng = np.random.default_rng(seed)
    return compare(base, made, declared, rng, identical=identical, resamples=100)


def only(found: Comparisons) -> Comparison:
    (arm,) = found.arms
    return arm


def test_each_verdict() -> None:
    """A gain, a loss, no change within the margin, scatter beyond it, the same run, too few seeds."""
    found = judge(
        BASE + 20 + WOBBLE,
        BASE - 20 + WOBBLE,
        BASE + WOBBLE,
        BASE + 9 * WOBBLE + 6,
        BASE,
        identical=("4",),
    )
    assert [arm.verdict for arm in found.arms] == [
        Verdict.BETTER, Verdict.WORSE, Verdict.EQUIVALENT, Verdict.UNDECIDED, Verdict.IDENTICAL,
    ]  # fmt: skip
    assert found.tested == 4
    few = judge(BASE[:4] + 50, reference=BASE[:4])
    assert only(few).verdict is Verdict.EXPLORATORY
    assert only(few).notes == ("4 seeds: fewer than 5, no verdict",)


def test_lower_scores_may_be_better() -> None:
    """The same differences, of a metric that should be low."""
    found = judge(BASE + 20, BASE - 20, declared=Declared(better="lower"))
    assert [arm.verdict for arm in found.arms] == [Verdict.WORSE, Verdict.BETTER]
    assert [arm.improvement.estimate < 0.5 for arm in found.arms] == [True, False]
    assert found.arms[0].paired.mean.estimate == 20


def test_a_difference_within_the_margin_is_equivalent() -> None:
    """Every seed is better by 1 of 10 that matter: shown to be there, shown not to matter."""
    arm = only(judge(BASE + 1 + WOBBLE / 100))
    assert arm.p <= 0.05
    assert arm.verdict is Verdict.EQUIVALENT


def test_holm_over_the_arms() -> None:
    """Alone p = 2/2^10 for each of three; together 3 times that, and identical arms do not count."""
    arms = [BASE + 20 + k + WOBBLE for k in range(3)]
    assert only(judge(arms[0])).p == 2**-9
    found = judge(*arms, BASE, identical=("3",))
    assert [arm.p for arm in found.arms] == [3 * 2**-9] * 3 + [1.0]
    assert found.arms[3].p_equivalence is None


def test_five_seeds_cannot_show_a_difference() -> None:
    """2/2^5 = 0.0625: however large the gain, the verdict is undecided and names 6 seeds."""
    arm = only(judge(BASE[:5] + 100 + WOBBLE[:5], reference=BASE[:5]))
    assert arm.verdict is Verdict.UNDECIDED
    assert arm.p == 0.0625
    assert arm.seeds_to_decide == 6
    assert "6 seeds are the fewest" in arm.notes[0]
    assert arm.smallest_visible == math.inf


def test_undecided_names_the_seeds_that_decide() -> None:
    """By hand: d̄ = 10, s = 20, one arm, α = 0.05: (2.80159·2)² + 1.92 = 33.3, so 34."""
    d = np.array([1.0, -1] * 5) * 20 * math.sqrt(9 / 10) + 10
    arm = only(judge(BASE + d, declared=Declared()))
    assert arm.paired.deviation == pytest.approx(20)
    assert arm.verdict is Verdict.UNDECIDED
    assert arm.seeds_to_decide == 34
    assert arm.equivalence is None
    two = judge(BASE + d, BASE - d, declared=Declared())
    assert [a.seeds_to_decide for a in two.arms] == [
        41,
        41,
    ]  # α = 0.025: (3.08302·2)² + 2.51 = 40.5


def test_equal_scores_are_not_yet_identical() -> None:
    """A ceiling makes scores equal; only trajectories that were compared make an arm identical."""
    full = np.full(10, 500.0)
    arm = only(judge(full, reference=full))
    assert arm.verdict is Verdict.EQUIVALENT
    assert "ceiling" in arm.notes[0]
    assert only(judge(full, reference=full, declared=Declared())).verdict is Verdict.UNDECIDED
    assert only(judge(full, reference=full, identical=("0",))).notes == ()


def test_a_crash_is_an_outcome() -> None:
    """One crash in ten: worst score, counted, said, and never equivalent to an arm that has none."""
    crashed = (BASE + WOBBLE).copy()
    crashed[3] = math.nan
    arm = only(judge(crashed, declared=Declared(margin=100.0)))
    assert arm.arm.failed == 1
    assert arm.paired.seeds == 10
    assert arm.paired.differences[3] == min(BASE.min(), np.nanmin(crashed)) - BASE[3]
    assert arm.equivalence is not None
    assert arm.equivalence.p < 0.05
    assert arm.verdict is Verdict.UNDECIDED
    assert arm.notes == (
        "failed runs count as the worst outcome: 1 of 10, 0 of the reference",
        "1 of 10 runs failed, 0 of the reference: not equivalent in that",
    )
    without = only(judge(crashed, declared=Declared()))
    assert arm.seeds_to_decide == without.seeds_to_decide  # by a difference: equivalence is barred
    declared = only(judge(crashed, declared=Declared(worst=0.0)))
    assert declared.paired.differences[3] == -BASE[3]


def test_arms_that_always_crash_are_worse() -> None:
    """All ten runs failed: the worst outcome ten times."""
    arm = only(judge(np.full(10, math.nan), declared=Declared(worst=0.0)))
    assert arm.verdict is Verdict.WORSE
    assert arm.improvement.estimate == 0.0


def test_runs_that_never_got_there_show_no_equivalence() -> None:
    """Nine of ten pairs both never reached the threshold: equal times, and undecided."""
    never = [Run(math.inf, 100.0)] * 9
    arms, horizon = restricted_times(
        {"all on": [[Run(50, 100.0), *never]], "0": [[Run(51, 100.0), *never]]}
    )
    declared = Declared(better="lower", margin=10.0, worst=horizon)
    arm = only(judge(arms[1], reference=arms[0], declared=declared))
    assert arm.equivalence is not None
    assert arm.equivalence.p < 0.05
    assert arm.verdict is Verdict.UNDECIDED
    assert arm.notes == (
        "never got there, counted with the horizon: 9 of 10, 9 of the reference",
        "only 1 of 10 pairs tell: in the others neither run got there",
    )
    assert (arm.arm.censored, arm.arm.runs) == (9, 10)


def test_a_crash_beside_a_run_that_never_got_there_shows_nothing() -> None:
    """Both count with the horizon and are equal for it: such pairs do not tell either."""
    never, crash = [Run(math.inf, 100.0)], [Run(9, 100.0, failed=True)]
    reached = [[Run(t, 100.0)] for t in (50.0, 51.0, 52.0, 53.0)]
    base = [run for (run,) in [*reached, crash, never, never, crash]]
    other = [run for (run,) in [*reached, never, crash, crash, never]]
    arms, horizon = restricted_times({"all on": [base], "0": [other]})
    declared = Declared(better="lower", margin=10.0, worst=horizon)
    arm = only(judge(arms[1], reference=arms[0], declared=declared))
    assert not arm.paired.differences.any()
    assert arm.verdict is Verdict.UNDECIDED
    assert any(note.startswith("only 4 of 8 pairs tell") for note in arm.notes)


def test_one_seed() -> None:
    """No interval, no deviation, no equivalence; and no crash."""
    arm = only(judge([3.0], reference=[1.0]))
    assert arm.verdict is Verdict.EXPLORATORY
    assert (arm.equivalence, arm.p_equivalence, arm.seeds_to_decide) == (None, None, None)
    assert math.isnan(arm.smallest_visible)


@settings(max_examples=25)
@given(
    st.lists(st.integers(-30, 30).map(float), min_size=6, max_size=10),
    st.integers(0, 2**32 - 1),
    st.integers(-5, 5),
)
def test_what_changes_nothing(d: list[float], seed: int, power: int) -> None:
    """Seeds permuted jointly; another unit; and with arms exchanged, better and worse exchanged."""
    x = BASE[: len(d)]
    y = x + np.array(d)
    plain = only(judge(y, reference=x))
    order = np.random.default_rng(seed).permutation(len(d))
    mixed = only(judge(y[order], reference=x[order]))
    assert (mixed.verdict, mixed.p, mixed.arm.iqm) == (plain.verdict, plain.p, plain.arm.iqm)
    assert mixed.improvement == plain.improvement
    assert mixed.seeds_to_decide == plain.seeds_to_decide
    unit = 2.0**power
    scaled = only(judge(unit * y, reference=unit * x, declared=Declared(margin=10 * unit)))
    assert (scaled.verdict, scaled.p, scaled.p_equivalence) == (
        plain.verdict, plain.p, plain.p_equivalence,
    )  # fmt: skip
    assert scaled.paired.mean.low == unit * plain.paired.mean.low
    back = only(judge(x, reference=y))
    opposite = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
    assert back.verdict is opposite.get(plain.verdict, plain.verdict)
    assert back.improvement.estimate == pytest.approx(1 - plain.improvement.estimate)


def test_one_generator_one_result() -> None:
    """The same seed gives the same figures to the bit; another gives other intervals and the same tests."""
    one, same, other = (judge(BASE + 3 * WOBBLE, seed=seed) for seed in (1, 1, 2))
    assert only(one).arm == only(same).arm
    assert only(one).paired.mean == only(same).paired.mean
    assert only(one).arm != only(other).arm
    assert only(one).p == only(other).p


def test_several_tasks() -> None:
    """Two tasks of six seeds: one difference per seed, the mean over both."""
    reference = np.stack([BASE[:6], BASE[4:]])
    arm = only(judge(reference + np.array([[30.0], [10.0]]), reference=reference))
    assert arm.paired.differences.tolist() == [20.0] * 6
    assert arm.arm.runs == 12
    assert arm.p == 2**-5
    assert arm.verdict is Verdict.BETTER


def test_what_is_refused() -> None:
    """Other seeds than the reference; nonsense laid down beforehand."""
    with pytest.raises(UsageError, match="paired seeds"):
        judge(BASE[:9])
    for wrong in ({"better": "up"}, {"alpha": 0.5}, {"power": 1.0}):
        with pytest.raises(UsageError):
            Declared(**wrong)
    with pytest.raises(UsageError, match="no arm is called 'none'"):
        judge(BASE, identical=("none",))
    with pytest.raises(UsageError, match="margin"):
        judge(BASE, declared=Declared(margin=0.0))


def test_the_order_of_the_rules() -> None:
    """Identical before few seeds, equivalent before a difference, and a hindrance bars only equivalence."""
    both = Evidence(10, False, -1.0, 0.01, 0.01, True)
    assert decide(both, 0.05) is Verdict.EQUIVALENT
    assert decide(replace(both, comparable=False), 0.05) is Verdict.WORSE
    assert decide(replace(both, p_equivalence=None), 0.05) is Verdict.WORSE
    assert decide(replace(both, seeds=4), 0.05) is Verdict.EXPLORATORY
    assert decide(replace(both, seeds=1, identical=True), 0.05) is Verdict.IDENTICAL
    assert decide(replace(both, p_equivalence=0.06, p_difference=0.06), 0.05) is Verdict.UNDECIDED
