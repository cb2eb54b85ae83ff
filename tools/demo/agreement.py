"""Whether a run's log and its forecast have the same learning rate and minibatch size in every update.

    python -m tools.demo.agreement trained/log.jsonl forecast.csv

The log is the trainer's, the forecast `ppodiag simulate --norms run:… --format csv`. Compared with ==.
Exit code 1 where an update differs.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from ppodiag.errors import UsageError
from ppodiag.exits import CLEAN, FINDINGS, USAGE


@dataclass(frozen=True)
class Update:
    """An update that is applied.

    Attributes:
        env_steps: collected when it is done.
        lr: learning rate of its last optimizer step.
        size: minibatch size.
    """

    env_steps: int
    lr: float
    size: int


def logged(path: Path) -> list[Update]:
    """The applied updates of the trainer's log."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Update(row["env_steps"], row["lr"], row["minibatch_size"]) for row in rows if row["applied"]
    ]


def forecast(path: Path) -> list[Update]:
    """The applied updates of a forecast."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Update(int(row["env_steps"]), float(row["lr_last"]), int(row["minibatch_size"]))
            for row in csv.DictReader(file)
            if row["applied"] == "True"
        ]


def differences(log: list[Update], foretold: list[Update]) -> list[str]:
    """What differs, update by update; nothing where all agree."""
    found = []
    if len(log) != len(foretold):
        found.append(f"{len(log)} updates are logged and {len(foretold)} foretold")
    for index, (one, other) in enumerate(zip(log, foretold, strict=False)):
        if one != other:
            found.append(f"update {index}: logged {one}, foretold {other}")
    return found


def main(arguments: list[str]) -> int:
    """Compare the two files; the exit code."""
    if len(arguments) != 2:
        print("usage: python -m tools.demo.agreement LOG.jsonl FORECAST.csv", file=sys.stderr)
        return USAGE
    try:
        log, foretold = logged(Path(arguments[0])), forecast(Path(arguments[1]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = UsageError(f"cannot compare {arguments[0]} with {arguments[1]}: {error}")
        print(f"error: {problem}", file=sys.stderr)
        return USAGE
    if not log:
        print(f"error: {arguments[0]} has no applied update", file=sys.stderr)
        return USAGE
    found = differences(log, foretold)
    same = sum(one == other for one, other in zip(log, foretold, strict=False))
    rates, sizes = {update.lr for update in log}, {update.size for update in log}
    print(f"updates logged     {len(log):,}, foretold {len(foretold):,}")
    print(f"learning rates     {len(rates):,} distinct, {min(rates):.6g} to {max(rates):.6g}")
    print(f"minibatch sizes    {len(sizes):,} distinct, {min(sizes)} to {max(sizes)}")
    print(f"equal in both      {same:,} of {len(log):,} updates")
    for line in found[:5]:
        print(f"differs: {line}")
    return FINDINGS if found else CLEAN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
