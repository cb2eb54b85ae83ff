"""How fast it learns: returns over seeds, beside Stable-Baselines3 at the same hyperparameters.

    python benchmarks/learning.py run ours:sb3 --seeds 0..9 --env-steps 500000
    python benchmarks/learning.py run sb3:sb3 --seeds 0..9 --env-steps 500000
    python benchmarks/learning.py table
    python benchmarks/learning.py plot docs/pictures/learning.svg

`run` writes a file under .bench/learning (or --out); `table` prints Markdown from all files there
(`each` a line a seed), `compare` tests two arms, and `plot` draws all.
Peers run on one thread each, as the trainer does.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1])]
from learning_arms import PROFILES, ours, sb3  # noqa: E402  (not a package)
from learning_curves import LEVELS, Curve, chance, interval  # noqa: E402  (the same)

FOLDER = Path(__file__).resolve().parents[1] / ".bench" / "learning"
MARKS = 5  # places of a run at which the table gives the running mean


def seed_list(text: str) -> list[int]:
    """`0..9` or `3`."""
    first, _, last = text.partition("..")
    return list(range(int(first), int(last or first) + 1))


def run(arm: str, env: str, env_steps: int, seeds: list[int], out: Path) -> Path:
    """Train an arm and write its curves; the peer's file is complete after each seed."""
    out.mkdir(parents=True, exist_ok=True)
    which = f"{env.replace(':', '-')}.{env_steps}.{seeds[0]}-{seeds[-1]}"
    path = out / f"{arm.replace(':', '-')}.{which}.json"
    curves: list[Curve] = []
    trainer, _, profile = arm.partition(":")
    for group in [seeds] if trainer == "ours" else [[seed] for seed in seeds]:
        if trainer == "ours":
            curves += ours(profile, env, env_steps, group)
        else:
            curves += [sb3(profile, env, env_steps, seed) for seed in group]
        content = {"arm": arm, "env": env, "env_steps": env_steps, "python": sys.version,
                   "machine": platform.platform(), "curves": [c.as_dict() for c in curves]}  # fmt: skip
        path.write_text(json.dumps(content), encoding="utf-8")
    return path


def load(folder: Path) -> list[tuple[str, int, list[Curve]]]:
    """Arm, length and curves, of all files of a folder; seeds of several files are put together."""
    found: dict[tuple[str, int], list[Curve]] = {}
    for path in folder.glob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        arm = content["arm"]
        if content["env"] != "CartPole-v1":
            arm += f", {content['env']}"
        curves = found.setdefault((arm, content["env_steps"]), [])
        curves += [Curve(**curve) for curve in content["curves"]]
    return [
        (arm, length, sorted(curves, key=lambda curve: curve.seed))
        for (arm, length), curves in sorted(found.items(), key=lambda item: item[0][::-1])
    ]


def shown(values: list[float]) -> str:
    """Mean and interval."""
    mean, low, high = interval(values)
    return f"{mean:.0f} [{low:.0f}, {high:.0f}]"


def counted(curves: list[Curve], level: float) -> str:
    """How many seeds reached a level, and the median env step of all; a dash where half did not."""
    steps = [curve.reached(level) for curve in curves]
    reached = sorted(step for step in steps if step is not None)
    middle = len(steps) // 2
    median = f"{reached[middle]:,}" if middle < len(reached) else "–"
    return f"{len(reached)} of {len(steps)}, {median}"


def table(folder: Path) -> None:
    """Print a line an arm, with means over seeds and their intervals."""
    print(
        "Mean over seeds [95% interval], of the mean of the last 100 episodes; seeds that reached"
    )
    print("a level, and the median env step at which they did.\n")
    heads = [f"at {(k + 1) / MARKS:.0%}" for k in range(MARKS)]
    heads += ["mean of the run", "best", *(f"reached {level:.0f}" for level in LEVELS)]
    print("| arm | env steps | seeds | " + " | ".join(heads) + " |")
    print("|---|---:|---:|" + "---:|" * len(heads))
    for arm, length, curves in load(folder):
        marks = [round(length * (k + 1) / MARKS) for k in range(MARKS)]
        cells = [shown([curve.at(mark) for curve in curves]) for mark in marks]
        cells.append(shown([curve.over_the_run(length) for curve in curves]))
        cells.append(shown([curve.best() for curve in curves]))
        cells += [counted(curves, level) for level in LEVELS]
        print(f"| {arm} | {length:,} | {len(curves)} | " + " | ".join(cells) + " |")


def each(folder: Path) -> None:
    """Print a line a seed."""
    heads = ["best", "final", *(f"reached {level:.0f}" for level in LEVELS)]
    print("| arm | env steps | seed | " + " | ".join(heads) + " |")
    print("|---|---:|---:|" + "---:|" * len(heads))
    for arm, length, curves in load(folder):
        for curve in curves:
            cells = [f"{curve.best():.1f}", f"{curve.final():.1f}"]
            steps = (curve.reached(level) for level in LEVELS)
            cells += ["–" if step is None else f"{step:,}" for step in steps]
            print(f"| {arm} | {length:,} | {curve.seed} | " + " | ".join(cells) + " |")


def compare(folder: Path, env_steps: int, first: str, second: str) -> None:
    """Print how likely chance alone sets two arms so far apart."""
    arms = {arm: curves for arm, length, curves in load(folder) if length == env_steps}
    figures: dict[str, Callable[[Curve], float]] = {
        "final": Curve.final,
        "best": Curve.best,
        "mean of the run": lambda curve: curve.over_the_run(env_steps),
        f"reached {LEVELS[0]:.0f}, or the end": lambda c: c.reached(LEVELS[0]) or env_steps,
    }
    print(f"| | {first} | {second} | p |\n|---|---:|---:|---:|")
    for name, figure in figures.items():
        one, two = ([figure(curve) for curve in arms[arm]] for arm in (first, second))
        means = (f"{sum(values) / len(values):,.0f}" for values in (one, two))
        print(f"| {name} | " + " | ".join(means) + f" | {chance(one, two):.2f} |")


def main() -> None:
    """Train an arm, or print what there is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=FOLDER)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="train an arm")
    one.add_argument("arm", choices=[f"{by}:{name}" for by in ("ours", "sb3") for name in PROFILES])
    one.add_argument("--env", default="CartPole-v1")
    one.add_argument("--env-steps", type=int, default=500_000)
    one.add_argument("--seeds", type=seed_list, default=seed_list("0..9"))
    commands.add_parser("table", help="print a line an arm")
    commands.add_parser("each", help="print a line a seed")
    two = commands.add_parser("compare", help="two arms of one length, by a permutation test")
    two.add_argument("arms", nargs=2)
    two.add_argument("--env-steps", type=int, default=500_000)
    picture = commands.add_parser("plot", help="draw the curves")
    picture.add_argument("path")
    chosen = parser.parse_args()
    if chosen.command == "run":
        print(run(chosen.arm, chosen.env, chosen.env_steps, chosen.seeds, chosen.out))
    elif chosen.command == "table":
        table(chosen.out)
    elif chosen.command == "each":
        each(chosen.out)
    elif chosen.command == "compare":
        compare(chosen.out, chosen.env_steps, *chosen.arms)
    else:
        from learning_picture import draw

        from ppodiag.plot.style import save

        save(draw(load(chosen.out)), chosen.path)


if __name__ == "__main__":
    main()
