"""The networks that a configuration asks for, as lists of layers; `docs/memory.md` defines them."""

from __future__ import annotations

from dataclasses import dataclass

from ppodiag.block_reader import NoNetwork, block_of, few, flag, whole
from ppodiag.layers import GRU, Attention, LayerNorm, Layers, Linear, Tanh, parameters
from ppodiag.plan import sequences_of

TYPE_CHECKING = False  # as typing has it; importing typing would cost a clean file 4 ms
if TYPE_CHECKING:
    from typing import Any

    from ppodiag.config import PPOConfig

HIDDEN, HIDDEN_LAYERS = 64, 2
"""Width and number of hidden layers where the file gives none, as in Stable-Baselines3's MlpPolicy
and CleanRL's ppo.py."""

ATTENTION_WIDTH, ATTENTION_HEADS = 64, 1
"""[judgement] Width and heads of the attention where the file gives none: one head of that width."""

_BLOCKS = ("actor", "critic", "cross_replica_attention", "stabilization")
_COUNTS = frozenset((
    "state_dim", "action_dim", "shared_backbone", "use_separate_networks", "hidden_size",
    "num_layers", "gru_layers", "sequence_length", "num_replicas", "attention_heads",
    "enable_cross_replica_attention", "actor/hidden_size", "actor/num_layers", "actor/use_gru",
    "actor/gru_layers", "critic/hidden_size", "critic/num_layers", "critic/use_gru",
    "critic/gru_layers", "critic/value_head_layers", "cross_replica_attention/enable",
    "cross_replica_attention/feature_dim", "cross_replica_attention/num_heads",
    "cross_replica_attention/dropout", "cross_replica_attention/use_layer_norm",
    "stabilization/enable_layer_normalization",
))  # fmt: skip
_ROOT = "/actor_critic_architecture"


@dataclass(frozen=True, slots=True)
class Architecture:
    """Actor and critic.

    Attributes:
        trunk: layers that both share, before their own; empty where the networks are separate.
        actor: layers to one logit an action, (n, actions).
        critic: layers to the value, (n, 1).
        observation: values in one observation.
        actions: discrete actions.
        sequence_length: L, steps of a sequence; counts where there is a GRU.
    """

    trunk: Layers
    actor: Layers
    critic: Layers
    observation: int
    actions: int
    sequence_length: int = 1

    @property
    def layers(self) -> Layers:
        """All layers in the order of the forward pass: trunk, actor, critic."""
        return self.trunk + self.actor + self.critic

    @property
    def parameters(self) -> int:
        """Trainable values in all layers."""
        return parameters(self.layers)

    @property
    def hidden_state(self) -> int:
        """Values in the hidden state of one sequence, all GRU layers together."""
        return sum(layer.outputs for layer in self.layers if isinstance(layer, GRU))


def architecture_of(config: PPOConfig) -> Architecture | None:
    """The networks of a configuration; None where it makes none.

    None: the size of the observation, the number of actions or, with attention, of replicas is not
    known; the width of the attention is no multiple of its heads; an observation has fewer values
    than replicas; a key that counts is of a wrong kind; there are more layers of one kind than
    `block_reader.MOST_LAYERS`.

    Raises:
        Unavailable: a key that counts is invalid or was lost.
    """
    block = config.architecture
    if block is None:
        block = {}
    state_dim, actions = config.state_dim, config.action_dim
    if state_dim is None or actions is None or not isinstance(block, dict):
        return None
    try:
        return _networks(block, state_dim, actions, sequences_of(config)[0])
    except NoNetwork:
        return None


def _networks(block: dict[str, Any], state_dim: int, actions: int, length: int) -> Architecture:
    shared = flag(block, "shared_backbone")
    if shared is None:
        shared = flag(block, "use_separate_networks") is False
    before = _attention(block, state_dim)
    actor = before + _body(block, "actor", before[-1].outputs if before else state_dim)
    feature = actor[-1].outputs if actor else state_dim
    if shared:
        return Architecture(
            trunk=actor,
            actor=(Linear(feature, actions),),
            critic=_value_head(block, feature),
            observation=state_dim,
            actions=actions,
            sequence_length=length,
        )
    critic = before + _body(block, "critic", before[-1].outputs if before else state_dim)
    return Architecture(
        trunk=(),
        actor=(*actor, Linear(feature, actions)),
        critic=critic + _value_head(block, critic[-1].outputs if critic else state_dim),
        observation=state_dim,
        actions=actions,
        sequence_length=length,
    )


def _attention(block: dict[str, Any], state_dim: int) -> Layers:
    """The attention across replicas, where it is on: one layer or none."""
    own = block_of(block, "cross_replica_attention")
    asked = flag(block, "enable_cross_replica_attention"), flag(own, "enable")
    if False in asked or True not in asked:
        return ()
    tokens = whole(block, "num_replicas", None, least=1)
    width = whole(own, "feature_dim", ATTENTION_WIDTH, least=1)
    heads = whole(own, "num_heads", whole(block, "attention_heads", ATTENTION_HEADS), least=1)
    dropout = own.get("dropout", 0.0)
    if type(dropout) not in (int, float) or not 0 <= dropout <= 1:
        raise NoNetwork
    features, rest = divmod(state_dim, tokens)
    if not features or width % heads:
        raise NoNetwork
    norm = bool(flag(own, "use_layer_norm"))
    return (Attention(tokens, features, rest, width, heads, float(dropout), norm),)


def _body(block: dict[str, Any], name: str, inputs: int) -> Layers:
    """The hidden layers of `actor` or `critic`, then its GRU layers; it may have neither."""
    own = block_of(block, name)
    hidden = _hidden(block, own)
    norm = bool(flag(block_of(block, "stabilization"), "enable_layer_normalization"))
    layers: Layers = ()
    for _ in range(few(own, "num_layers", few(block, "num_layers", HIDDEN_LAYERS))):
        layers += (Linear(inputs, hidden), *((LayerNorm(hidden),) if norm else ()), Tanh(hidden))
        inputs = hidden
    asked = flag(own, "use_gru")
    if asked is not False:
        for _ in range(few(own, "gru_layers", few(block, "gru_layers", 1 if asked else 0))):
            layers += (GRU(inputs, hidden),)
            inputs = hidden
    return layers


def _value_head(block: dict[str, Any], inputs: int) -> Layers:
    """`value_head_layers` Linear layers, a tanh between each two; the last gives the value."""
    own = block_of(block, "critic")
    hidden = _hidden(block, own)
    layers: Layers = ()
    for _ in range(few(own, "value_head_layers", 1) - 1):
        layers += (Linear(inputs, hidden), Tanh(hidden))
        inputs = hidden
    return (*layers, Linear(inputs, 1))


def _hidden(block: dict[str, Any], own: dict[str, Any]) -> int:
    return whole(own, "hidden_size", whole(block, "hidden_size", HIDDEN, least=1), least=1)


def unmodelled(value: Any) -> tuple[str, ...]:
    """JSON pointers of what a file asks for in its networks and `architecture_of` leaves out.

    Args:
        value: the configuration as it stands in the file.

    Returns:
        Pointers in the file's order. Not among them: keys that count, free text (`comment`, and
        names with `_` or `$` in front), and what is switched off (false, null, 0, or an object
        whose `enable` is false).
    """
    block = value.get("actor_critic_architecture") if isinstance(value, dict) else None
    return tuple(_left_out(block, "", _ROOT)) if isinstance(block, dict) else ()


def _left_out(block: dict[str, Any], name: str, pointer: str) -> list[str]:
    found = []
    for key, value in block.items():
        path = f"{name}/{key}" if name else key
        at = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        if key == "comment" or key.startswith(("_", "$")) or not value:
            continue
        if isinstance(value, dict) and value.get("enable") is False:
            continue
        if path in _BLOCKS and isinstance(value, dict):
            found += _left_out(value, path, at)
        elif path not in _COUNTS and (path, value) != ("actor/output_activation", "softmax"):
            found.append(at)
    return found
