"""`ppodiag ablate --executor …` as a person runs it: the commands of docs/executors.md, and refusals."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ppodiag.commands import executor_options
from ppodiag.commands.executor_options import check_executor
from ppodiag.errors import UsageError
from tests.conftest import ROOT, require

FAKE = Path(__file__).with_name("fake_trainer.py")
SHORTER = ["--arms", "no-clipping", "--seeds", "2", "--timing-rounds", "1"]


def page_commands() -> list[list[str]]:
    """The words of the three commands that the page shows."""
    page = (ROOT / "docs" / "executors.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    found = [shlex.split(line) for line in block.splitlines()]
    assert [words[:2] for words in found] == [["ppodiag", "ablate"]] * 3
    return found


def start(words: list[str], folder: Path, **env: str) -> subprocess.Popen[str]:
    """The command, in a folder with its configuration and `train.py`."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.Popen(
        [sys.executable, "-m", *words, *SHORTER],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ablate(words: list[str], folder: Path, check: int = 0, **env: str) -> tuple[str, str]:
    done = start(words, folder, **env)
    out, errors = done.communicate(timeout=240)
    assert "Traceback" not in errors, errors
    assert done.returncode == check, out + errors
    return out, errors


def results(store: Path) -> dict[str, Any]:
    """Results by unit, without what depends on time and machine."""
    found = {}
    for path in sorted((store / "results").rglob("*.json")):
        result = json.loads(path.read_text())
        result.pop("measured")
        found[result["unit"]] = result
    return found


@pytest.fixture
def study(tmp_path: Path, config: Path) -> Path:
    """A folder with ppo.json and train.py."""
    shutil.copy(FAKE, tmp_path / "train.py")
    assert config.parent == tmp_path
    return tmp_path


def test_the_commands_of_the_page_end_with_the_same_results(study: Path) -> None:
    """Local, Ray and Slurm's stand-in; Ray's is ended by SIGTERM first, and nothing of it is left.

    Then results are taken out of the store that Ray filled, and another executor fills it again: a study
    that was begun under one ends under the other.
    """
    require(find_spec("ray"), "ray")
    require(find_spec("submitit"), "submitit")
    local, on_ray, on_slurm = page_commands()
    out, _ = ablate([*local, "--out", "local"], study)
    whole = results(study / "local")
    assert len(whole) == 2 + 4 + 2

    mark = study / "mark"
    begun = start([*on_ray, "--out", "ray"], study, FAKE_SLEEP="60", FAKE_MARK=str(mark))
    until = time.monotonic() + 200
    while not mark.exists() and time.monotonic() < until:
        time.sleep(0.1)
    begun.send_signal(signal.SIGTERM)
    _, errors = begun.communicate(timeout=60)
    assert begun.returncode == 130, errors
    assert "the same command goes on" in errors
    assert processes_of(begun.pid) == []

    out_ray, errors = ablate([*on_ray, "--out", "ray"], study)
    assert "ray: started on this machine, 1 node" in errors
    assert "interrupted" not in errors
    assert results(study / "ray") == whole
    assert verdicts(out_ray) == verdicts(out)

    ablate([*on_slurm, "--out", "slurm"], study)
    assert results(study / "slurm") == whole

    runs = study / "ray" / "results" / "learning" / "no-clipping"
    (runs / "seed-0.json").unlink()
    (study / "ray" / "results" / "timing" / "all-on" / "round-0.json").unlink()
    again = study / "again"
    ablate([*on_slurm, "--slurm-cluster", "debug", "--out", "ray"], study, FAKE_MARK=str(again))
    assert len(again.read_text().splitlines()) == 2
    assert results(study / "ray") == whole


def verdicts(report: str) -> list[str]:
    """The lines of the report that neither time nor machine nor the command changes."""
    found = [line for line in report.splitlines() if re.match(r"(all-on|no-clipping) +\w", line)][
        :2
    ]
    assert len(found) == 2
    return found


def processes_of(pid: int) -> list[str]:
    """Command lines of Ray's processes whose session that process began."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if re.search(rf"/session_[\d_-]+_{pid}\b", words):
            found.append(words)
    return found


GIVEN: dict[str, Any] = {
    "executor": "local", "gpus": None, "cpus": None, "mem": None, "jobs": None, "ray_address": None,
    "ray_working_dir": None, "slurm_cluster": None, "slurm_partition": None, "slurm_time": None,
    "slurm_set": (),
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said", "remedy"),
    [
        ({"gpus": 1}, "--gpus has no part in --executor local", "--executor ray"),
        (
            {"ray_address": "auto"},
            "--ray-address has no part in --executor local",
            "--executor ray",
        ),
        (
            {"executor": "ray", "slurm_set": ("a=b",)},
            "--slurm-set has no part in --executor ray",
            "add --executor slurm",
        ),
        ({"executor": "ray", "gpus": 1.5}, "a part of one GPU, or whole ones", "such a number"),
        ({"executor": "slurm", "gpus": 0.5}, "gets whole GPUs", "such a number"),
        ({"executor": "slurm", "slurm_set": ("=x",)}, "names no option of sbatch", "account=rl"),
        ({"mem": "4 apples"}, "is no size of memory", "16GB"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    given: dict[str, Any], said: str, remedy: str
) -> None:
    """Nothing is passed over in silence."""
    with pytest.raises(UsageError) as caught:
        check_executor(GIVEN | given)
    assert said in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(("name", "package"), [("ray", "ray"), ("slurm", "submitit")])
def test_a_missing_extra_is_named_with_how_to_install_it(
    tmp_path: Path, config: Path, name: str, package: str
) -> None:
    """Exit code 2, before anything is written or run."""
    hide = f"import sys; sys.modules[{package!r}] = None; from ppodiag._main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hide, "ablate", str(config), "--executor", name],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"--executor {name} needs {package}, which is not installed" in done.stderr
    assert f"pip install 'ppodiag[{name}]'" in done.stderr
    assert list(tmp_path.iterdir()) == [config]


def test_the_extras_are_what_executors_need() -> None:
    """Each extra that a remedy names is in pyproject.toml and brings the package."""
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    for name, package in executor_options.PACKAGES.items():
        assert re.match(rf"{package}\b", extras[name][0])


def test_dead_knobs_stay_on_one_machine(tmp_path: Path, config: Path) -> None:
    """Bits of different machines are not compared: refused, with what to do."""
    words = ["ppodiag", "ablate", str(config), "--dead-knobs", "--executor", "ray"]
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--executor ray has no part in --dead-knobs" in done.stderr


def test_cores_and_memory_of_a_process_bound_how_many_run_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """8 cores and 16 GB hold 4 processes of 2 cores, 3 of 5 GB, and always one."""
    from ppodiag.ablate.executors import local

    monkeypatch.setattr(local.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(local, "_free_bytes", lambda: 16 * 10**9)
    assert executor_options.local_jobs(GIVEN) == 8
    assert executor_options.local_jobs(GIVEN | {"cpus": 2}) == 4
    assert executor_options.local_jobs(GIVEN | {"mem": "5GB"}) == 3
    assert executor_options.local_jobs(GIVEN | {"mem": "50GB", "cpus": 16}) == 1
    assert executor_options.local_jobs(GIVEN | {"cpus": 2, "jobs": 6}) == 6
