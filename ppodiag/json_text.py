"""Reading JSON that ppodiag or a person has written: records, baselines, arms."""

from __future__ import annotations

import json

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any


def parse_json(data: bytes | str) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: it is none, is nested too deeply, or holds a number of more digits than Python reads.
    """
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read_json(path: str) -> Any:
    """The value of a JSON file.

    Raises:
        OSError: it cannot be read.
        ValueError: see `parse_json`.
    """
    with open(path, "rb") as file:
        return parse_json(file.read())
