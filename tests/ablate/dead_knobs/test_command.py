"""What a person sees: the table, the dry run, and errors with their remedies."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ppodiag.ablate.dead_knobs.probes import PROBES
from ppodiag.commands.ablate import command as ablate
from ppodiag.commands.dead_knobs import NO_PART, run_dead_knobs
from ppodiag.errors import UsageError
from tests.ablate.dead_knobs import scripts

HEALTHY = "examples/healthy.json"


def shown(capsys: pytest.CaptureFixture[str], config: str = HEALTHY, **given: Any) -> str:
    run_dead_knobs(config, given)
    out, err = capsys.readouterr()
    assert err == ""
    assert all(len(line) <= 100 for line in out.splitlines())
    return out


def test_the_table_of_a_dead_block(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line is true of a script that reads the seed and the learning rate alone."""
    monkeypatch.chdir(tmp_path)
    Path("ppo.json").write_bytes((Path(__file__).parents[3] / HEALTHY).read_bytes())
    trainer = scripts.trainer(tmp_path, scripts.IGNORES)
    text = shown(capsys, "ppo.json", trainer=trainer, keys="learning_rate_schedule,max_grad_norm")
    head, _, rest = text.partition("\n\n")
    assert head.startswith("ppo.json with ")
    assert head.endswith(
        "\none key changed at a time, seed 0: 6 rollouts of 128 env steps, 2 epochs; compared to the "
        "last bit"
    )
    assert rest == (
        "Two equal runs: 2 columns the same to the last bit, 1 column of time, speed or memory aside.\n"
        "Control, another seed: 1 of 2 columns differ.\n"
        "Control, a tenth of ppo_config.lr: 1 of 2 columns differ.\n"
        "\n"
        "advanced_optimization.learning_rate_schedule\n"
        "  type                       constant -> cosine… no effect seen in this probe\n"
        "  warmup_steps               0 -> 384            no effect seen in this probe\n"
        "  min_lr_ratio               0.1 -> 0.9          no effect seen in this probe\n"
        "  restart_period             5 -> 4              no effect seen in this probe\n"
        "\n"
        "ppo_config\n"
        "  max_grad_norm              1e+06 -> 1e-06      no effect seen in this probe\n"
        "\n"
        "5 keys: 5 no effect seen in this probe (10 runs)\n"
        "No effect seen in a probe is no proof: name the trainer's sources with --runtime DIR, and what\n"
        "nothing reads is told apart.\n"
    )


def test_a_crash_shows_its_tail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the trainer said last stands below the reason, once."""
    trainer = scripts.trainer(tmp_path, scripts.CRASHES)
    text = shown(capsys, trainer=trainer, keys="warmup_steps")
    assert "The base run failed: exit code 1\n" in text
    assert text.count("    | KeyError: 'no such thing'") == 1
    assert "cannot tell: the base run failed: exit code 1" in text


def test_a_constant_log_is_told_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log that shows nothing is named as the reason, with what to do."""
    trainer = scripts.trainer(tmp_path, scripts.CONSTANT)
    text = shown(capsys, trainer=trainer, keys="warmup_steps")
    assert "Control, another seed: nothing differs.\n" in text
    assert "The log shows nothing: neither another seed nor another learning rate" in text


def test_a_trainer_that_never_repeats_is_told_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The column that differs is named."""
    trainer = scripts.trainer(tmp_path, scripts.RANDOM)
    text = shown(capsys, trainer=trainer, keys="warmup_steps")
    assert "1 not (policy_loss)" in text
    assert "The trainer is not deterministic" in text


def test_the_dry_run_lists_the_probes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is run; every key stands there with its two values."""
    text = shown(capsys, trainer=scripts.trainer(tmp_path, "raise SystemExit(9)"), dry_run=True)
    for probe in PROBES:
        assert f"  {probe.name} " in text
    assert "accumulation_steps" in text
    assert "1 -> 2\n" in text
    assert "26 runs" in text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"keys": "lr"}, "there is no probe of ppo_config.lr"),
        ({"trainer": "python train.py"}, "--trainer does not name {config}"),
        ({"trainer": "t {config} {seed} {out}", "env": "CartPole-v1"}, "--env is the bundled"),
        ({"runtime": ["no/such/folder"]}, "no/such/folder"),
        ({"settings": ["lrr=1"]}, "no known key is called lrr"),
        ({"profile": "nope"}, "no profile is called 'nope'"),
        ({"arms": "no-clipping"}, "--arms has no part in --dead-knobs"),
        ({"named": ("a: lr=1",)}, "--arm has no part in --dead-knobs"),
        ({"seeds": "10"}, "--dead-knobs goes by one seed, and --seeds 10 names 10"),
        ({"format_": "html"}, "--dead-knobs is not written as html"),
    ],
)
def test_wrong_usage_is_told(given: dict[str, Any], message: str) -> None:
    """What cannot be done is an error with its reason."""
    with pytest.raises(UsageError) as raised:
        run_dead_knobs(HEALTHY, given)
    assert message in raised.value.message
    assert raised.value.remedy


def test_every_option_of_ablate_is_used_or_refused() -> None:
    """None is passed over in silence; failed runs are always run again."""
    used = {
        "configs", "trainer", "env", "device", "seeds", "settings", "profile", "runtime", "keys",
        "format_", "output", "out", "dry_run", "jobs", "timeout", "dead_knobs", "retry_failed",
        "exit_zero", "executor",
    }  # fmt: skip
    assert {*used, *NO_PART} == {each.name for each in ablate.params if each.expose_value}


def test_ablate_hands_on(tmp_path: Path) -> None:
    """`ppodiag ablate CONFIG --dead-knobs` is this test, with its exit codes."""
    trainer = scripts.trainer(tmp_path, scripts.READS, "ppo_config.max_grad_norm")
    words = [HEALTHY, "--dead-knobs", "--trainer", trainer, "--seeds", "3..3", "--keys"]
    for keys, code in (("max_grad_norm", 0), ("max_grad_norm,type", 1)):
        done = CliRunner().invoke(ablate, [*words, keys], standalone_mode=False)
        assert done.return_value == code
        assert "acts: policy_loss, from env step 0" in done.output
        assert "seed 3: 6 rollouts" in done.output


def test_sigterm_ends_its_trainers_and_keeps_what_is_done(tmp_path: Path) -> None:
    """Exit code 130, what to do, and no process left."""
    trainer = scripts.trainer(tmp_path, "import time; time.sleep(60)")
    words = [str(Path(HEALTHY).resolve()), "--dead-knobs", "--trainer", trainer, "--out", "kept"]
    started = subprocess.Popen(
        [sys.executable, "-m", "ppodiag", "ablate", *words],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not list(tmp_path.glob("kept/runs/*/pid")) and time.monotonic() < until:
        time.sleep(0.02)
    started.send_signal(signal.SIGTERM)
    _, said = started.communicate(timeout=30)
    assert started.returncode == 130
    assert said == "interrupted; runs that are done lie in kept; the same command goes on\n"
    pids = [pid.read_text() for pid in tmp_path.glob("kept/runs/*/pid")]
    assert pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    """A missing file, and one that cannot be read."""
    (tmp_path / "broken.json").write_text('{"ppo_config": ')
    for name in ("none.json", "broken.json"):
        with pytest.raises(UsageError):
            run_dead_knobs(str(tmp_path / name), {})
