"""Whether a saved state fits an environment."""

from __future__ import annotations

from torch import Tensor


def checked(state: dict[str, Tensor], like: dict[str, Tensor]) -> None:
    """See that a state has the names and shapes of another.

    Raises:
        ValueError: it has not; the message names both.
    """
    saved, wanted = (
        {name: tuple(tensor.shape) for name, tensor in sorted(tensors.items())}
        for tensors in (state, like)
    )
    if saved != wanted:
        raise ValueError(f"the saved state holds {saved}, this environment {wanted}")
