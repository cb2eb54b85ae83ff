"""`ppodiag simulate` as its users call it."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ppodiag.healthy import with_changes
from tests.conftest import ROOT, Run, require

ABS = "advanced_optimization.adaptive_batch_size"
LRS = "advanced_optimization.learning_rate_schedule"
ON = {
    ABS: {"enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 0.1},
    "training.ppo_requests": 51200,
    f"{LRS}.warmup_steps": 700,
    f"{LRS}.restart_period": 6660,
}
FIXED = {"training.ppo_requests": 51200, f"{LRS}.warmup_steps": 700, f"{LRS}.restart_period": 6660}


def write(folder: Path, changes: dict[str, Any], name: str = "ppo.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(with_changes(changes), indent=2), encoding="utf-8")
    return path


def test_summary_of_a_fixed_batch(ppodiag: Run, tmp_path: Path) -> None:
    """T = 51,200, R = 1,024, S = 4,096: U = 50, D = 4, N = 46 · 160 = 7,360; W ends in update 5."""
    write(tmp_path, FIXED)
    done = ppodiag("simulate", "ppo.json")
    assert done.returncode == 0
    for line in (
        "  updates               46 applied, of 50 rollouts of 1,024 samples, the first 4 skipped",
        "  minibatch steps       7,360",
        "  optimizer steps       3,680",
        # t = 700 falls into the fifth update (640 to 799), after rollout 9.
        "  warm-up               ends at 9,216 env steps (18% of the run), in update 5 of 46",
        "  cosine cycles         1.00 of 6,660 minibatch steps",
        "the minibatch size is fixed",
        "ppodiag lint finds nothing at warning or above.",
    ):
        assert line in done.stdout.splitlines()
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_summary_of_an_adaptive_batch(ppodiag: Run, tmp_path: Path) -> None:
    """Medians and intervals are shown, and what is assumed is called so."""
    write(tmp_path, ON)
    done = ppodiag("simulate", "ppo.json", "--seeds", "10")
    assert (
        "noise:norm=0.5,share=0.5,sigma=0.15,phi=0 (assumed); median [5% to 95%] of 10 seeds"
        in (done.stdout)
    )
    for label in ("minibatch size", "at a bound", "swing", "feedback", "gradient norm"):
        assert f"\n  {label} " in done.stdout
    assert "7,360 if the size stays 64" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_results_reproduce(ppodiag: Run, tmp_path: Path) -> None:
    """The same seed prints the same digits; another seed prints others."""
    write(tmp_path, ON)
    first, again, other = (
        ppodiag("simulate", "ppo.json", "--format", "json", "--seed", seed).stdout
        for seed in ("1", "1", "2")
    )
    assert first == again
    assert first != other


def test_json(ppodiag: Run, tmp_path: Path) -> None:
    """Figures are numbers with units in their names; rows come with --every."""
    write(tmp_path, ON)
    done = ppodiag("simulate", "ppo.json", "--format", "json", "--every", "update", "--seeds", "4")
    run = json.loads(done.stdout)["runs"][0]
    assert run["figures"]["applied_updates"] == 46
    assert run["figures"]["lr"]["peak"] == 3e-4
    assert set(run["figures"]["minibatch_steps"]) == {"median", "p05", "p95"}
    assert run["norms_assumed"] is True
    assert run["seeds"] == [0, 1, 2, 3]
    assert len(run["rows"]["update"]) == 4 * 50
    assert run["rows"]["pg_grad_norm"][0] is None  # skipped
    plain = json.loads(ppodiag("simulate", "ppo.json", "--format", "json").stdout)
    assert "rows" not in plain["runs"][0]


def test_csv_rows(ppodiag: Run, tmp_path: Path) -> None:
    """One row a step; numbers read back exactly."""
    write(tmp_path, FIXED)
    done = ppodiag("simulate", "ppo.json", "--format", "csv", "--every", "minibatch")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 7360
    assert rows[699]["tick"] == "699"
    assert float(rows[699]["lr"]) == 3e-4 * (699 / 700)
    assert float(rows[700]["lr"]) == 3e-4
    assert [row["ends_window"] for row in rows[:4]] == ["False", "True", "False", "True"]


def test_parquet_holds_what_csv_holds(ppodiag: Run, tmp_path: Path) -> None:
    """Both formats give one table, of two profiles too."""
    try:
        import pandas
        import pyarrow
    except ImportError:
        pandas = pyarrow = None
    require(pandas is not None and pyarrow is not None, "pandas and pyarrow")
    write(tmp_path, ON)
    both = ("simulate", "ppo.json", "--profile", "note", "--profile", "sb3", "--seeds", "2")
    assert ppodiag(*both, "--format", "csv", "-o", "rows.csv").returncode == 0
    assert ppodiag(*both, "--format", "parquet", "-o", "rows.parquet").returncode == 0
    one = pandas.read_csv(tmp_path / "rows.csv")
    other = pandas.read_parquet(tmp_path / "rows.parquet")
    pandas.testing.assert_frame_equal(one, other, check_dtype=False)
    assert one.groupby("profile").size().to_dict() == {"note": 100, "sb3": 100}
    assert not list(tmp_path.glob("*.tmp*"))


def test_comparison_marks_what_differs(ppodiag: Run, tmp_path: Path) -> None:
    """Two files side by side; a star where a figure differs."""
    write(tmp_path, FIXED, "old.json")
    write(tmp_path, {**FIXED, "ppo_config.lr": 1e-4}, "new.json")
    done = ppodiag("simulate", "old.json", "--compare", "new.json")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["old.json", "new.json"]
    assert next(line for line in lines if "minibatch steps" in line).startswith("  minibatch")
    assert next(line for line in lines if "peak LR" in line).split() == (
        ["*", "peak", "LR", "0.0003", "0.0001"]
    )


def test_profiles_side_by_side(ppodiag: Run, tmp_path: Path) -> None:
    """What other runtimes make of one file, three columns to a block."""
    write(tmp_path, FIXED)
    names = ["note", "torch-optimizer-step", "sb3", "cleanrl"]
    done = ppodiag("simulate", "ppo.json", *(w for n in names for w in ("--profile", n)))
    heads = [line for line in done.stdout.splitlines() if line.startswith(" " * 24)]
    assert heads[0].split() == names[:3]
    assert "cleanrl" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_picture(ppodiag: Run, tmp_path: Path, suffix: str) -> None:
    """Each format opens; the SVG's texts name what is drawn; equal calls give equal files."""
    require(importlib.util.find_spec("matplotlib"), "matplotlib")
    write(tmp_path, ON)
    for name in (f"a.{suffix}", f"b.{suffix}"):
        done = ppodiag("simulate", "ppo.json", "--seeds", "5", "--plot", name)
        assert done.returncode == 0
        assert done.stderr == f"wrote {name}\n"
    data = (tmp_path / f"a.{suffix}").read_bytes()
    assert data == (tmp_path / f"b.{suffix}").read_bytes()
    if suffix == "svg":
        text = data.decode()
        for words in ("warm-up", "floor 3e-05", "updates skipped", "minibatch size in samples",
                      "max_grad_norm 0.5", "environment steps", "5 seeds"):  # fmt: skip
            assert words in text
    elif suffix == "png":
        from PIL import Image

        with Image.open(tmp_path / "a.png") as image:
            assert image.size[0] == 1350
            assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 50
    else:
        assert data.startswith(b"%PDF")


def test_sweep_answers(ppodiag: Run, tmp_path: Path) -> None:
    """Of 7,360 minibatch steps a quarter is 1,840: warm-ups up to 1,800 draw no finding."""
    write(tmp_path, {**FIXED, f"{LRS}.restart_period": 3000})
    done = ppodiag("simulate", "ppo.json", "--sweep", "warmup_steps=200:3000:15")
    assert "15 values of advanced_optimization.learning_rate_schedule.warmup_steps" in done.stdout
    rows = [line for line in done.stdout.splitlines() if line.startswith(("  ·", "    "))]
    marked = [line.split()[1] for line in rows if line.startswith("  ·")]
    assert "1,800" in marked
    assert not {"2,000", "2,200"} & set(marked)
    assert any(line.split()[0] == "2,000" and "LR102 (warning)" in line for line in rows)


def test_sweep_of_two_keys(ppodiag: Run, tmp_path: Path) -> None:
    """A grid of two keys, as text and as JSON, and its heat map."""
    write(tmp_path, ON)
    words = ("simulate", "ppo.json", "--seeds", "3", "--sweep", "warmup_steps=0,500,4000",
             "--sweep", "adaptation_rate=0.1,0.3")  # fmt: skip
    done = ppodiag(*words)
    assert "6 points of" in done.stdout
    assert "findings: BS208 at 3 points" in done.stdout
    grid = done.stdout.splitlines()[-5:-2]
    assert [line.split()[0] for line in grid] == ["0", "500", "4,000"]
    assert grid[2].split()[1].endswith("E")
    found = json.loads(ppodiag(*words, "--format", "json").stdout)
    assert [p["values"][f"{LRS}.warmup_steps"] for p in found["points"]] == [
        0,
        0,
        500,
        500,
        4000,
        4000,
    ]
    assert "BS208" in found["points"][1]["findings"]
    require(importlib.util.find_spec("matplotlib"), "matplotlib")
    assert ppodiag(*words, "--plot", "grid.svg").returncode == 0
    assert "mean LR / lr" in (tmp_path / "grid.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "no file is named"),
        (("nowhere.json",), "nowhere.json"),
        (("ppo.json", "--every", "update"), "text has no rows of the run"),
        (("ppo.json", "--format", "parquet"), "Parquet is no text"),
        (("ppo.json", "--plot", "a.bmp"), "no picture can end so"),
        (("ppo.json", "--norms", "gauss"), "no model of norms is called 'gauss'"),
        (("ppo.json", "--profile", "tf"), "no profile is called 'tf'"),
        (("ppo.json", "--set", "ppo_config.lr=fast"), "lr must be a number, not the string"),
        (("ppo.json", "--sweep", "warmup=0:1:2"), "did you mean warmup_steps?"),
        (("ppo.json", "--sweep", "enable=true,false"), "several keys are called enable"),
        (("ppo.json", "--sweep", "warmup_steps=0:x:2"), "A and B are numbers"),
        (("ppo.json", "--sweep", "warmup_steps=0:1"), "is not KEY=A:B:N"),
        (("ppo.json", "--sweep", "warmup_steps=0:1:9999"), "1 to 2,500 values"),
        (("ppo.json", "--sweep", "lr=0.1", "--format", "csv"), "a sweep has no rows"),
        (("ppo.json", "ppo.json", "--sweep", "lr=0.1"), "one configuration and one profile"),
        (("ppo.json", "--sweep", "rollout_len=0,-1"), "no value can be simulated"),
        (("broken.json",), "broken.json:1: "),
        (("ppo.json", "--plot", "nowhere/a.png"), "cannot write nowhere/a.png"),
    ],
)  # fmt: skip
def test_errors(ppodiag: Run, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    """Each mistake is named with a remedy, with exit code 2 and no traceback."""
    write(tmp_path, ON)
    (tmp_path / "broken.json").write_text('{"ppo_config": }')
    done = ppodiag("simulate", *words)
    assert done.returncode == 2
    assert message in done.stderr + done.stdout
    assert "  = help: " in done.stderr
    assert "Traceback" not in done.stderr


def test_findings_decide_the_exit_code(ppodiag: Run, tmp_path: Path) -> None:
    """A batch that is pinned is a warning: 1, or 0 with --exit-zero or --fail-on error."""
    write(tmp_path, {**ON, "$ppodiag": {"profile": "note,batch_reference=max_grad_norm"}})
    words = ("simulate", "ppo.json", "--norms", "noise:norm=0.7,share=0.5,sigma=0.15")
    done = ppodiag(*words)
    assert done.returncode == 1
    assert "warning[TRJ002]" in done.stdout
    assert "  = help: " in done.stdout
    assert ppodiag(*words, "--exit-zero").returncode == 0
    assert ppodiag(*words, "--fail-on", "error").returncode == 0


def test_standard_input_and_settings(ppodiag: Run, tmp_path: Path) -> None:
    """`-` is read, --set and --total-env-steps count, and so does the project's profile."""
    (tmp_path / "pyproject.toml").write_text('[tool.ppodiag]\nprofile = "cleanrl"\n')
    text = json.dumps(with_changes({**FIXED, "$ppodiag": {}, f"{LRS}.warmup_steps": 10}))
    done = ppodiag(
        "simulate", "-", "--total-env-steps", "1e5", "--set", "ppo_config.lr=1e-4", input=text
    )
    assert done.stdout.startswith("<stdin> under profile cleanrl\n")
    assert "  environment steps     100,000" in done.stdout
    assert "peak 0.0001" in done.stdout


def test_chart_on_a_terminal(tmp_path: Path) -> None:
    """On a terminal the learning rate is drawn in dots; --no-chart leaves it out."""
    pty = pytest.importorskip("pty")
    write(tmp_path, ON)

    def screen(*more: str) -> str:
        master, slave = pty.openpty()
        words = [sys.executable, "-m", "ppodiag", "simulate", "ppo.json", "--seeds", "5", *more]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "TERM": "xterm"}
        env.pop("NO_COLOR", None)
        with subprocess.Popen(words, cwd=tmp_path, stdout=slave, stderr=slave, env=env) as process:
            os.close(slave)
            found = b""
            while True:
                try:
                    part = os.read(master, 65536)
                except OSError:
                    break
                if not part:
                    break
                found += part
            process.wait(timeout=60)
        os.close(master)
        return found.decode()

    drawn = screen()
    assert "learning rate\r\n" in drawn
    assert sum("⠀" <= c <= "⣿" for c in drawn) > 300
    assert "\x1b[1m" in drawn
    assert "⣀" not in screen("--no-chart")


def test_help_and_summary_load_nothing_heavy() -> None:
    """The summary needs neither torch, pandas, matplotlib nor pyarrow."""
    code = (
        "import sys; from ppodiag.cli import run\n"
        "run(['simulate', '--help']); first = 'numpy' in sys.modules\n"
        "run(['simulate', 'examples/healthy.json', '--format', 'json'])\n"
        "heavy = {'torch', 'pandas', 'matplotlib', 'pyarrow', 'scipy'} & set(sys.modules)\n"
        "print('loaded', sorted(heavy), first)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.rstrip().endswith("loaded [] False")


def test_real_configuration(ppodiag: Run, corpus_config: Path) -> None:
    """N_mb 2,496 and N_opt 1,248 at the initial size; warm-up 40%, final λ 0.8156, mean 0.7615."""
    fixed = json.loads(
        ppodiag(
            "simulate", corpus_config, "--format", "json", "--set", f"{ABS}.enable=false"
        ).stdout
    )["runs"][0]
    figures = fixed["figures"]
    assert (figures["minibatch_steps"], figures["optimizer_steps"]) == (2496, 1248)
    assert fixed["steps_are_upper_bounds"] is True
    assert figures["lr"]["final"] == pytest.approx(0.008156, abs=1e-6)
    assert figures["lr"]["mean"] == pytest.approx(0.007615, abs=1e-6)
    # t = 1,000 falls into update 16 of 64 ticks each: 16 · 512 = 8,192 env steps.
    assert figures["warmup_ends"] == {
        "env_steps": 8192, "share_of_run": 0.4096, "update": 16, "never_share": 0.0
    }  # fmt: skip
    adaptive = ppodiag("simulate", corpus_config)
    assert "at most" in adaptive.stdout
    for code in ("LR111", "UNIT702", "STB601", "UNIT701", "LR102", "LR103"):
        assert code in adaptive.stdout


def test_memory_of_the_real_configuration(ppodiag: Run, corpus_config: Path) -> None:
    """7,068,741 weights of 4 bytes; gradients as many, Adam twice; what checkpointing saves."""
    text = ppodiag("simulate", corpus_config, "--format", "json").stdout
    memory = json.loads(text)["runs"][0]["figures"]["memory_bytes"]
    assert memory["parameters"] == memory["gradients"] == 4 * 7_068_741
    assert memory["optimizer"] > 2 * memory["parameters"]
    assert memory["total_at_min"] < memory["total"] < memory["total_at_max"]
    assert memory["total_plain"] > memory["total"]


def test_networks_that_are_not_described(ppodiag: Run, tmp_path: Path) -> None:
    """Without an architecture there is no estimate, and the line says so."""
    write(tmp_path, FIXED)
    done = ppodiag("simulate", "ppo.json")
    assert "  memory                not estimated: the file does not say what the networks are" in (
        done.stdout.splitlines()
    )


def test_norms_of_a_recorded_run(ppodiag: Run, tmp_path: Path) -> None:
    """A JSONL log is replayed with its early stops, and a model is fitted to it, with its goodness."""
    write(tmp_path, {**ON, "ppo_config.stabilization_steps": 0})
    rows = [
        {"update": k, "pg_grad_norm": 1.0 + k % 3, "minibatch_size": 64, "minibatch_steps": 10}
        for k in range(50)
    ]
    (tmp_path / "run.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = ppodiag("simulate", "ppo.json", "--norms", "run:run.jsonl", "--format", "json")
    run = json.loads(done.stdout)["runs"][0]
    assert run["notes"] == [
        "50 norms from run.jsonl, not rescaled to the simulated minibatch size; early stops are "
        "replayed"
    ]
    assert run["steps_are_upper_bounds"] is False
    fitted = ppodiag("simulate", "ppo.json", "--norms", "fit:run.jsonl")
    assert "note: used: lognormal:norm=" in fitted.stdout
    assert "fits 50 norms with AICc" in fitted.stdout
    assert "the minibatch size hardly varied" in fitted.stdout
    wanted = ppodiag("simulate", "ppo.json", "--norms", "fit:run.jsonl,model=noise")
    assert wanted.returncode == 2
    assert "noise cannot be fitted" in wanted.stderr


def test_cycles_too_short_to_draw(ppodiag: Run, tmp_path: Path) -> None:
    """A million cycles are drawn as a band from floor to peak, and not as a pattern that is not there."""
    write(tmp_path, {f"{LRS}.restart_period": 100, "training.ppo_requests": 10**9})
    done = ppodiag("simulate", "ppo.json", "--chart", "--no-chart", "--chart")
    assert done.stdout.startswith("learning rate; cycles too short to draw: floor, mean and peak")
    rows = [line.partition("┤")[2] for line in done.stdout.splitlines()[1:8]]
    assert sum(len(row.strip("\u2800")) > 60 for row in rows) == 3
