"""Files that are nearly right: a real one with some pieces cut, doubled, moved, or replaced by ill ones."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

DIGITS = b"9" * 5000
"""More than Python turns into an integer without being asked (4,300)."""

ILL = (
    b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b'"', b"'", b"\\", b"\n", b"\r",
    b"\x1b[31m", b",", b":", b"{", b"}", b"[", b"]", b"#", b"//", b"/*", b"*/", b"-", b"null", b"true", b"[]",
    b"{}", b'""', b"0", b"-1", b"1e999", b"-1e999", b"1e-999", b"NaN", b"Infinity", b"0x1f", b"1_000", b".5",
    b"2" * 19, b"2" * 25, DIGITS, b"-" + DIGITS, b"1." + DIGITS, b"[" * 3000, b'{"a":' * 3000, b"- " * 3000,
    b"(" * 300, b"&a [*a]", b"*a", b"<<: *a", b"!!python/object:os.system", b"? ", b"| ", b"> ", b"%YAML 9\n", b"---\n",
    b"\t", b"\xc2\x85", b"\xe2\x80\xa8", b"\xf0\x9f\x98\x80", b"x" * 100_000, b"__proto__", b"$ppodiag", b"1970-01-01",
)  # fmt: skip
"""Pieces that readers of text have stumbled over."""


def mutated(seeds: Sequence[bytes], pieces: Sequence[bytes] = ()) -> st.SearchStrategy[bytes]:
    """One of the seeds after up to six changes; `pieces` are ill ones of the format."""
    place = st.floats(0, 1)
    piece = st.sampled_from((*ILL, *pieces)) | st.binary(max_size=8)
    change = st.tuples(
        st.sampled_from(("cut", "put", "put", "over", "twice", "flip")),
        place,
        st.floats(0, 0.2),
        piece,
    )
    return st.builds(_changed, st.sampled_from(tuple(seeds)), st.lists(change, max_size=6))


def _changed(data: bytes, changes: list[tuple[str, float, float, bytes]]) -> bytes:
    for kind, place, share, piece in changes:
        at = int(place * len(data))
        end = at + max(1, int(share * len(data))) if kind in ("cut", "twice") else at + len(piece)
        if kind == "cut":
            data = data[:at] + data[end:]
        elif kind == "put":
            data = data[:at] + piece + data[at:]
        elif kind == "over":
            data = data[:at] + piece + data[end:]
        elif kind == "twice":
            data = data[:end] + data[at:end] + data[end:]
        elif data:
            at = min(at, len(data) - 1)
            data = data[:at] + bytes([data[at] ^ (1 << (len(piece) % 8))]) + data[at + 1 :]
    return data
