"""torch modules from layer specs, and one PPO optimizer step on them: what the estimates are held to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from torch.utils.checkpoint import checkpoint

from ppodiag import layers as spec
from ppodiag.architecture import Architecture


class ReplicaAttention(nn.Module):
    """`spec.Attention`: (n, inputs) to (n, outputs)."""

    def __init__(self, of: spec.Attention) -> None:
        super().__init__()
        self.of = of
        self.project = nn.Linear(of.features, of.width)
        self.qkv = nn.Linear(of.width, 3 * of.width)
        self.out = nn.Linear(of.width, of.width)
        self.norm = nn.LayerNorm(of.width) if of.layer_norm else None

    def forward(self, x: Tensor) -> Tensor:
        of, n = self.of, x.shape[0]
        tokens = x[:, : of.tokens * of.features].reshape(n, of.tokens, of.features)
        t = self.project(tokens)
        heads = (n, of.tokens, of.heads, of.width // of.heads)
        q, k, v = (part.view(heads).transpose(1, 2) for part in self.qkv(t).chunk(3, dim=-1))
        a = scaled_dot_product_attention(q, k, v, dropout_p=of.dropout if self.training else 0.0)
        y = t + self.out(a.transpose(1, 2).reshape(n, of.tokens, of.width))
        if self.norm is not None:
            y = self.norm(y)
        y = y.reshape(n, of.tokens * of.width)
        return torch.cat((y, x[:, of.tokens * of.features :]), dim=1) if of.rest else y


class StoredGRU(nn.Module):
    """`spec.GRU`: (n, inputs) and the hidden states (1, N, outputs) to (n, outputs)."""

    def __init__(self, of: spec.GRU) -> None:
        super().__init__()
        self.gru = nn.GRU(of.inputs, of.outputs)

    def forward(self, x: Tensor, hidden: Tensor) -> Tensor:
        sequences = hidden.shape[1]
        y = self.gru(x.view(-1, sequences, x.shape[1]), hidden)[0]
        return y.view(-1, y.shape[2])


def module(layer: spec.Layer) -> nn.Module:
    """The torch module of one spec."""
    match layer:
        case spec.Linear():
            return nn.Linear(layer.inputs, layer.outputs)
        case spec.Tanh():
            return nn.Tanh()
        case spec.LayerNorm():
            return nn.LayerNorm(layer.inputs)
        case spec.GRU():
            return StoredGRU(layer)
        case spec.Attention():
            return ReplicaAttention(layer)


class Chain(nn.Module):
    """Some layers one after the other, whole or recomputed segment by segment."""

    def __init__(self, layers: spec.Layers, checkpointing: bool) -> None:
        super().__init__()
        self.parts = nn.ModuleList(
            nn.ModuleList(module(layer) for layer in part)
            for part in (spec.segments(layers) if checkpointing else (layers,))
        )
        self.checkpointing = checkpointing

    def forward(self, x: Tensor, hidden: list[Tensor]) -> Tensor:
        """(n, inputs) to (n, outputs); takes the hidden states of its GRU layers off the list."""
        for part in self.parts:
            own = [hidden.pop(0) for layer in part if isinstance(layer, StoredGRU)]
            arguments = (part, x, *own)
            again = self.checkpointing
            x = checkpoint(run, *arguments, use_reentrant=False) if again else run(*arguments)
        return x


def run(part: Sequence[nn.Module], x: Tensor, *hidden: Tensor) -> Tensor:
    """Layers one after the other."""
    states = iter(hidden)
    for layer in part:
        x = layer(x, next(states)) if isinstance(layer, StoredGRU) else layer(x)
    return x


class ActorCritic(nn.Module):
    """An `Architecture`: observations (n, observation) to logits (n, actions) and values (n, 1)."""

    def __init__(self, of: Architecture, checkpointing: bool = False) -> None:
        super().__init__()
        self.trunk = Chain(of.trunk, checkpointing)
        self.actor = Chain(of.actor, checkpointing)
        self.critic = Chain(of.critic, checkpointing)

    def forward(self, x: Tensor, hidden: Sequence[Tensor] = ()) -> tuple[Tensor, Tensor]:
        states = list(hidden)
        feature = self.trunk(x, states)
        return self.actor(feature, states), self.critic(feature, states)


@dataclass
class Minibatch:
    """n samples: observation (n, observation); the others (n); hidden states each (1, N, width)."""

    observation: Tensor
    action: Tensor
    log_prob: Tensor
    advantage: Tensor
    value: Tensor
    target: Tensor
    hidden: tuple[Tensor, ...]

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        return (
            self.observation, self.action, self.log_prob, self.advantage, self.value, self.target,
            *self.hidden,
        )  # fmt: skip


def minibatch(of: Architecture, samples: int) -> Minibatch:
    """Random samples in whole sequences."""
    widths = [layer.outputs for layer in of.layers if isinstance(layer, spec.GRU)]
    sequences = samples // of.sequence_length
    return Minibatch(
        torch.randn(samples, of.observation),
        torch.randint(of.actions, (samples,)),
        *(torch.randn(samples) for _ in range(4)),
        tuple(torch.randn(1, sequences, width) for width in widths),
    )


def loss(net: ActorCritic, batch: Minibatch, window: int) -> Tensor:
    """The clipped PPO loss of one minibatch: the sum over its samples / samples in the window."""
    logits, values = net(batch.observation, batch.hidden)
    log_probs = torch.log_softmax(logits, dim=1)
    log_prob = log_probs.gather(1, batch.action[:, None]).squeeze(1)
    ratio = (log_prob - batch.log_prob).exp()
    clipped = ratio.clamp(0.8, 1.2) * batch.advantage
    policy = -torch.min(ratio * batch.advantage, clipped).sum()
    value = (values.squeeze(1) - batch.target).square().sum()
    entropy = -(log_probs.exp() * log_probs).sum()
    return (policy + 0.5 * value - 0.01 * entropy) / window


def optimizer_step(
    net: ActorCritic,
    optimizer: torch.optim.Optimizer,
    batches: Sequence[Minibatch],
    between: Callable[[], object] = lambda: None,
) -> None:
    """One window as PPO takes it: gradients are dropped, then added up over its minibatches, each
    with its own forward and backward pass, clipped over all parameters, and one step is taken;
    `between` is called after each minibatch.
    """
    optimizer.zero_grad()
    window = sum(len(batch.action) for batch in batches)
    for batch in batches:
        loss(net, batch, window).backward()
        between()
    nn.utils.clip_grad_norm_(net.parameters(), 0.5)
    optimizer.step()


def tracked_peak(of: Architecture, samples: int, checkpointing: bool, minibatches: int = 2) -> int:
    """Bytes at the peak of one window of some minibatches, by torch's MemTracker.

    One step is taken before, so that Adam's state exists. Counted are the storages of real CPU
    tensors: the module, the optimizer, the minibatch, and all that the window makes.
    """
    from torch.distributed._tools.mem_tracker import MemTracker

    net = ActorCritic(of, checkpointing)
    optimizer = torch.optim.Adam(net.parameters())
    batch = minibatch(of, samples)
    optimizer_step(net, optimizer, [batch])
    optimizer.zero_grad()
    tracker = MemTracker()
    tracker.track_external(net, optimizer, *batch.tensors)
    with tracker:
        optimizer_step(net, optimizer, [batch] * minibatches, between=tracker.reset_mod_stats)
    peak: int = tracker.get_tracker_snapshot("peak")[torch.device("cpu")]["Total"]
    return peak


def saved_storages(compute: Callable[[], object], known: Iterable[Tensor]) -> int:
    """Bytes of the distinct storages that autograd saves in a computation, but for known tensors."""
    left_out = {tensor.untyped_storage().data_ptr() for tensor in known}
    saved: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        saved.setdefault(tensor.untyped_storage().data_ptr(), tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        kept = compute()
    total = sum(
        tensor.untyped_storage().nbytes() for key, tensor in saved.items() if key not in left_out
    )
    del kept
    return total
