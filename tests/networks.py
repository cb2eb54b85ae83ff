"""Networks that the memory estimates are checked with; `python -m tests.networks` prints the table.

The columns: parameters, samples of a minibatch, the peak of a window by torch's MemTracker in bytes,
the estimate over it, both also with checkpointing. `python -m tests.networks 1` tracks windows of a
single minibatch in the place of two.
"""

from __future__ import annotations

import sys
from typing import Any

from ppodiag.architecture import Architecture, architecture_of
from ppodiag.config import parse_config

_ATTENTION = {"enable_cross_replica_attention": True, "num_replicas": 4, "attention_heads": 4}
_WIDE = {"feature_dim": 64, "use_layer_norm": True}
_TWO_GRUS = {"use_gru": True, "gru_layers": 2}

BLOCKS: dict[str, dict[str, Any]] = {
    "MLP 2 × 64": {},
    "MLP 4 × 256": {"hidden_size": 256, "num_layers": 4},
    "MLP 24 × 128": {"hidden_size": 128, "num_layers": 24},
    "shared MLP 4 × 256, value head of 3": {
        "shared_backbone": True, "hidden_size": 256, "num_layers": 4,
        "critic": {"value_head_layers": 3},
    },
    "MLP 3 × 128 with LayerNorm": {
        "hidden_size": 128, "num_layers": 3,
        "stabilization": {"enable_layer_normalization": True},
    },
    "GRU 2 × 128, one step": {"hidden_size": 128, "actor": _TWO_GRUS, "critic": _TWO_GRUS},
    "GRU 2 × 128, 8 steps": {
        "hidden_size": 128, "actor": _TWO_GRUS, "critic": _TWO_GRUS, "sequence_length": 8,
    },
    "shared GRU 2 × 128, 8 steps": {
        "shared_backbone": True, "hidden_size": 128, "actor": _TWO_GRUS, "sequence_length": 8,
    },
    "attention 4 × 64": {**_ATTENTION, "cross_replica_attention": _WIDE},
    "attention 4 × 64 with dropout": {
        **_ATTENTION, "cross_replica_attention": {"feature_dim": 64, "dropout": 0.1},
    },
    "shared attention 8 × 128 with dropout": {
        **_ATTENTION, "shared_backbone": True, "num_replicas": 8,
        "cross_replica_attention": {**_WIDE, "feature_dim": 128, "dropout": 0.1},
    },
    "attention, MLP and 3 GRUs, 320 and 384 wide": {
        **_ATTENTION,
        "actor": {"hidden_size": 320, "num_layers": 3, "use_gru": True, "gru_layers": 3},
        "critic": {
            "hidden_size": 384, "num_layers": 4, "use_gru": True, "gru_layers": 3,
            "value_head_layers": 2,
        },
        "cross_replica_attention": {**_WIDE, "feature_dim": 320, "dropout": 0.1},
    },
}  # fmt: skip
"""A name, and an `actor_critic_architecture`; the last has every kind of layer."""

STATE_DIM, ACTIONS = 66, 4
SIZES = 16, 512


def network(block: dict[str, Any], state_dim: int = STATE_DIM) -> Architecture:
    """The network of a block."""
    value = {
        "model_dimensions": {"state_dim": state_dim, "action_dim": ACTIONS},
        "actor_critic_architecture": block,
        "ppo_config": {"rollout_len": 128},
    }
    found = architecture_of(parse_config(value))
    assert found is not None
    return found


def main(minibatches: int) -> None:
    """Print the table as Markdown."""
    from ppodiag.memory import estimate
    from tests.torch_nets import tracked_peak

    print("| networks | parameters | samples | peak | estimate | checkpointed | estimate |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, block in BLOCKS.items():
        of = network(block)
        for size in SIZES:
            cells = [name, f"{of.parameters:,}", f"{size:,}"]
            for checkpointing in (False, True):
                peak = tracked_peak(of, size, checkpointing, minibatches)
                ratio = estimate(of, size, checkpointing=checkpointing).total / peak - 1
                cells += [f"{peak:,}", f"{100 * ratio:+.1f}%".replace("-", "−")]
            print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
