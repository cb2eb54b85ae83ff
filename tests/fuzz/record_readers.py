"""Readers of what the project itself has written: studies, results, runs of the trainer, checkpoints."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress

from ppodiag.errors import UsageError

RUN = {
    "seed": 0, "env_steps": [10.0, 20.0, 30.0], "returns": [1.0, 2.0, 3.0], "digest": "ab", "rows": 3,
    "speeds": [5.0], "peak_bytes": None, "totals": {"env_steps": 30.0, "lr": 1e-4}, "notes": [], "episodes": [],
}  # fmt: skip
RESULT = {
    "unit": "learning/no-clipping/seed-0", "kind": "learning", "round": 0, "arm": "no-clipping", "seeds": [0],
    "digest": "cd", "status": "complete", "failures": [], "runs": [RUN], "version": "1",
    "configuration_sha256": "ef",
    "measured": {"seconds": 1.0, "peak_process_bytes": 5, "machine": "m", "platform": "p", "cores": 2},
}  # fmt: skip
STUDY = {"format": 1, "command": "ppodiag ablate", "units": {RESULT["unit"]: "cd"}, "seeds": [0]}
REQUEST = {
    "path": "a.json", "text": '{"ppo_config": {"lr": 0.001}}', "env": "CartPole-v1", "seeds": [0], "device": "cpu",
    "normalize": "both", "compile": False, "autocast": None, "dtype": "float32", "profile": "note",
    "overrides": [[["ppo_config", "epochs"], 2]], "processes": 1, "default_profile": None,
}  # fmt: skip
RECORD = {"format": 1, "status": "running", "request": REQUEST, "sessions": [], "notes": []}
ROWS = b"".join(b'{"update": %d, "env_steps": %d, "lr": 0.001}\n' % (i, i * 64) for i in range(20))


def written(folder: str, name: str, data: bytes) -> str:
    """The path of a new file of that name."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return path


def result(folder: str, data: bytes) -> None:
    """A result of a study, as it is reported, merged, and looked for."""
    from ppodiag.ablate.run_summary import RunSummary, final_return, time_to
    from ppodiag.ablate.store import Store, merge

    for name in ("ours", "theirs"):
        written(folder, f"{name}/study.json", json.dumps(STUDY).encode())
    written(folder, "theirs/results/learning/no-clipping/seed-0.json", data)
    ours, theirs = Store(os.path.join(folder, "ours")), Store(os.path.join(folder, "theirs"))
    for found in theirs.results():
        for run in found["runs"]:
            summary = RunSummary(**{key: value for key, value in run.items() if key != "seed"})
            final_return(summary, 0.1)
            time_to(summary, 2.0, 10)
    merge(ours, theirs)


def study(folder: str, data: bytes) -> None:
    """What a study is, as a resumed one and a merge read it."""
    from ppodiag.ablate.store import Store, merge

    store = Store(folder)
    written(folder, "study.json", data)
    written(folder, "results/learning/no-clipping/seed-0.json", json.dumps(RESULT).encode())
    with suppress(UsageError):
        store.begin({key: value for key, value in STUDY.items() if key != "format"})
    merge(store, store)


def run_record(folder: str, data: bytes) -> None:
    """run.json, up to where training would begin."""
    from reference_trainer.run_record import read_request
    from reference_trainer.training import _check, read_request_experiment

    written(folder, "run.json", data)
    request = read_request(folder)
    _check(request)
    read_request_experiment(request)


def rows(folder: str, data: bytes) -> None:
    """The log of a run that is gone on with."""
    from reference_trainer.logs import read_rows

    written(folder, "log.jsonl", data)
    read_rows(folder)


def checkpoint(folder: str, data: bytes) -> None:
    """A checkpoint, also one whose checksum is that of what somebody has changed."""
    from reference_trainer.checkpoint import MAGIC, load_checkpoint

    written(folder, "checkpoint-000000001.pt", data)
    head = MAGIC + hashlib.sha256(data).hexdigest().encode() + b"\n"
    written(folder, "checkpoint-000000002.pt", head + data)
    load_checkpoint(folder)


def states() -> tuple[bytes, ...]:
    """What torch writes of a small state."""
    import io

    import torch

    made = io.BytesIO()
    torch.save(
        {"version": 1, "parameters": torch.ones(3), "positions": {"0": {"log.jsonl": 5}}}, made
    )
    return (made.getvalue(),)


class Runs:
    """Unpickled without care, this runs a command."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self.command,)


def state_bombs(command: str = "exit 1") -> dict[str, bytes]:
    """Pickles that would run a command, alone and within what torch writes."""
    import io
    import pickle

    import torch

    made = io.BytesIO()
    torch.save({"version": 1, "parameters": Runs(command)}, made)
    return {
        "a pickle": pickle.dumps(Runs(command)),
        "torch's file of one": made.getvalue(),
        "nothing": b"",
    }
