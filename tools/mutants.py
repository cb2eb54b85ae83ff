"""Mutation testing of the rules, the plan, the schedule and the batch law: `make mutants`.

Each module of a group of `[tool.mutants]` is changed in one place at a time, by cosmic-ray's operators,
and the group's tests run against it until one fails. The tests are collected once and every mutant has a
fork of its own, so a mutant takes tens of milliseconds. Results are kept in `.mutants/`: the same command
goes on where it was interrupted. `--again` tries survivors anew, `--fresh` forgets everything.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tomllib
from collections import Counter
from pathlib import Path
from resource import RUSAGE_CHILDREN as CHILDREN
from resource import RUSAGE_SELF as SELF
from typing import Any

from mutants_find import ROOT, Exclusion, Mutant, mutants
from mutants_page import write_page

KEPT = ROOT / ".mutants"


def main() -> int:
    """The exit code: 0 where every group has the score that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", help="modules, by a part of their path; else all")
    parser.add_argument("--again", action="store_true", help="try survivors anew")
    parser.add_argument("--fresh", action="store_true", help="forget kept results")
    parser.add_argument("--table", action="store_true", help="only show what is known")
    parser.add_argument(
        "--write", action="store_true", help="write what is known to docs/mutation.md"
    )
    parser.add_argument("--survivors", action="store_true", help="list them")
    options = parser.parse_args()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutants"]
    exclusions = tuple(Exclusion(**entry) for entry in settings["exclude"])
    good = True
    report: list[tuple[str, list[Mutant], dict[str, list[str]]]] = []
    for name, group in settings["groups"].items():
        modules = [m for m in _modules(group) if not options.only or _named(m, options.only)]
        if not modules:
            continue
        found = [m for module in modules for m in mutants(module, exclusions)]
        known: dict[str, list[str]] = {}
        for module in modules if not options.fresh else ():
            known |= _known(module)
        if not (options.table or options.write):
            todo = [
                m
                for m in found
                if m.key not in known or (options.again and known[m.key][0] == "survived")
            ]
            if todo and _forked(name, group, todo, known):
                return 1
            for module in modules:
                known |= _known(module)
        report.append((name, found, known))
        good &= _show(name, found, known, options.survivors) >= settings["score"]
    if options.write:
        reasons = tomllib.loads((ROOT / "tools" / "mutants_reasons.toml").read_text("utf-8"))
        write_page(report, tuple(Exclusion(**entry) for entry in reasons["reason"]))
    return 0 if good else 1


def _modules(group: dict[str, Any]) -> list[str]:
    return sorted(
        str(path.relative_to(ROOT)) for glob in group["modules"] for path in ROOT.glob(glob)
    )


def _named(module: str, only: list[str]) -> bool:
    return any(part in module for part in only)


def _path(module: str) -> Path:
    return KEPT / f"{module.replace('/', '-')}.json"


def _known(module: str) -> dict[str, list[str]]:
    """Outcome and killer by the keys of a module's mutants, of earlier calls."""
    if not _path(module).exists():
        return {}
    known: dict[str, list[str]] = json.loads(_path(module).read_text("utf-8"))
    return known


def _forked(
    name: str, group: dict[str, Any], todo: list[Mutant], known: dict[str, list[str]]
) -> int:
    """The exit code of a process that runs a queue and keeps what it finds."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    from mutants_run import Verdict, run_group

    done = 0

    def report(mutant: Mutant, verdict: Verdict) -> None:
        nonlocal done
        done += 1
        known[mutant.key] = [verdict.outcome, verdict.by]
        last = done == len(todo) or todo[done].module != mutant.module
        if last or done % 20 == 0:
            _keep(mutant.module, known)
            print(f"{name}: {done} of {len(todo)} mutants, {mutant.module}", file=sys.stderr)

    code = 1
    try:
        code = run_group(group["tests"], todo, group["cpu_seconds"], group["own_first"], report)
    finally:
        used = sum(resource.getrusage(who).ru_utime for who in (CHILDREN, SELF))
        print(f"{name}: {used:.0f} s of CPU", file=sys.stderr)
        sys.stdout.flush()
        os._exit(code)


def _keep(module: str, known: dict[str, list[str]]) -> None:
    KEPT.mkdir(exist_ok=True)
    ours = {key: found for key, found in known.items() if key.startswith(f"{module}\n")}
    new = _path(module).with_suffix(".new")
    new.write_text(json.dumps(ours, indent=1), encoding="utf-8")
    new.replace(_path(module))


def _show(name: str, found: list[Mutant], known: dict[str, list[str]], survivors: bool) -> float:
    """Print a row a module of a group, and give its share of killed mutants."""
    total: Counter[str] = Counter()
    rows = []
    for module in sorted({mutant.module for mutant in found}):
        ours = [mutant for mutant in found if mutant.module == module and mutant.key in known]
        outcomes = Counter(known[mutant.key][0] for mutant in ours)
        total += outcomes
        rows.append((module, outcomes))
        if survivors:
            for mutant in ours:
                if known[mutant.key][0] == "survived":
                    print(f"{module}:{mutant.row} {mutant.operator}")
                    print(f"  - {mutant.line}\n  + {mutant.changed}")
    for module, outcomes in [*rows, (name, total)]:
        print(f"| {module} | {_cells(outcomes)} |")
    return _score(total)


def _score(outcomes: Counter[str]) -> float:
    mutants = sum(outcomes.values())
    return (mutants - outcomes["survived"]) / mutants if mutants else 1.0


def _cells(outcomes: Counter[str]) -> str:
    return (
        f"{sum(outcomes.values())} | {outcomes['killed']} | {outcomes['timeout']} | "
        f"{outcomes['survived']} | {100 * _score(outcomes):.1f}%"
    )


if __name__ == "__main__":
    sys.exit(main())
