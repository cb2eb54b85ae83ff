"""JSONL files: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ppodiag.errors import UsageError
from ppodiag.runlog.run import Note, Series, SeriesBuilder
from ppodiag.runlog.tags import STEP_NAMES

LONGEST_LINE = 1 << 24
MOST_NAMED = 5
"""Broken lines that are named one by one."""


def read_jsonl(path: str) -> tuple[dict[str, Series], list[Note]]:
    """Numbers by name; names of nested objects are joined by `/`. True and false count as 1 and 0.

    The first of `env_steps`, `step`, `update` and the like that an object has counts its points; else
    the number of its line does, from 0.

    Raises:
        UsageError: no line is an object.
    """
    builder, objects = SeriesBuilder(), 0
    broken: list[tuple[int, str]] = []
    with open(path, "rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                broken.append((number, str(error)))
                continue
            if not isinstance(value, dict):
                broken.append((number, "no object"))
                continue
            objects += 1
            numbers = dict(_numbers(value, ""))
            step = next((numbers[n] for n in STEP_NAMES if _whole(numbers.get(n))), number - 1)
            for name, content in numbers.items():
                builder.add(name, int(step), content)
    if not objects:
        raise UsageError(
            f"{path} has no line that is a JSON object",
            "name a TensorBoard event file, a CSV or a JSONL file, or a folder with one",
        )
    notes = [
        Note("error", f"{path}, line {number:,}", f"left out: {why}")
        for number, why in broken[:MOST_NAMED]
    ]
    if len(broken) > MOST_NAMED:
        more = len(broken) - MOST_NAMED
        notes.append(Note("error", path, f"{more:,} more broken lines were left out"))
    return builder.build(), notes


def _whole(value: float | None) -> bool:
    return value is not None and abs(value) < 2**63 and value == int(value)


def _numbers(value: dict[str, Any], prefix: str, depth: int = 8) -> Iterator[tuple[str, float]]:
    for key, content in value.items():
        if isinstance(content, dict) and depth:
            yield from _numbers(content, f"{prefix}{key}/", depth - 1)
        elif isinstance(content, bool | int | float):
            try:
                yield f"{prefix}{key}", float(content)
            except OverflowError:
                yield f"{prefix}{key}", float("inf")
