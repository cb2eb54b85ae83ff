"""What `ppodiag simulate` says of files and options that do not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.simulate.test_simulate_command import FIXED, LRS, ON, write


def test_where_nothing_trains_the_finding_is_shown_and_fails(ppodiag: Run, tmp_path: Path) -> None:
    """T below one rollout: UNIT703 in full, exit code 1, unless zero is asked for."""
    write(tmp_path, {"training.ppo_requests": 100})
    done = ppodiag("simulate", "ppo.json")
    assert done.returncode == 1
    assert "error[UNIT703] the run has 0 updates" in done.stdout
    assert ppodiag("simulate", "ppo.json", "--exit-zero").returncode == 0


def test_a_trajectory_without_findings_of_its_own_is_not_called_free_of_them(
    ppodiag: Run, tmp_path: Path
) -> None:
    """Where lint finds something, the trajectory shows nothing beyond that; else nothing at all."""
    write(tmp_path, FIXED)
    clean = ppodiag("simulate", "ppo.json")
    assert "The trajectory shows nothing that needs a finding.\n" in clean.stdout
    ill = ppodiag("simulate", "ppo.json", "--set", "lr=0.01")
    assert "The trajectory shows nothing beyond what lint finds.\n" in ill.stdout
    assert "nothing that needs a finding" not in ill.stdout
    assert "explains: LR111" in " ".join(ill.stdout.split())


def test_a_value_of_the_command_line_is_not_blamed_on_the_file(
    ppodiag: Run, tmp_path: Path
) -> None:
    """The error says what is wrong with it, and where it comes from."""
    write(tmp_path, FIXED)
    done = ppodiag("simulate", "ppo.json", "--set", "lr=-1")
    assert done.returncode == 2
    assert "lr is -1; it must be above 0 (lr is set on the command line)" in done.stderr
    done = ppodiag("simulate", "ppo.json", "--set", "warmup_steps=4000")
    assert "ppodiag lint ppo.json with the same --set" in " ".join(done.stdout.split())


def test_a_comparison_names_norms_and_seeds(ppodiag: Run, tmp_path: Path) -> None:
    """Each configuration's own, below the table."""
    write(tmp_path, ON)
    write(tmp_path, FIXED, "other.json")
    done = ppodiag("simulate", "ppo.json", "--compare", "other.json", "--seeds", "5")
    assert "(assumed); median [5% to 95%] of 5 seeds" in " ".join(done.stdout.split())


def test_standard_input_is_read_once(ppodiag: Run) -> None:
    """Named twice it is a mistake."""
    done = ppodiag("simulate", "-", "-")
    assert done.returncode == 2
    assert "standard input is named twice" in done.stderr


def test_memory_says_what_of_the_networks_it_leaves_out(ppodiag: Run, tmp_path: Path) -> None:
    """Keys that ask for more than is modelled are named."""
    block = {"hidden_size": 32, "temporal_lstm": {"enable": True, "feature_chunks": 4}}
    sizes = {"model_dimensions.state_dim": 8, "model_dimensions.action_dim": 2}
    write(tmp_path, {**FIXED, **sizes, "actor_critic_architecture": block})
    done = ppodiag("simulate", "ppo.json")
    assert "the memory is that of networks without temporal_lstm" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("max_grad_norm=-1", "max_grad_norm is -1"),
        ("clip_by_global_norm=3", "clip_by_global_norm must be true or false"),
        ("learning_rate_schedule=3", "learning_rate_schedule must be an object"),
        ("training=3", "training must be an object"),
    ],
)
def test_an_invalid_value_that_counts_is_refused(
    ppodiag: Run, tmp_path: Path, setting: str, message: str
) -> None:
    """Thresholds of the norms and whole blocks too; the command line is named, not the file."""
    write(tmp_path, ON)
    done = ppodiag("simulate", "ppo.json", "--set", setting)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {message}")
    assert done.stderr.endswith("  = help: give another value on the command line\n")


@pytest.mark.parametrize("setting", ["use_gradient_checkpointing=3", "state_dim=-1"])
def test_memory_without_a_valid_key_is_not_estimated(
    ppodiag: Run, tmp_path: Path, setting: str
) -> None:
    """The rest is simulated all the same, in the picture too."""
    sizes = {"model_dimensions.state_dim": 8, "model_dimensions.action_dim": 2}
    write(tmp_path, {**FIXED, **sizes, "actor_critic_architecture": {"temporal_lstm": {}}})
    done = ppodiag("simulate", "ppo.json", "--set", setting, "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["runs"][0]["figures"]["memory_bytes"] is None
    done = ppodiag("simulate", "ppo.json", "--set", setting)
    key = setting.partition("=")[0]
    assert f"memory                not estimated: {key} is absent or invalid" in done.stdout


def test_yaml_on_standard_input_is_explained(ppodiag: Run) -> None:
    """Standard input has no suffix, so it is read as JSON."""
    done = ppodiag("simulate", "-", input="ppo_config:\n  lr: 1.0e-3\n")
    assert done.returncode == 2
    assert "ppodiag lint - lists all that is wrong; standard input is read as JSON" in done.stderr


def test_standard_input_is_compared_with_several_files(ppodiag: Run, tmp_path: Path) -> None:
    """It is read once, and stands beside each."""
    text = write(tmp_path, FIXED, "a.json").read_text(encoding="utf-8")
    write(tmp_path, FIXED, "b.json")
    done = ppodiag("simulate", "a.json", "b.json", "--compare", "-", input=text)
    assert done.returncode == 0
    assert done.stdout.count("<stdin>: no findings") == 2


def test_a_picture_that_cannot_be_is_refused_first(ppodiag: Run, tmp_path: Path) -> None:
    """Before a sweep of 2,500 points, and before the file is read."""
    done = ppodiag("simulate", "missing.json", "--sweep", "lr=1:2:2500", "--plot", "a.bmp")
    assert done.returncode == 2
    assert done.stderr.startswith("error: a.bmp: no picture can end so")


def test_figures_say_nothing_twice(ppodiag: Run, tmp_path: Path) -> None:
    """One size between the bounds, one seed, cycles by the million, a run below a rollout."""
    write(tmp_path, ON)
    only = ("--set", "min_batch_size=64", "--set", "max_batch_size=64", "--seeds", "1")
    lines = ppodiag("simulate", "ppo.json", *only).stdout.splitlines()
    assert "  minibatch steps       7,360" in lines
    text = " ".join(" ".join(lines).split())
    assert "to a bound from the start; gain 1 at rate" in text
    write(tmp_path, {**FIXED, f"{LRS}.restart_period": 1, "training.ppo_requests": 10**9}, "b.json")
    assert "  cosine cycles         156,248,580.00 of 1 minibatch steps" in (
        ppodiag("simulate", "b.json").stdout.splitlines()
    )
    short = ppodiag("simulate", "ppo.json", "--total-env-steps", "100").stdout
    assert "  updates               none, so nothing trains: a rollout is 1,024 samples" in short


def test_a_run_of_too_many_updates_cannot_be_helped_by_seeds(ppodiag: Run, tmp_path: Path) -> None:
    """The remedy names what helps: a shorter run, or a fixed batch."""
    write(tmp_path, ON)
    done = ppodiag("simulate", "ppo.json", "--total-env-steps", "1e11")
    assert done.returncode == 2
    assert "--seeds" not in done.stderr
    assert "adaptive_batch_size.enable=false" in done.stderr


def test_a_record_of_all_early_stops_leaves_nothing_open(ppodiag: Run, tmp_path: Path) -> None:
    """46 updates of 16 minibatches are 736, of which a warm-up of 700 takes 95%: no hedge is due."""
    stop = {"kl_regularization.early_stopping": {"enable": True, "kl_threshold": 0.1}}
    write(tmp_path, {**FIXED, **stop})
    rows = [
        {"update": u, "env_steps": 1024 * (u + 1), "pg_grad_norm": 0.4, "minibatch_steps": 16}
        for u in range(4, 50)
    ]
    (tmp_path / "run.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    text = " ".join(ppodiag("simulate", "ppo.json", "--norms", "run:run.jsonl").stdout.split())
    assert "minibatch steps 736; 7,360 if no update stops early" in text
    finding = text[text.index("info[TRJ004]") : text.index("= help")]
    assert "LR102: warm-up takes 95% of the run" in finding
    for hedge in ("at most", "at least", "stops early"):
        assert hedge not in finding
