"""Rules that no run of the reference trainer settles, each with the reason; and what else has none."""

from __future__ import annotations


class CannotSettle(Exception):
    """No run of the reference trainer settles this finding; the text says why."""


_STATIC = "a fault of the text itself, which stands there to be read"
_SCHEMA = "the schema decides; the trainer refuses such a file"
_SUPPRESSION = "it speaks of the suppressions in the file, not of a run"
_RUNTIME = "it speaks of your own trainer's sources; `ppodiag ablate --dead-knobs --trainer` runs that trainer"
_PUBLISHED = "a comparison with published settings, which foretells no number of a run"
_SIMULATED = (
    "it holds for the gradient norms that `ppodiag simulate` was given; a run has its own: see "
    "`ppodiag simulate --norms run:DIR`"
)

REASONS: dict[str, str] = {
    "ACC308": "the trainer refuses a window that is no whole number of minibatches",
    "LR115": "the reference trainer has no reference policy that an anchor could hold",
    "PPO001": _PUBLISHED,
    "PPO002": _PUBLISHED,
    "PPO003": _PUBLISHED,
    "PPO004": _PUBLISHED,
    "PPO005": "what lies beyond a rollout is in no log: the rule compares two numbers of the file",
    "PPO006": _PUBLISHED,
    "PPO008": "by how much the value function moves is in no log of the trainer",
    "PPO010": "which of the two targets was meant is the author's to say",
    "UNIT701": "the reference trainer has no curriculum: its task stays the same over the run",
    "UNIT704": "the run's length is not known, so there is no run",
    **dict.fromkeys(("TRJ001", "TRJ002", "TRJ003", "TRJ004"), _SIMULATED),
    **dict.fromkeys(("RT801", "RT802", "RT803"), _RUNTIME),
    **dict.fromkeys(("SUP001", "SUP002", "SUP003"), _SUPPRESSION),
    **{f"SCH10{number}": _SCHEMA for number in range(1, 9)},
    **{f"SYN00{number}": _STATIC for number in range(1, 7)},
}
"""Code of a rule without an experiment to the reason."""
