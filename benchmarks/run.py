"""`make bench`: ppodiag beside its peers, in one run on this machine, as a Markdown table.

The plain environment is made under .bench: the wheel's plain dependencies and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1])]
from inputs import LINES, make_inputs  # noqa: E402  (beside this file, and it needs the path)
from measure import Command, run_interleaved  # noqa: E402  (the same)

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / ".bench"
MANY = 1000


def plain_environment() -> Path:
    """The folder of the plain environment's programs, made anew when the sources changed."""
    folder = BENCH / "plain"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run(
        [folder / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check",
         "-c", ROOT / "constraints.txt", ROOT],
        check=True,
    )  # fmt: skip
    subprocess.run(
        [folder / "bin" / "python", "-m", "compileall", "-q", folder / "lib"], check=False
    )
    return folder / "bin"


def peer(name: str) -> str | None:
    """The path of a peer's program in the development environment, or on the path."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def add(commands: list[Command], missing: list[str], name: str, program: str, *words: str) -> None:
    """Add a peer's command, or note that it is not measured."""
    path = peer(program)
    if path is None:
        missing.append(name)
    else:
        commands.append(Command(name, [path, *words]))


def table(title: str, commands: list[Command], base: Command, missing: list[str]) -> None:
    """Print a table: median, ratio to the base, peak memory."""
    print(f"\n### {title}\n\n| command | median | ratio | peak memory |\n|---|---:|---:|---:|")
    for command in commands:
        print(
            f"| {command.name} | {1000 * command.median:.1f} ms | "
            f"{command.median / base.median:.2f} | {command.peak / 2**20:.0f} MB |"
        )
    for name in missing:
        print(f"| {name} | not measured |  |  |")


def loops(repetitions: int) -> None:
    """Print the table of the simulator's loops beside torch's schedulers, interleaved."""
    names = ("learning-rates", "one-cycle", "closed-loop", "torch")
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(repetitions):
        for name in names:
            done = subprocess.run(
                [sys.executable, Path(__file__).with_name("loops.py"), name],
                capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
            if done.returncode == 0:
                found[name].append(json.loads(done.stdout))
    print(
        "\n### Loops of the simulator\n\n| loop | median | a step | peak memory |\n|---|---:|---:|---:|"
    )
    titles = {
        "learning-rates": "learning rates of 10,000,000 minibatch steps, cycles of 5,000",
        "one-cycle": "the same in one cycle of 10,000,000",
        "closed-loop": "closed loop, 1,000 seeds × 10,000 updates",
        "torch": "torch SequentialLR, 20,000 steps",
    }
    each = {}
    for name, runs in found.items():
        if not runs:
            print(f"| {titles[name]} | not measured |  |  |")
            continue
        median = statistics.median(run["seconds"] for run in runs)
        each[name] = median / runs[0]["count"]
        peak = max(run["peak"] for run in runs) / 2**20
        print(f"| {titles[name]} | {median:.3f} s | {1e9 * each[name]:,.1f} ns | {peak:.0f} MB |")
    if len(each) == 4:
        ratios = [each["torch"] / each[name] for name in ("one-cycle", "learning-rates")]
        print(
            f"\nA step of torch's schedulers takes {ratios[0]:,.0f} times as long as one of ppodiag's "
            f"that is evaluated, and {ratios[1]:,.0f} times as long as one that an earlier cycle gave."
        )


ACCUMULATOR = """
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
found.Reload()
print(sum(len(found.Scalars(tag)) for tag in found.Tags()["scalars"]))
"""


def diagnoses(plain: Path, repetitions: int) -> None:
    """Print the table of reading and judging logs, beside TensorBoard's own accumulator."""
    from logs import write_csv, write_events

    folder = BENCH / "logs"
    one, many, table_file = folder / "one", folder / "many", folder / "table.csv"
    if not table_file.exists():
        write_events(one)
        for index in range(20):
            shutil.copytree(one, many / f"{index:02}")
        write_csv(table_file)
    here = [sys.executable, "-m", "ppodiag", "diagnose"]
    commands = [
        Command("python -c pass", [str(plain / "python"), "-c", "pass"]),
        Command("ppodiag diagnose, 55,810 scalars", [*here, str(one)]),
        Command("EventAccumulator alone, the same file",
                [sys.executable, "-c", ACCUMULATOR, str(one)]),
        Command("ppodiag diagnose, 20 such runs", [*here, *map(str, sorted(many.iterdir()))]),
        Command("ppodiag diagnose, a CSV of 1,000,000 rows", [*here, str(table_file)]),
    ]  # fmt: skip
    run_interleaved(commands, repetitions)
    table("Diagnosing logs", commands, commands[0], [])


def simulations(plain: Path, repetitions: int) -> None:
    """Print the table of the command, on the real configuration where it lies beside the project."""
    real = ROOT.parent / "shared/corpus/vidurrl/configs/ppo_warmstart@8196a6c.json"
    config = str(real if real.exists() else ROOT / "examples" / "ill.json")
    drawn = str(BENCH / "picture.png")
    here = [sys.executable, "-m", "ppodiag", "simulate", config, "--exit-zero"]
    os.environ["PYTHONPATH"] = str(ROOT)
    commands = [
        Command("python -c pass", [str(plain / "python"), "-c", "pass"]),
        Command("python -c 'import numpy'", [sys.executable, "-c", "import numpy"]),
        Command("ppodiag simulate --format json", [*here, "--format", "json"]),
        Command("ppodiag simulate", here),
        Command("ppodiag simulate --plot FILE.png", [*here, "--plot", drawn]),
    ]
    run_interleaved(commands, repetitions)
    table(f"Simulating {Path(config).name}", commands, commands[0], [])


def trainings(repetitions: int, peers: Path | None) -> None:
    """Print the tables of whole training loops on CartPole-v1, interleaved, beside SB3's."""
    from peers import PEERS, run_peer

    wide = ("sb3", "one seed")
    runs = [("sb3", 8, 12), *((arm, 8, 12) for arm in _ARMS), *((arm, 64, 3) for arm in wide)]
    found: dict[tuple[str, int], list[dict[str, float]]] = {}
    for _ in range(repetitions):
        for arm, envs, updates in runs:
            done = subprocess.run(
                [sys.executable, Path(__file__).with_name("training.py"), arm, str(envs), str(updates)],
                capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
            if done.returncode == 0:
                found.setdefault((arm, envs), []).append(json.loads(done.stdout))
    for envs in (8, 64):
        print(
            f"\n### Training CartPole-v1, {envs} environments × 128 steps\n\n"
            "| trainer | env steps/s | ratio | peak memory |\n|---|---:|---:|---:|"
        )
        base = statistics.median(
            [run["env_steps_per_second"] for run in found.get(("sb3", envs), [])] or [float("nan")]
        )
        for arm, of, _ in runs:
            if of == envs:
                print(_training_row(arm, found.get((arm, envs), []), base))
        if envs == 8:
            for name in PEERS:
                row = [run_peer(name, peers)] if peers else []
                print(_training_row(name, [found for found in row if found], base))


_ARMS = (
    "one seed", "8 seeds", "16 seeds", "plain", "schedule", "adaptive", "accumulation",
    "checkpointing", "early stop", "normalizers", "everything",
)  # fmt: skip
_TITLES = {
    "sb3": "Stable-Baselines3",
    "one seed": "reference_trainer, one seed, clipping",
    "8 seeds": "reference_trainer, 8 seeds at once, in sum",
    "16 seeds": "reference_trainer, 16 seeds at once, in sum",
    "plain": "one seed, no feature",
    "schedule": "one seed, cosine schedule",
    "adaptive": "one seed, adaptive batch size",
    "accumulation": "one seed, accumulation of 2",
    "checkpointing": "one seed, checkpointing",
    "early stop": "one seed, early stop enabled",
    "normalizers": "one seed, both normalizers",
    "everything": "one seed, all of these",
}


def _training_row(arm: str, runs: list[dict[str, float]], base: float) -> str:
    name = _TITLES.get(arm, arm)
    if not runs:
        return f"| {name} | not measured |  |  |"
    speed = statistics.median(run["env_steps_per_second"] for run in runs)
    peak = max(run["peak"] for run in runs) / 2**20
    return f"| {name} | {speed:,.0f} | {speed / base:.2f} | {peak:.0f} MB |"


def ablations() -> None:
    """A full ablation on each of the two environments, beside the same runs in SB3."""
    for env in ("CartPole-v1", "replica-scheduling"):
        print(f"\n### A full ablation: {env}\n", flush=True)
        subprocess.run(
            [sys.executable, ROOT / "benchmarks" / "ablation.py", "--env", env], check=True
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=15)
    parser.add_argument("--peers", type=Path, help="checkouts of CleanRL, LeanRL and PureJaxRL")
    parser.add_argument("--only", choices=["training", "ablation"], help="this part alone")
    given = parser.parse_args()
    repetitions = given.repetitions
    if given.only == "training":
        trainings(max(3, repetitions // 3), given.peers)
        return
    if given.only == "ablation":
        ablations()
        return
    plain = plain_environment()
    inputs = make_inputs(BENCH / "inputs", MANY)
    schema = str(ROOT / "schemas" / "ppo-config.schema.json")
    python, ppodiag = str(plain / "python"), str(plain / "ppodiag")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"files of {LINES} lines; median of {repetitions} interleaved repetitions"
    )
    missing: list[str] = []
    one = [
        Command("python -c pass", [python, "-c", "pass"]),
        Command("ppodiag lint, a clean file", [ppodiag, "lint", str(inputs["clean"])]),
        Command("ppodiag lint, ten findings as text", [ppodiag, "lint", str(inputs["ill"])]),
        Command("python -m jsonschema", [python, "-W", "ignore", "-m", "jsonschema", "-i",
                                         str(inputs["clean"]), schema]),
    ]  # fmt: skip
    add(one, missing, "check-jsonschema", "check-jsonschema", "--schemafile", schema,
        str(inputs["clean"]))  # fmt: skip
    add(one, missing, "jsonvet", "jsonvet", str(inputs["clean"]))
    add(one, missing, "ruff check, one Python file", "ruff", "check", "--no-cache", "--isolated",
        str(inputs["python"] / "m0000.py"))  # fmt: skip
    run_interleaved(one, repetitions)
    table("One file", one, one[0], missing)
    missing = []
    files = sorted(map(str, inputs["many"].glob("*.json")))
    many = [
        Command(f"ppodiag lint, {MANY} clean files", [ppodiag, "lint", str(inputs["many"])]),
        Command("the same, --jobs 1", [ppodiag, "lint", "--jobs", "1", str(inputs["many"])]),
    ]
    add(many, missing, "check-jsonschema", "check-jsonschema", "--schemafile", schema, *files)
    add(many, missing, "jsonvet", "jsonvet", str(inputs["many"]))
    add(many, missing, "ruff check, as many Python files", "ruff", "check", "--no-cache",
        "--isolated", str(inputs["python"]))  # fmt: skip
    run_interleaved(many, max(3, repetitions // 3))
    table(f"{MANY} files in one call (ratio to ruff's, or to the first)", many, many[-1], missing)
    simulations(plain, max(5, repetitions // 2))
    loops(max(3, repetitions // 3))
    diagnoses(plain, max(3, repetitions // 4))
    trainings(max(3, repetitions // 3), given.peers)
    ablations()


if __name__ == "__main__":
    main()
