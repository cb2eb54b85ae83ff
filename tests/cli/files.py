"""Configurations on disk, as tests of the command line need them."""

from __future__ import annotations

import json
from pathlib import Path

from ppodiag.healthy import HEALTHY, with_changes

ILL = with_changes({"ppo_config.lr": 0.01})


def write(path: Path, value: object = HEALTHY) -> Path:
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
    return path
