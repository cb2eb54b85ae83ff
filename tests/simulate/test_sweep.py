"""What a sweep answers: a finding that the swept key is part of is never taken for another's."""

from __future__ import annotations

import json

import pytest

from ppodiag import UsageError
from ppodiag.forecast import default_seeds, norms_for, read_context
from ppodiag.options import Options
from ppodiag.report.sweep import render_sweep
from ppodiag.runlog.run import Run as Record
from ppodiag.sweep import Sweep, sweep
from ppodiag.sweep_axis import parse_axis
from tests.conftest import ROOT, Run

ILL = (ROOT / "examples" / "ill.json").read_bytes()


def swept(*texts: str) -> Sweep:
    axes = [parse_axis(text) for text in texts]
    return sweep(ILL, "ill.json", axes, Options(), seeds=2)


def test_a_swept_keys_own_finding_is_not_everywhere() -> None:
    """LR102 is warmup_steps' own at every point, a warning at 1,000 and an error from 1,500 on."""
    found = swept("warmup_steps=1000:2000:3")
    assert all("LR102" in point.codes for point in found.points)
    assert found.everywhere == {"LR111", "STB601", "UNIT701", "UNIT702"}
    assert not any(found.clean(point) for point in found.points)


@pytest.mark.parametrize(
    "text", ["min_batch_size=16,32,200", "accumulation_steps=2,0", "stabilization_steps=0,30000"]
)
def test_a_point_that_does_not_train_says_nothing_about_the_others(text: str) -> None:
    """There LR102 is silent; at the others it is no more the swept key's than without that point."""
    found = swept(text)
    assert found.points[-1].figures is None
    assert {"LR102", "LR103"} <= found.everywhere
    assert not found.clean(found.points[-1])


def test_a_swept_key_that_the_file_lacks_is_part_of_its_findings() -> None:
    """Without ppo_requests in the file LR102 and LR103 rest on the swept length all the same."""
    value = json.loads(ILL)
    del value["training"]["ppo_requests"]
    axes = [parse_axis("ppo_requests=20000,20001")]
    found = sweep(json.dumps(value).encode(), "ill.json", axes, Options(), seeds=2)
    assert all({"LR102", "LR103"} <= point.own for point in found.points)
    assert not any(found.clean(point) for point in found.points)


def test_a_sweep_of_one_value_can_be_unclean() -> None:
    """Its own findings are not subtracted from themselves."""
    (point,) = swept("warmup_steps=2000").points
    assert "LR102" in point.own
    assert not swept("warmup_steps=2000").clean(point)


def test_a_finding_whose_severity_changes_is_not_everywhere() -> None:
    """Of lr alone: LR111 is an error at 0.01 and absent at 3e-4, where nothing else is lr's."""
    found = swept("lr=3e-4,0.01")
    assert [found.clean(point) for point in found.points] == [True, False]
    assert "LR111" not in found.everywhere


def test_a_run_in_which_nothing_trains_is_never_clean() -> None:
    """T = 0 and T = 100 against rollouts of 512."""
    found = swept("ppo_requests=0,100")
    assert not any(found.clean(point) for point in found.points)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("warmup_steps=Infinity,3", "no finite number"),
        ("warmup_steps=NaN,3", "no finite number"),
        ("warmup_steps=0.4,0.6", "takes whole numbers"),
        ("accumulation_steps=1.5", "takes whole numbers"),
        ("adaptive_batch_size.enabled=true", "did you mean"),
        ("lr=0:1:3:log", "above 0"),
        ("lr=1:2:3:4", "is not KEY=A:B:N"),
    ],
)
def test_values_that_cannot_be_swept_are_refused(text: str, message: str) -> None:
    """With the remedy, and before anything is simulated."""
    with pytest.raises(UsageError, match=message):
        parse_axis(text)


def test_a_key_is_swept_once() -> None:
    """Twice the same key is a mistake."""
    with pytest.raises(UsageError, match="swept twice"):
        swept("lr=1e-3", "ppo_config.lr=1e-4")


def test_values_by_one_ratio() -> None:
    """Four values from 1e-5 to 1e-2 are a factor of ten apart."""
    values = parse_axis("lr=1e-5:1e-2:4:log").values
    assert values == (1e-5, 1e-4, 1e-3, 1e-2)


def test_the_table_says_what_it_rests_on_and_keeps_to_100_columns(ppodiag: Run) -> None:
    """Profile, norms, seeds and the hedge of early stops; wide numbers and long names are wrapped."""
    config = str(ROOT / "examples" / "ill.json")
    done = ppodiag("simulate", config, "--sweep", "ppo_requests=5000,1000000000000000000",
                   "--sweep", "lr=1e-5,1e-4", "--seeds", "3")  # fmt: skip
    assert max(map(len, done.stdout.splitlines())) <= 100
    for words in (f"learning_rate_schedule.type={'x' * 150},linear", f"reward_config.{'y' * 80}=1"):
        done = ppodiag("simulate", config, "--sweep", words, "--seeds", "2")
        assert max(map(len, done.stdout.splitlines())) <= 100
    done = ppodiag(
        "simulate", config, "--sweep", "adaptive_batch_size.enable=true,false", "--seeds", "3"
    )
    text = " ".join(done.stdout.split())
    assert (
        "profile note (assumed); gradient norms noise:norm=1,share=0.5,sigma=0.15,phi=0 (assumed)"
        in text
    )
    assert "the median path of 3 seeds; N_mb and N_opt are at most these" in text
    assert "no finding beyond those: enable true; false" in text


def test_rows_of_values_that_cannot_be_simulated_are_short(ppodiag: Run) -> None:
    """What the linter says of the value; that a swept key is set on the command line is known."""
    config = str(ROOT / "examples" / "ill.json")
    done = ppodiag("simulate", config, "--sweep", "lr=-1,1e-3", "--seeds", "2")
    assert "       -1  SCH102 (error) lr is -1; it must be above 0" in done.stdout.splitlines()
    assert "at every value that trains: LR102, LR103," in done.stdout
    done = ppodiag(
        "simulate", config, "--sweep", "lr=1e-3", "--sweep", "epochs=1,2", "--seeds", "2"
    )
    assert ": 2 points of ppo_config.lr × ppo_config.epochs" in done.stdout


def test_json_of_a_sweep_is_plain(ppodiag: Run) -> None:
    """No NaN, and the swept key by its whole path."""
    config = str(ROOT / "examples" / "ill.json")
    done = ppodiag(
        "simulate", config, "--sweep", "ppo_requests=100,5000", "--format", "json", "--seeds", "2"
    )
    found = json.loads(done.stdout)
    assert found["keys"] == ["training.ppo_requests"]
    assert [point["clean"] for point in found["points"]] == [False, False]


def test_rounding_to_whole_numbers_is_said() -> None:
    """Ten values from 0 to 3 are four; 1 to 4 in five are 1, 2, 3, 4, for 2.5 is 2; others are exact."""
    assert parse_axis("warmup_steps=0:3:10").values == (0, 1, 2, 3)
    assert parse_axis("warmup_steps=0:3:10").note == (
        "the values of warmup_steps are rounded to whole numbers: 4 in the place of 10"
    )
    assert parse_axis("accumulation_steps=1:4:5").values == (1, 2, 3, 4)
    assert "4 in the place of 5" in parse_axis("accumulation_steps=1:4:5").note
    assert parse_axis("warmup_steps=0:100:4").note.endswith("rounded to whole numbers")
    assert parse_axis("warmup_steps=0:3:4").note == ""
    assert parse_axis("warmup_steps=0,1e3,1000.0").values == (0, 1000)
    assert isinstance(parse_axis("warmup_steps=1e3").values[0], int)


def test_values_between_are_short_and_distinct() -> None:
    """Six digits where they do, more where neighbours would look alike; the bounds are as given."""
    assert parse_axis("adaptation_rate=0.1:0.2:4").values == (0.1, 0.133333, 0.166667, 0.2)
    assert parse_axis("lr=0.0100001:0.0100002:3").values == (0.0100001, 0.01000015, 0.0100002)
    assert parse_axis("lr=0.1234567890123:1:2").values == (0.1234567890123, 1)


def test_seeds_are_fewer_where_the_run_is_long() -> None:
    """20 paths of 1,953 updates, and 20,000,000 cells / 1,953,125 updates = 10 of T = 10^9."""
    found = swept_by_default("ppo_requests=1000000")
    assert found.points[0].seeds == 20
    context = found.example.context
    assert default_seeds(context, 20) == 20
    longer = Options(overrides=((("training", "ppo_requests"), 10**9),))
    assert default_seeds(read_context(ILL, "ill.json", longer)[1], 20) == 10


def swept_by_default(*texts: str) -> Sweep:
    return sweep(ILL, "ill.json", [parse_axis(text) for text in texts], Options())


def test_points_keep_figures_and_no_paths() -> None:
    """What a point keeps does not grow with the run; outline and curve come where asked for."""
    axes = [parse_axis("lr=1e-4,1e-3")]
    found = sweep(ILL, "ill.json", axes, Options(), seeds=2)
    assert [(point.outline, point.curve) for point in found.points] == [(None, None)] * 2
    full = sweep(ILL, "ill.json", axes, Options(), seeds=2, outlines=True, curves=True)
    for point in full.points:
        assert point.figures is not None
        assert point.outline is not None
        assert point.curve is not None
        assert point.figures.minibatch_steps == point.outline["minibatch_steps"]["median"]
        assert len(point.curve.median) <= 1001


def test_the_norms_are_named_where_the_first_point_does_not_train(ppodiag: Run) -> None:
    """T = 0 needs no norms, T = 20,000 does."""
    done = ppodiag(
        "simulate", str(ROOT / "examples" / "ill.json"), "--sweep", "ppo_requests=0,20000"
    )
    assert "gradient norms noise:norm=1" in done.stdout
    assert "of the median path of 20 seeds" in " ".join(done.stdout.split())


def test_a_record_is_read_once_and_its_notes_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """One reading for three points; the fits are named, the chosen one first."""
    import ppodiag.runlog

    calls: list[str] = []
    read = ppodiag.runlog.read_run

    def counting(path: str) -> Record:
        calls.append(path)
        return read(path)

    monkeypatch.setattr(ppodiag.runlog, "read_run", counting)
    record = str(ROOT / "examples" / "runs" / "healthy.jsonl")
    found = sweep(
        ILL, "ill.json", [parse_axis("lr=1e-4,1e-3,1e-2")], Options(),
        source_for=norms_for(f"fit:{record}"), seeds=2,
    )  # fmt: skip
    assert calls == [record]
    assert found.notes[0].startswith("used: lognormal:")
    assert "note: used: lognormal:" in render_sweep(found, False)
