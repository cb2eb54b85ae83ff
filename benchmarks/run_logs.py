"""How quickly logs of runs are read: generated files, a fresh process each, the best of five reads.

    python benchmarks/run_logs.py

Needs the extra `logs`. Seed 0; about 400 MB in the temporary folder.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path

SCALARS, ROWS, NUMBERS = 55_810, 1_000_000, 10

_READ = """
import sys, time
start = time.perf_counter()
from ppodiag.runlog import read_run
read_run(sys.argv[1])
first = time.perf_counter() - start
from ppodiag.own_memory import own_peak_bytes
peak = own_peak_bytes() / 1e6
again = []
for _ in range(5):
    start = time.perf_counter()
    run = read_run(sys.argv[1])
    again.append(time.perf_counter() - start)
points = sum(len(series.steps) for series in run.series.values())
print(f"{points:,} points | {first:.2f} s | {min(again):.2f} s | {peak:.0f} MB")
"""
_ACCUMULATE = """
import sys, time
start = time.perf_counter()
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
def read():
    accumulator = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
    accumulator.Reload()
    return sum(len(accumulator.Scalars(tag)) for tag in accumulator.Tags()["scalars"])
points = read()
first = time.perf_counter() - start
again = []
for _ in range(5):
    start = time.perf_counter()
    read()
    again.append(time.perf_counter() - start)
print(f"{points:,} points | {first:.2f} s | {min(again):.2f} s | -")
"""


def write_events(path: Path) -> None:
    """An event file with a record for each scalar, as torch's SummaryWriter writes them."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    rng = random.Random(0)
    with path.open("wb") as handle:
        writer = RecordWriter(handle)
        writer.write(Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString())
        for i in range(SCALARS):
            event = Event(wall_time=1.7e9 + i, step=i // 31)
            event.summary.value.add(tag=f"Training/Tag{i % 31}", simple_value=rng.random())
            writer.write(event.SerializeToString())
        writer.flush()


def write_csv(path: Path, ragged: bool) -> None:
    """A million rows of ten numbers; ragged: two columns of words, every third row one cell longer."""
    rng = random.Random(0)
    names = ",".join(["step", *(f"n{i}" for i in range(1, NUMBERS))])
    with path.open("w", encoding="utf-8") as handle:
        handle.write(("time,data_type," if ragged else "") + names + "\n")
        for row in range(ROWS):
            cells = ",".join([str(row), *(f"{rng.random():.9g}" for _ in range(1, NUMBERS))])
            before = "2025-09-21T14:45:36.134845,training," if ragged else ""
            handle.write(before + cells + (",1\n" if ragged and row % 3 == 2 else "\n"))


def main() -> None:
    """Print one line for each file and reader."""
    with tempfile.TemporaryDirectory() as folder:
        events, plain, ragged = (
            Path(folder) / name for name in ("events.out.tfevents.1", "plain.csv", "ragged.csv")
        )
        write_events(events)
        write_csv(plain, ragged=False)
        write_csv(ragged, ragged=True)
        print("what | points | first read, with imports | best of five more | peak memory")
        for name, path, code in [
            ("event file", events, _READ),
            ("event file, EventAccumulator", events, _ACCUMULATE),
            ("CSV", plain, _READ),
            ("CSV, ragged", ragged, _READ),
        ]:
            done = subprocess.run(
                [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
            )
            size = path.stat().st_size / 1e6
            print(f"{name}, {size:.1f} MB | {done.stdout.strip()}", flush=True)


if __name__ == "__main__":
    main()
