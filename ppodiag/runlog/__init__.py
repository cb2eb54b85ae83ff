"""Readers of the logs of a training run: TensorBoard event files, CSV and JSONL.

`read_run` turns a path into a `Run`: every numeric series under its own tag, the columns that are
known under one name whatever the trainer calls them, and notes of everything that was not read.
"""

from __future__ import annotations

from ppodiag.runlog.read import read_run
from ppodiag.runlog.run import Canonical, Note, Run, Series

__all__ = ["Canonical", "Note", "Run", "Series", "read_run"]
