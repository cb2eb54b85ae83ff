"""Logs to measure with: an event file as large as a real one, and a long CSV."""

from __future__ import annotations

import random
from pathlib import Path

UPDATES, ENV_STEPS = 39, 4994
"""Updates with 8 scalars each, environment steps with 11 each, and 564 more: 55,810 scalars."""


def write_events(folder: Path) -> None:
    """One event file of 55,810 scalars, about 3 MB."""
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    rng = random.Random(0)
    writer = EventFileWriter(str(folder))
    tags = [f"Reward/Component{index}" for index in range(11)]
    names = ("PolicyLoss", "ValueLoss", "Entropy", "ApproxKL", "ClipFraction",
             "ExplainedVariance", "GradientNorm", "LearningRate")  # fmt: skip
    points = [(step, tag) for step in range(ENV_STEPS) for tag in tags]
    points += [(128 * update, f"Training/{name}") for update in range(UPDATES) for name in names]
    points += [(step, "System/Queue") for step in range(55_810 - len(points))]
    for step, tag in points:
        summary = summary_pb2.Summary()
        summary.value.add(tag=tag, simple_value=rng.random())
        writer.add_event(event_pb2.Event(wall_time=1e9 + step, step=step, summary=summary))
    writer.close()


def write_csv(path: Path, rows: int = 1_000_000) -> None:
    """A CSV of a million rows and eight columns."""
    rng = random.Random(0)
    names = ("step", "lr", "approx_kl", "pg_grad_norm", "entropy", "value_loss",
             "explained_variance", "reward")  # fmt: skip
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(names) + "\n")
        for step in range(rows):
            values = ",".join(f"{rng.random():.6f}" for _ in names[1:])
            file.write(f"{step},{values}\n")
