"""Reading the log of a training run: TensorBoard, CSV, JSONL."""

from ppodiag.runlog.read import read_run
from ppodiag.runlog.run import Note, Run, Series

__all__ = ["Note", "Run", "Series", "read_run"]
