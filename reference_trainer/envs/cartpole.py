"""CartPole-v1 as tensors: the equations of Gymnasium's, all environments in one go.

Barto, Sutton and Anderson, "Neuronlike Adaptive Elements That Can Solve Difficult Learning Control
Problems" (1983); the constants and the explicit Euler step are those of Gymnasium's
`classic_control/cartpole.py`. As there the state is integrated in double precision and observed in
single precision, and the reward is 1 for every step, the last one included.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from reference_trainer.envs.environment import EnvSpec, Step
from reference_trainer.envs.restoring import checked
from reference_trainer.spaces import Discrete

NAME = "CartPole-v1"
GRAVITY = 9.8  # m/s²
POLE_MASS = 0.1  # kg
TOTAL_MASS = 1.1  # kg, cart and pole
HALF_LENGTH = 0.5  # m, of the pole
FORCE = 10.0  # N, to the left (action 0) or to the right (1)
SECONDS = 0.02  # of one step
FARTHEST = 2.4  # m from the middle
STEEPEST = 12 * 2 * math.pi / 360  # rad from upright
LONGEST = 500  # steps
START = 0.05  # every value of the first observation lies within ± this

_LEVER = POLE_MASS * HALF_LENGTH / TOTAL_MASS
_AGE, _CART, _POLE = range(3)
_PLACE, _SPEED, _ACCELERATION = range(3)


class CartPole:
    """S × N cart-poles.

    One table holds place, speed and acceleration of three coordinates: the cart, the pole's angle
    and the age of the episode in steps, whose speed is one a step. So one addition moves all of
    them, and one comparison finds all that went too far.
    """

    def __init__(
        self, seeds: int, envs: int, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> None:
        """Make them; `reset` comes before the first step.

        Args:
            seeds: S.
            envs: N, environments of a seed.
            device: where all tensors lie.
            dtype: of observations and rewards.
        """
        self._spec = EnvSpec(NAME, 4, Discrete(2), reset_draws=4, step_draws=4)
        self._dtype = dtype
        # Apple's devices know no double precision.
        exact = torch.float32 if device.type == "mps" else torch.float64
        columns = (seeds, envs)

        def full(*shape: int, value: float = 0.0) -> Tensor:
            return torch.full((*shape, *columns), value, dtype=exact, device=device)

        self._table = full(3, 3)  # coordinate, derivative, S, N
        self._table[_AGE, _SPEED] = 1.0 / SECONDS
        self._next = self._table[:, :2].clone()
        self._fresh = self._next.clone()
        self._pushes = torch.tensor([-FORCE, FORCE], dtype=exact).div(TOTAL_MASS).to(device)
        self._centre = full(value=-START)
        self._inertia = full(value=HALF_LENGTH * 4.0 / 3.0)
        self._reward = torch.ones(columns, dtype=dtype, device=device)
        limits = torch.tensor([LONGEST - 0.5, FARTHEST, STEEPEST], dtype=exact).to(device)
        self._limits = limits.view(3, 1, 1).expand(3, *columns).contiguous()
        self._beyond = torch.zeros(3, *columns, dtype=torch.bool, device=device)
        self._late, self._off, self._fallen = self._beyond.unbind()
        self._views()

    def _views(self) -> None:
        """Name the parts of the tables that a step reads and writes."""
        table = self._table
        self._angle, self._turning = table[_POLE, _PLACE], table[_POLE, _SPEED]
        self._cart_pull = table[_CART, _ACCELERATION]
        self._pole_pull = table[_POLE, _ACCELERATION]
        self._moving, self._rates = table[:, :2], table[:, 1:]
        self._places = self._next[:, _PLACE]
        self._start = self._fresh[_CART:].flatten(0, 1)
        self._drawn = self._start.permute(1, 2, 0)
        self._ended = self._next[_CART:].flatten(0, 1).permute(1, 2, 0)
        self._shown = table[_CART:, :2].permute(2, 3, 0, 1)

    @property
    def spec(self) -> EnvSpec:
        """Four values: place and speed of the cart, angle and speed of the pole."""
        return self._spec

    def _observe(self, view: Tensor) -> Tensor:
        """A new contiguous tensor of what `view` shows."""
        return view.new_empty(view.shape, dtype=self._dtype).copy_(view)

    def reset(self, draws: Tensor) -> Tensor:
        """Start all episodes; see `VectorEnv.reset`."""
        self._draw(draws)
        self._moving.copy_(self._fresh)
        return self._observe(self._shown).flatten(2)

    def _draw(self, draws: Tensor) -> None:
        """First states from uniform numbers, (S, N, 4), in the order of the observation."""
        self._drawn.copy_(draws)
        torch.add(self._centre, self._start, alpha=2 * START, out=self._start)

    def step(self, actions: Tensor, draws: Tensor) -> Step:
        """One step of all; see `VectorEnv.step`. Both flags are set where both apply."""
        self._accelerate(actions)
        torch.add(self._moving, self._rates, alpha=SECONDS, out=self._next)
        last = self._observe(self._ended)
        torch.gt(self._places.abs(), self._limits, out=self._beyond)
        truncated, terminated = self._late.clone(), self._off | self._fallen
        self._draw(draws)
        torch.where(terminated | truncated, self._fresh, self._next, out=self._moving)
        first = self._observe(self._shown).flatten(2)
        return Step(first, self._reward, terminated, truncated, last)

    def _accelerate(self, actions: Tensor) -> None:
        """The accelerations of cart and pole under the forces that `actions` choose, (S, N)."""
        sine, cosine = self._angle.sin(), self._angle.cos()
        push = self._pushes.take(actions)
        pull = push.addcmul_(self._turning * self._turning, sine, value=_LEVER)
        torque = (sine * GRAVITY).addcmul_(cosine, pull, value=-1)
        inertia = self._inertia.addcmul(cosine, cosine, value=-HALF_LENGTH * POLE_MASS / TOTAL_MASS)
        torch.div(torque, inertia, out=self._pole_pull)
        torch.addcmul(pull, self._pole_pull, cosine, value=-_LEVER, out=self._cart_pull)

    def state(self) -> dict[str, Tensor]:
        """`motion` (S, N, 2, 2): cart and pole, each place and speed; `age` (S, N): steps."""
        return {"motion": self._shown.clone(), "age": self._table[_AGE, _PLACE].clone()}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Put it back; see `VectorEnv.load_state`."""
        checked(state, self.state())
        self._shown.copy_(state["motion"])
        self._table[_AGE, _PLACE].copy_(state["age"])

    def close(self) -> None:
        """Nothing to let go of."""
