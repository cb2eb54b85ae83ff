"""`ppodiag ablate` as a person runs it, with a trainer that takes milliseconds."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest


def ablate(*words, cwd, env=None, check=0):
    done = subprocess.run(
        [sys.executable, "-m", "ppodiag", "ablate", *map(str, words)],
        cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == check, done.stdout + done.stderr
    return done


def report(folder):
    return json.loads((folder / "report.json").read_text())


def arms(found):
    return {arm["name"]: arm for arm in found["arms"]}


def without_time(folder):
    """Results without what depends on time and machine."""
    found = {}
    for path in sorted((folder / "results").rglob("*.json")):
        result = json.loads(path.read_text())
        result.pop("measured")
        found[str(path.relative_to(folder))] = result
    return found


def test_a_planted_effect_is_found_and_a_planted_null_is_not(tmp_path, config, fake):
    done = ablate(
        "ppo.json", "--trainer", fake, "--margin", "5", "--out", "study", "-v", cwd=tmp_path
    )
    found = arms(report(tmp_path / "study"))
    assert found["no-clipping"]["verdict"] == "worse"
    assert found["no-clipping"]["difference"]["estimate"] == pytest.approx(-20 * 0.975, rel=0.01)
    assert found["no-schedule"]["verdict"] == "equivalent"
    assert found["no-checkpointing"]["verdict"] == "identical to the last bit"
    assert found["no-accumulation"]["verdict"] == "identical to the last bit"
    assert found["no-adaptive-batch"]["verdict"] == "already off"
    assert all(len(line) <= 100 for line in done.stdout.splitlines())
    assert "\x1b" not in done.stdout
    # 1500 env steps/s without checkpointing, 1000 with it: a third of the time.
    assert re.search(r"Checkpointing: 33% \[33, 33\] less time without it", done.stdout)
    assert re.search(r"no-checkpointing +1500 +1500 to 1500 +33% \[33, 33\]", done.stdout)
    words = " ".join(done.stdout.split())
    assert "5 rounds of single runs, one at a time" in words
    assert re.search(r"load average when the timed runs began: \d+\.\d to \d+\.\d", words)
    assert "-v" not in words.split("to repeat it:")[1].split()
    assert "keep it" in done.stdout
    assert "the trainer is deterministic" in done.stdout


def test_a_trainer_whose_equal_runs_differ_is_told(tmp_path, config, fake):
    done = ablate(config, "--trainer", fake, "--seeds", "2", "--arms", "no-clipping",
                  "--timing-rounds", "0", "--out", "s", cwd=tmp_path,
                  env={"FAKE_NOISE": "1"})  # fmt: skip
    assert "the trainer is not deterministic" in " ".join(done.stdout.split())


def test_fewer_than_five_seeds_allow_no_verdict(tmp_path, config, fake):
    ablate(config, "--trainer", fake, "--seeds", "3", "--arms", "no-clipping", "--out", "s",
           "--timing-rounds", "0", cwd=tmp_path)  # fmt: skip
    assert arms(report(tmp_path / "s"))["no-clipping"]["verdict"] == "exploratory"


@pytest.mark.parametrize("seeds", [4, 5])
def test_seeds_that_can_show_no_difference_say_so_before_and_after(tmp_path, config, fake, seeds):
    """The planted 20 is there in each seed: no verdict is no sign of there being no difference."""
    done = ablate(config, "--trainer", fake, "--seeds", seeds, "--arms", "no-clipping,no-schedule",
                  "--out", "s", "--timing-rounds", "0", cwd=tmp_path)  # fmt: skip
    said = " ".join(done.stdout.split())
    p = 2.0 ** (1 - seeds)
    why = f"{seeds} seeds cannot show a difference (smallest p {p:.3g}, over 2 tests {2 * p:.3g}; 7 can)"
    assert f"{why}; difference in return seen without it: -19" in said
    assert "no difference in return shown" not in said
    assert "differs by" not in said
    assert f"warning: {why}\n" in done.stderr


def test_a_crash_is_retried_once_kept_and_counted(tmp_path, config, fake):
    mark = tmp_path / "mark"
    done = ablate(
        config, "--trainer", fake, "--seeds", "6", "--arms", "no-clipping,no-accumulation",
        "--timing-rounds", "0", "--worst", "0", "--out", "s", cwd=tmp_path, check=3,
        env={"FAKE_CRASH": "clip_by_global_norm=False", "FAKE_MARK": str(mark)},
    )  # fmt: skip
    crashed = [line for line in mark.read_text().splitlines() if '_norm": false' in line]
    assert len(crashed) == 12
    found = report(tmp_path / "s")
    assert arms(found)["no-clipping"]["verdict"] == "worse"
    assert len(found["failed"]) == 6
    assert "planted crash of seed 3" in json.dumps(found["failed"])
    assert "planted crash" in done.stdout
    assert "failed: learning/no-clipping/seed-0: exit code 1" in done.stderr
    assert "failed runs count as the worst outcome" in " ".join(done.stdout.split())
    # Run again, it is the same study; told to, it runs what failed, and only that.
    again = ablate(
        config, "--trainer", fake, "--seeds", "6", "--arms", "no-clipping,no-accumulation",
        "--timing-rounds", "0", "--worst", "0", "--out", "s", "--retry-failed", cwd=tmp_path,
        env={"FAKE_MARK": str(mark)},
    )  # fmt: skip
    assert len(mark.read_text().splitlines()) == 2 + 12 + 12 + 6
    assert "planted crash" not in again.stdout


def test_after_kill_9_the_same_command_ends_with_the_results_of_an_undisturbed_run(
    tmp_path, config, fake
):
    words = [
        config,
        "--trainer",
        fake,
        "--seeds",
        "4",
        "--arms",
        "no-clipping",
        "--timing-rounds",
        "2",
    ]
    ablate(*words, "--out", "whole", cwd=tmp_path)
    started = subprocess.Popen(
        [sys.executable, "-m", "ppodiag", "ablate", *map(str, words), "--out", "killed"],
        cwd=tmp_path, env={**os.environ, "FAKE_SLEEP": "0.7"}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    results = tmp_path / "killed" / "results"
    until = time.monotonic() + 60
    while not list(results.rglob("*.json")) and time.monotonic() < until:
        time.sleep(0.02)
    started.send_signal(signal.SIGKILL)
    started.wait()
    before = len(list(results.rglob("*.json")))
    mark = tmp_path / "mark"
    ablate(*words, "--out", "killed", cwd=tmp_path, env={"FAKE_MARK": str(mark)})
    assert 1 <= before < 14
    assert len(mark.read_text().splitlines()) == 14 - before
    assert without_time(tmp_path / "killed") == without_time(tmp_path / "whole")
    texts = [(tmp_path / name / "report.csv").read_text() for name in ("killed", "whole")]
    assert texts[0] == texts[1]


def test_sigterm_ends_the_trainers_and_says_how_to_go_on(tmp_path, config, fake):
    started = subprocess.Popen(
        [sys.executable, "-m", "ppodiag", "ablate", str(config), "--trainer", fake, "--out", "s",
         "--seeds", "4", "--timing-rounds", "0"],
        cwd=tmp_path, env={**os.environ, "FAKE_SLEEP": "60", "FAKE_MARK": str(tmp_path / "mark")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not (tmp_path / "mark").exists() and time.monotonic() < until:
        time.sleep(0.02)
    began = time.monotonic()
    started.send_signal(signal.SIGTERM)
    _, errors = started.communicate(timeout=30)
    assert started.returncode == 130
    assert "the same command goes on" in errors
    assert time.monotonic() - began < 20
    left = subprocess.run(
        ["pgrep", "-f", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert not left.stdout


def test_another_study_in_the_same_folder_is_refused(tmp_path, config, fake):
    words = [
        config,
        "--trainer",
        fake,
        "--arms",
        "no-clipping",
        "--timing-rounds",
        "0",
        "--out",
        "s",
    ]
    ablate(*words, "--seeds", "2", cwd=tmp_path)
    done = ablate(*words, "--seeds", "3", cwd=tmp_path, check=2)
    assert "holds another study: seeds 2 → 3 (declared, units differ)" in done.stderr
    done = ablate(*words, "--seeds", "2", "--arm", "x: epochs=3", cwd=tmp_path, check=2)
    assert "holds another study: arms x is only here (arms, units differ)" in done.stderr
    words[2] = "python absent.py --config {config} --seed {seed} --out {out}"
    done = ablate(*words, "--seeds", "2", cwd=tmp_path, check=2)
    assert "absent.py" in done.stderr
    assert "another study" not in done.stderr


@pytest.mark.parametrize("more", [(), ("--dead-knobs",)])
def test_a_trainer_or_a_folder_in_the_place_of_a_configuration_is_told(
    tmp_path, config, fake, more
):
    done = ablate("fake.py", *more, cwd=tmp_path, check=2)
    assert "fake.py is named as a program" in done.stderr
    assert "--trainer 'python fake.py --config {config} --seed {seed} --out {out}'" in done.stderr
    done = ablate(".", *more, cwd=tmp_path, check=2)
    assert f"name a file of it: {os.path.join('.', 'ppo.json')}" in done.stderr


def test_results_of_another_machine_are_merged(tmp_path, config, fake):
    words = [
        config,
        "--trainer",
        fake,
        "--arms",
        "no-clipping",
        "--timing-rounds",
        "0",
        "--seeds",
        "3",
    ]
    ablate(*words, "--out", "a", cwd=tmp_path)
    ablate(*words, "--out", "b", cwd=tmp_path)
    removed = sorted((tmp_path / "a" / "results").rglob("learning/**/*.json"))[:2]
    before = [json.loads(path.read_text())["runs"] for path in removed]
    for path in removed:
        path.unlink()
    done = ablate("merge", "a", "b", cwd=tmp_path)
    assert "2 results taken, 6 were there already" in done.stdout
    assert [json.loads(path.read_text())["runs"] for path in removed] == before
    ablate(*words, "--out", "c", "--set", "ppo_config.epochs=3", cwd=tmp_path)
    refused = ablate("merge", "a", "c", cwd=tmp_path, check=2)
    assert "another study" in refused.stderr


def test_time_to_a_threshold_counts_runs_that_never_get_there(tmp_path, config, fake):
    ablate(config, "--trainer", fake, "--arms", "no-clipping", "--metric", "time_to_threshold",
           "--threshold", "80", "--timing-rounds", "0", "--out", "s", cwd=tmp_path)  # fmt: skip
    found = arms(report(tmp_path / "s"))
    assert found["all-on"]["iqm"]["estimate"] < 20480
    assert found["no-clipping"]["iqm"]["estimate"] == 20480
    assert found["no-clipping"]["verdict"] == "worse"
    assert "never got there" in " ".join(found["no-clipping"]["notes"])


def test_a_factorial_study_tells_what_each_feature_does_on_average(tmp_path, config, fake):
    """Clipping brings 20 of the return's end, whatever accumulation is, which brings nothing."""
    done = ablate(config, "--trainer", fake, "--factorial", "clipping,accumulation", "--seeds", "7",
                  "--timing-rounds", "0", "--out", "s", cwd=tmp_path)  # fmt: skip
    effects = report(tmp_path / "s")["effects"]
    clipping, accumulation = effects["main"]
    assert clipping["features"] == ["clipping"]
    assert clipping["difference"]["estimate"] == pytest.approx(20 * 0.975, rel=0.01)
    assert (clipping["verdict"], accumulation["verdict"]) == ("better", "undecided")
    assert clipping["p"] == pytest.approx(2 * 2.0**-6)
    assert accumulation["differences_by_seed"] == [0.0] * 7
    assert effects["interactions"][0]["features"] == ["clipping", "accumulation"]
    assert effects["interactions"][0]["differences_by_seed"] == [0.0] * 7
    assert re.search(r"clipping +better on +0\.031 +19\.\d+ \[", done.stdout)
    assert "Global-norm clipping, over all settings of the others: return is better with it" in (
        " ".join(done.stdout.split())
    )
    page = (tmp_path / "s" / "report.html").read_text()
    assert "Effects of the features" in page
    assert "clipping × accumulation" in page


def test_speed_as_the_measure_needs_no_run_to_the_end(tmp_path, config, fake):
    ablate(config, "--trainer", fake, "--arms", "no-checkpointing,no-clipping", "--metric",
           "steps_per_second", "--seeds", "8", "--out", "s", cwd=tmp_path)  # fmt: skip
    found = arms(report(tmp_path / "s"))
    assert found["no-checkpointing"]["verdict"] == "better"
    assert found["no-clipping"]["verdict"] == "undecided"
    assert not (tmp_path / "s" / "results" / "learning").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no file is named"),
        (["missing.json"], "missing.json"),
        (["{config}", "--arms", "x"], "no arm is called 'x'"),
        (["{config}", "--arms", "no-adaptive-batch"], "every arm trains what the reference trains"),
        (["{config}", "--seeds", "x"], "names no seeds"),
        (["{config}", "--metric", "time_to_threshold"], "needs the threshold"),
        (["{config}", "--threshold", "3"], "has no part in return"),
        (
            ["{config}", "--metric", "peak_memory", "--timing-rounds", "0"],
            "is measured in timed runs",
        ),
        (["{config}", "--trainer", "python t.py"], "does not name {config}"),
        (
            ["{config}", "--trainer", "t {config} {seed} {out}", "--env", "x"],
            "option of the bundled",
        ),
        (
            ["{config}", "--add-one-in", "--factorial", "clipping,accumulation"],
            "do not go together",
        ),
        (["{config}", "--factorial", "clipping,adaptive-batch"], "adaptive-batch: off already in"),
        (["merge", "a"], "OTHER... is missing"),
        (["merge", "a", "b"], "holds no study"),
        (["{config}", "{config}"], "2 files are named"),
    ],
)
def test_wrong_usage_is_an_error_with_a_remedy(tmp_path, config, words, message):
    given = [str(config) if word == "{config}" else word for word in words]
    done = ablate(*given, cwd=tmp_path, check=2)
    assert message in done.stderr
    assert "= help:" in done.stderr


def test_a_command_that_does_not_exist_is_told_at_once(tmp_path, config):
    done = ablate(config, "--trainer", "nothing-like-it {config} {seed} {out}", "--seeds", "2",
                  "--timing-rounds", "0", "--out", "s", cwd=tmp_path, check=2)  # fmt: skip
    assert "nothing-like-it" in done.stderr


def test_a_trainer_that_fails_in_the_first_short_run_is_told_before_the_others_run(
    tmp_path, config, fake
):
    """Exit code 2 and its last words; once it is mended, the same command goes on."""
    words = [config, "--trainer", fake, "--seeds", "1", "--arms", "no-clipping", "--timing-rounds",
             "0", "--out", "s"]  # fmt: skip
    script = tmp_path / "fake.py"
    good, mark = script.read_text(), tmp_path / "mark"
    script.write_text(f"open({str(mark)!r}, 'a').write('x')\nraise SystemExit('no such module')\n")
    done = ablate(*words, cwd=tmp_path, check=2)
    assert "the trainer fails in a short run of" in done.stderr
    assert "exit code 1: no such module" in done.stderr
    assert (tmp_path / re.search(r"its output is in (\S+);", done.stderr)[1]).exists()
    assert len(mark.read_text()) <= 4  # two short runs of one kind, each tried twice
    assert not list((tmp_path / "s").rglob("results/**/*.json"))
    script.write_text(good)
    ablate(*words, cwd=tmp_path)
