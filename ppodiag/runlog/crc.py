"""CRC-32C of many records at once.

The checksum is linear over GF(2): leading zeros change nothing, and appending 64 zero bytes is a
fixed 32 × 32 matrix. So records are cut into blocks of 64 bytes from their ends, all blocks are
summed side by side, each block's sum is moved past the blocks behind it, and the sums are XORed.
"""

from __future__ import annotations

from functools import cache

import numpy as np

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint32]

_POLYNOMIAL = 0x82F63B78  # Castagnoli, reflected
_BLOCK = 64  # bytes


def masked_crcs(
    data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> Words:
    """The masked CRC-32C of each record, as event files hold it.

    Args:
        data: shape (bytes,), the buffer.
        starts: shape (records,), offset of each record's first byte; records do not overlap.
        lengths: shape (records,), bytes of each record.

    Returns:
        Shape (records,), uint32.
    """
    sums = np.empty(len(starts), np.uint32)
    short = lengths < 4
    for i in np.flatnonzero(short):
        sums[i] = _one(bytes(data[starts[i] : starts[i] + lengths[i]]))
    if not short.all():
        sums[~short] = _many(data, starts[~short], lengths[~short])
    rotated: Words = np.bitwise_or(sums >> np.uint32(15), sums << np.uint32(17))
    return rotated + np.uint32(0xA282EAD8)


def _one(record: bytes) -> int:
    state = 0xFFFFFFFF
    for byte in record:
        state = int(_table()[(state ^ byte) & 0xFF]) ^ (state >> 8)
    return state ^ 0xFFFFFFFF


def _many(data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> Words:
    padded = np.zeros(len(data) + _BLOCK, np.uint8)
    padded[_BLOCK:] = data
    for i in range(4):  # the initial state of ones, moved into the first four bytes
        padded[starts + (_BLOCK + i)] ^= 0xFF
    counts = -(-lengths // _BLOCK)
    first = np.cumsum(counts) - counts
    record = np.repeat(np.arange(len(starts)), counts)
    behind = counts[record] - 1 - (np.arange(int(counts.sum())) - first[record])
    ends = starts[record] + lengths[record] - behind * _BLOCK
    blocks = np.lib.stride_tricks.sliding_window_view(padded, _BLOCK)[ends].copy()
    filled = lengths - (counts - 1) * _BLOCK
    blocks[first] *= np.arange(_BLOCK) >= (_BLOCK - filled)[:, None]
    moved = _move(_sum_blocks(blocks), behind)
    state: Words = np.bitwise_xor.reduceat(moved, first)
    return state ^ np.uint32(0xFFFFFFFF)


def _sum_blocks(blocks: NDArray[np.uint8]) -> Words:
    columns = np.ascontiguousarray(blocks.T)
    table, state = _table(), np.zeros(len(blocks), np.uint32)
    for column in columns:
        state = table[(state ^ column) & 0xFF] ^ (state >> np.uint32(8))
    return state


def _move(sums: Words, behind: NDArray[np.int64]) -> Words:
    """Each sum, moved past as many blocks as stand behind it."""
    level = 0
    while (behind >> level).any():
        chosen = ((behind >> level) & 1).astype(bool)
        sums[chosen] = _apply(_mover(level), sums[chosen])
        level += 1
    return sums


def _apply(mover: Words, sums: Words) -> Words:
    moved: Words = np.zeros_like(sums)
    for i in range(4):
        moved ^= mover[i][(sums >> np.uint32(8 * i)) & 0xFF]
    return moved


@cache
def _table() -> Words:
    state = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        state = (state >> np.uint32(1)) ^ (state & np.uint32(1)) * np.uint32(_POLYNOMIAL)
    return state


@cache
def _mover(level: int) -> Words:
    """Shape (4, 256): what each byte of a sum becomes after 64 · 2^level zero bytes."""
    bits = np.uint32(1) << np.arange(32, dtype=np.uint32)
    if level == 0:
        for _ in range(_BLOCK):
            bits = _table()[bits & 0xFF] ^ (bits >> np.uint32(8))
    else:
        bits = _apply(_mover(level - 1), _apply(_mover(level - 1), bits))
    chosen = (np.arange(256)[:, None] >> np.arange(8)) & 1
    terms = chosen.astype(np.uint32) * bits.reshape(4, 1, 8)
    mover: Words = np.bitwise_xor.reduce(terms, axis=2)
    return mover
