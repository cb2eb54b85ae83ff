"""About how long a run takes, before it is made."""

from __future__ import annotations

from ppodiag.architecture import architecture_of
from ppodiag.confirm.arm import Prepared
from ppodiag.confirm.keys import NETWORKS
from ppodiag.layers import parameters

START = 2.5
"""Seconds to start a process with torch: two cores of an Intel Xeon, model 167, as all below."""

STEP = 1.1e-4
"""Seconds of one step of the environments of a rollout; two layers of 64, up to some dozens of them."""

MINIBATCH = 3e-4
"""Seconds of a minibatch of 64 samples; two layers of 64."""

OPERATIONS = 3e10
"""Multiplications and additions a second of larger networks."""


def seconds_of(run: Prepared) -> float:
    """Seconds of a run on the machine named above; on another one the order of magnitude."""
    context = run.context
    config, rollout = context.config, context.rollout
    trained = max(0, run.rollouts - config.stabilization_steps // rollout.samples)
    minibatches = trained * rollout.epochs * rollout.minibatches
    each = MINIBATCH
    if NETWORKS in run.value and (built := architecture_of(config)) is not None:
        each += 6 * parameters(built.layers) * rollout.size / OPERATIONS
    return START + run.rollouts * config.rollout_len * STEP + minibatches * each
