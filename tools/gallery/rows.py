"""The lines of the checklist, and what is drawn of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "examples" / "gallery"

KINDS = ("ill", "healthy")


@dataclass(frozen=True)
class Row:
    """One line of the checklist.

    Attributes:
        name: of its folder in examples/gallery.
        symptom: as the checklist calls it.
        lint: a rule of `ppodiag lint` that speaks of the ill file.
        code: the rule of `ppodiag diagnose` that finds the ill run at warning or above.
        env: environment of the trainer.
        columns: of the log, in the order in which they are drawn.
    """

    name: str
    symptom: str
    lint: str
    code: str
    env: str
    columns: tuple[str, ...]

    def config(self, kind: str) -> Path:
        """The configuration, ill or healthy."""
        return GALLERY / self.name / f"{kind}.json"

    def log(self, kind: str) -> Path:
        """Its recorded log."""
        return GALLERY / self.name / f"{kind}.jsonl"


ROWS = (
    Row("lr-at-zero", "LR stuck at zero", "LR101", "RUN901", "CartPole-v1", ("lr", "episode_return")),
    Row(
        "batch-swings", "Batch size swings wildly", "BS208", "RUN921", "CartPole-v1",
        ("minibatch_size", "pg_grad_norm", "episode_return"),
    ),
    Row(
        "gradient-explosion", "Gradient explosion despite clipping", "CLP403", "RUN913", "aim:make",
        ("lr", "pg_grad_norm", "episode_return"),
    ),
    Row(
        "slow", "Training slower than expected", "GCK502", "RUN941", "CartPole-v1",
        ("env_steps_per_second", "episode_return"),
    ),
)  # fmt: skip
