"""From bytes to text, with what is wrong in the encoding."""

from __future__ import annotations

import codecs

from ppodiag.source.document import SyntaxProblem

_OTHER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32 (little endian)"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32 (big endian)"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 (little endian)"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 (big endian)"),
)


def decode(data: bytes) -> tuple[str, bool, list[SyntaxProblem]]:
    """Text without byte order mark, whether there was one, and the faults of the encoding."""
    for mark, codec, name in _OTHER_MARKS:
        if data.startswith(mark):
            problem = SyntaxProblem(
                "SYN006",
                f"the file is {name}; JSON is exchanged as UTF-8",
                "save the file as UTF-8",
                0,
                1,
            )
            return data[len(mark) :].decode(codec, "replace"), True, [problem]
    unmarked = _unmarked(data)
    if unmarked is not None:
        problem = SyntaxProblem(
            "SYN006",
            f"the file seems to be {unmarked}, without a byte order mark; JSON is exchanged as UTF-8",
            "save the file as UTF-8",
            0,
            1,
        )
        return data.decode(unmarked, "replace"), False, [problem]
    bom = data.startswith(codecs.BOM_UTF8)
    if bom:
        data = data[3:]
    try:
        return data.decode("utf-8"), bom, []
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        offset = len(data[: error.start].decode("utf-8", "replace"))
        problem = SyntaxProblem(
            "SYN006",
            f"the file is not UTF-8: byte 0x{data[error.start]:02x} at byte offset "
            f"{error.start + 3 * bom} begins no character",
            "save the file as UTF-8",
            offset,
            offset + 1,
        )
        return text, bom, [problem]


def _unmarked(data: bytes) -> str | None:
    """UTF-16 or UTF-32 told by the zero bytes beside an ASCII character at the beginning."""
    zeros = tuple(byte == 0 for byte in data[:4])
    names: dict[tuple[bool, ...], str] = {
        (True, True, True, False): "utf-32-be",
        (False, True, True, True): "utf-32-le",
        (True, False, True, False): "utf-16-be",
        (False, True, False, True): "utf-16-le",
    }
    return names.get(zeros)
