"""Reading sizes and switches from the blocks that describe a network."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any

LARGEST = 10**18
"""The largest number that the schema takes."""

MOST_LAYERS = 1000
"""[judgement] More layers of one kind than any network has; a file that asks for more has no
estimate, so that no list grows without end."""


class NoNetwork(Exception):
    """What the file gives makes no network."""


def block_of(block: dict[str, Any], key: str) -> dict[str, Any]:
    """The object at a key; an empty one where it is absent.

    Raises:
        NoNetwork: it is no object.
    """
    own = block.get(key, {})
    if not isinstance(own, dict):
        raise NoNetwork
    return own


def flag(block: dict[str, Any], key: str) -> bool | None:
    """The switch at a key; None where it is absent.

    Raises:
        NoNetwork: it is no boolean.
    """
    value = block.get(key)
    if value is not None and not isinstance(value, bool):
        raise NoNetwork
    return value


def whole(block: dict[str, Any], key: str, default: int | None, least: int = 0) -> int:
    """The whole number at a key, as JSON Schema counts them: 64.0 is one.

    Raises:
        NoNetwork: it is no such number, is below `least`, or is absent without a default.
    """
    value = block.get(key, default)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise NoNetwork
    if not least <= value <= LARGEST or value != int(value):
        raise NoNetwork
    return int(value)


def few(block: dict[str, Any], key: str, default: int) -> int:
    """The number of layers at a key, from 0.

    Raises:
        NoNetwork: it is no such number, or above `MOST_LAYERS`.
    """
    number = whole(block, key, default)
    if number > MOST_LAYERS:
        raise NoNetwork
    return number
