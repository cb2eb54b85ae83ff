"""Write the logs of examples/runs: a healthy and an ill run of one configuration. Run by `make docs`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ppodiag.closed_loop import simulate_run
from ppodiag.config import parse_config
from ppodiag.context import Context
from ppodiag.diagnosis.clocks import predicted_rates
from ppodiag.diagnosis.synthetic import SyntheticRun, healthy_run
from ppodiag.healthy import with_changes
from ppodiag.profile import NOTE

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "runs"
UPDATES, ROLLOUT = 120, 1024

CONFIG = with_changes({
    "training.ppo_requests": UPDATES * ROLLOUT,
    "ppo_config.stabilization_steps": 0,
    "advanced_optimization.learning_rate_schedule.warmup_steps": 1600,
    "advanced_optimization.learning_rate_schedule.restart_period": 17600,
})  # fmt: skip


def healthy() -> SyntheticRun:
    """A run that does what the configuration says."""
    context = Context(parse_config(CONFIG), NOTE, value=CONFIG)
    run = healthy_run(7, UPDATES, ROLLOUT, lr=predicted_rates(simulate_run(context)))
    steps = np.full(UPDATES, 160.0)
    return run.with_column("minibatch_steps", steps).with_column("optimizer_steps", steps / 2)


def ill() -> SyntheticRun:
    """The same run with a constant learning rate, an explosion late in it, and a policy that collapses."""
    index = np.arange(UPDATES)
    run = healthy().with_column("lr", np.full(UPDATES, float(np.float32(3e-4))))
    late = np.clip(index - 95, 0, None)
    run = run.with_column("pg_grad_norm", lambda norm: norm * 1.35**late)
    return run.with_column("approx_kl", lambda kl: kl * (1 + 0.5 * late))


def write(run: SyntheticRun, name: str) -> None:
    """One line an update."""
    lines = []
    for index, step in enumerate(run.steps.tolist()):
        row = {"update": index, "env_steps": step}
        row |= {name: float(f"{values[index]:.6g}") for name, values in run.columns.items()}
        lines.append(json.dumps(row))
    (FOLDER / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Write the configuration and both logs."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "ppo.json").write_text(json.dumps(CONFIG, indent=2) + "\n", encoding="utf-8")
    write(healthy(), "healthy.jsonl")
    write(ill(), "ill.jsonl")


if __name__ == "__main__":
    main()
