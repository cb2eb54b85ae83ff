"""Notebooks: the code cells as one Python text, with the lines of the file they come from."""

from __future__ import annotations

import json


def cells(text: str) -> tuple[str, dict[int, int]]:
    """The code of all cells, and for each of its lines the line of the notebook's file.

    Lines of commands (`%` and `!`) are made comments, a cell that is no Python (`%%bash`) likewise.

    Raises:
        ValueError: it is no notebook.
    """
    try:
        found = json.loads(text)["cells"]
        code = [cell["source"] for cell in found if cell["cell_type"] == "code"]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("no notebook") from error
    raw = text.splitlines()
    lines: list[str] = []
    places: dict[int, int] = {}
    at = 0
    for source in code:
        cell = ("".join(source) if isinstance(source, list) else str(source)).splitlines()
        foreign = bool(cell) and cell[0].lstrip().startswith("%%")
        for line in cell:
            at = _place(raw, line, at)
            command = foreign or line.lstrip().startswith(("%", "!"))
            indent = line[: len(line) - len(line.lstrip())]
            lines.append(f"{indent}pass  # {line.lstrip()}" if command else line)
            places[len(lines)] = at + 1
    return "\n".join(lines) + "\n", places


def _place(raw: list[str], line: str, start: int) -> int:
    """The index of the line of the file that holds a cell's line, at or after another."""
    written = json.dumps(line)[1:-1], json.dumps(line, ensure_ascii=False)[1:-1]
    for index in range(start, len(raw)):
        if any(form in raw[index] for form in written):
            return index
    return start
