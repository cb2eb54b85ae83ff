"""Count what the rules find: planted faults, and healthy configurations; the table of docs/proof.md.

Prints Markdown. Run by `make docs`.
"""

from __future__ import annotations

from pathlib import Path

import ppodiag
from ppodiag.finding import Severity
from ppodiag.rule_examples import lint_case
from ppodiag.rules.loader import load_module, rule_files

ROOT = Path(__file__).resolve().parents[1]


def planted() -> list[tuple[str, int, int, int, int]]:
    """By family: rules, faults planted, faults found by exactly their rules, near misses left alone."""
    rows: dict[str, list[int]] = {}
    for name in rule_files():
        family = name.upper().rstrip("0123456789")
        row = rows.setdefault(family, [0, 0, 0, 0])
        row[0] += 1
        for case in load_module(name).CASES:
            report = lint_case(case)
            codes = {d.code for d in report.diagnostics if d.severity >= Severity.WARNING}
            own = [d for d in report.diagnostics if d.code == name.upper()]
            if case.severity is None:
                row[3] += not own
            else:
                row[1] += 1
                right = own and own[0].severity == case.severity
                row[2] += bool(right and codes - {name.upper()} == set(case.others))
    return [(family, a, b, c, d) for family, (a, b, c, d) in rows.items()]


def healthy() -> list[tuple[str, int, str]]:
    """By origin: configurations, and the warnings that they draw."""
    rows = []
    for prefix, title in (
        ("zoo_", "rl-baselines3-zoo, hyperparams/ppo.yml"),
        ("cleanrl_", "CleanRL: classic control, Atari, MuJoCo, Procgen, Isaac Gym, LSTM"),
        ("sb3_", "Stable-Baselines3's defaults"),
    ):
        files = sorted((ROOT / "tests" / "healthy").glob(f"{prefix}*.json"))
        found = [d.code for d in ppodiag.lint(files).diagnostics]
        counts = ", ".join(f"{found.count(code)} × {code}" for code in sorted(set(found)))
        rows.append((title, len(files), counts or "none"))
    return rows


def table() -> str:
    """Both tables as Markdown."""
    lines = [
        "| family | rules | faults planted | found, and nothing else | near misses left alone |",
        "|---|---:|---:|---:|---:|",
    ]
    rows = planted()
    lines += [f"| {' | '.join(map(str, row))} |" for row in rows]
    sums = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]
    lines.append(f"| all | {' | '.join(map(str, sums))} |")
    lines += ["", "| published settings | configurations | warnings and errors |", "|---|---:|---|"]
    lines += [f"| {title} | {number} | {found} |" for title, number, found in healthy()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(), end="")
