"""Which format a file has, by its first bytes."""

from __future__ import annotations

import json
import re
import stat

from ppodiag.errors import UsageError

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from pathlib import Path

    from ppodiag.runlog.run import FileKind

_HEAD = 2**20  # bytes looked at
_LINES = 20  # lines looked at for a JSON object
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"(\xb5/\xfd": "zstd",
}
_OTHERS = {b"PAR1": "Parquet", b"SQLite format 3": "SQLite", b"\x89HDF": "HDF5", b"ARROW1": "Arrow"}
_BLOCKS = ("ppo_config", "advanced_optimization")
_CONFIGURATION = re.compile(
    r'^\s*\{?\s*"(?:ppo_config|advanced_optimization)"\s*:|^(?:ppo_config|advanced_optimization):',
    re.MULTILINE,
)
"""A block of a configuration at the beginning of a line, in JSON or YAML."""
_EXPECTED = "name a TensorBoard event file, a CSV file, a JSONL file or the folder of one run"


def detect(path: Path) -> FileKind:
    """The format of a file.

    Raises:
        UsageError: the file is empty, or in none of the formats.
        OSError: the file cannot be read.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise UsageError("not a regular file", _EXPECTED)
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    if not head:
        raise UsageError("the file is empty", _EXPECTED)
    if is_event_head(head[:12]):
        return "tensorboard"
    if "tfevents" in path.name:
        raise UsageError(_no_event_file(head), "name another file, or copy this one again")
    for magic, name in {**_PACKED, **_OTHERS}.items():
        if head.startswith(magic):
            packed = magic in _PACKED
            raise UsageError(
                f"the file is {'packed with ' if packed else ''}{name}",
                "unpack it first" if packed else _EXPECTED,
            )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError("the file is UTF-16 text", "save it as UTF-8")
    zero = head.find(0)
    if zero >= 0 and b"\n" not in head[:zero]:
        raise UsageError(f"the file is binary: a zero byte at byte {zero}", _EXPECTED)
    return _text_kind(head.removeprefix(b"\xef\xbb\xbf"))


def is_event_head(head: bytes) -> bool:
    """True: the bytes begin with the header of a record of an event file."""
    from ppodiag.runlog.records import starts_a_record

    return len(head) >= 12 and head[7] == 0 and starts_a_record(head)


def _no_event_file(head: bytes) -> str:
    if len(head) < 12:
        return f"the event file is cut within its first record: it has {len(head)} bytes"
    what = "zero bytes stand" if not any(head[:12]) else "no header of a record stands"
    return f"the name is that of an event file, but at byte 0 {what}"


def _text_kind(head: bytes) -> FileKind:
    text = head.decode(errors="replace")
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        raise UsageError("the file has no line with content", _EXPECTED)
    first = lines[0].lstrip()
    if _is_configuration(text, lines):
        raise UsageError(
            "this looks like a configuration, and not like the log of a run",
            "ppodiag lint FILE reads it; diagnose takes it beside a log: ppodiag diagnose LOG --config FILE",
        )
    if any(_is_object(line) for line in lines[:_LINES] if line.lstrip().startswith("{")):
        return "jsonl"
    if first.startswith(("{", "[")):
        raise UsageError(
            "the file is JSON, or was to be, and no line of it is an object of its own",
            "write one JSON object a line (JSONL)",
        )
    return "csv"


def _is_configuration(text: str, lines: list[str]) -> bool:
    """Whether the text has a block of a configuration where a log would have rows."""
    if len(lines) == 1 and _is_object(lines[0]):
        return any(f'"{block}":' in lines[0].replace(" ", "") for block in _BLOCKS)
    return not _is_object(lines[0]) and _CONFIGURATION.search(text) is not None


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
