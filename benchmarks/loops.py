"""One measured loop of the simulator, in a process of its own: seconds and peak memory as JSON.

Called by run.py: `loops.py learning-rates | one-cycle | closed-loop | torch`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from ppodiag.own_memory import own_peak_bytes

STEPS, SEEDS, UPDATES, TORCH_STEPS = 10_000_000, 1000, 10_000, 20_000


def _config(adaptive: bool, env_steps: int, period: int = 5000) -> dict[str, object]:
    block: dict[str, object] = {
        "learning_rate_schedule": {
            "type": "cosine_annealing_with_warmup", "warmup_steps": 1000, "restart_period": period,
            "min_lr_ratio": 0.1,
        },
    }  # fmt: skip
    if adaptive:
        block["adaptive_batch_size"] = {
            "enable": True, "min_batch_size": 32, "max_batch_size": 128, "adaptation_rate": 0.1,
        }  # fmt: skip
    return {
        "training": {"ppo_requests": env_steps},
        "ppo_config": {
            "lr": 3e-4, "rollout_len": 512, "minibatch_size": 64, "epochs": 8, "max_grad_norm": 1.0,
        },
        "advanced_optimization": block,
    }  # fmt: skip


def learning_rates() -> Callable[[], int]:
    """All learning rates of a run of 10 million minibatch steps, to nothing."""
    import ppodiag

    # 64 minibatches an update of 512 samples.
    trajectory = ppodiag.simulate(_config(False, STEPS // 64 * 512))
    return lambda: sum(len(part) for part in trajectory.learning_rates("minibatch"))


def one_cycle() -> Callable[[], int]:
    """The same in one cycle as long as the run, so that each tick is evaluated."""
    import ppodiag

    trajectory = ppodiag.simulate(_config(False, STEPS // 64 * 512, period=STEPS))
    return lambda: sum(len(part) for part in trajectory.learning_rates("minibatch"))


def closed_loop() -> Callable[[], int]:
    """1,000 seeds × 10,000 updates of the batch size in the loop with its norm."""
    import ppodiag

    config = _config(True, UPDATES * 512)

    def run() -> int:
        sizes = ppodiag.simulate(config, seeds=SEEDS).sizes
        assert sizes is not None
        return int(sizes.size)

    return run


def torch_schedulers() -> Callable[[], int]:
    """Torch's SequentialLR of the same schedule, stepped one by one."""
    import torch
    from torch.optim import lr_scheduler

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=3e-4)
    ramp = lr_scheduler.LambdaLR(optimizer, lambda tick: tick / 1000)
    cosine = lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=5000, eta_min=3e-5)
    schedule = lr_scheduler.SequentialLR(optimizer, [ramp, cosine], milestones=[1000])

    def run() -> int:
        for _ in range(TORCH_STEPS):
            optimizer.step()
            schedule.step()
        return TORCH_STEPS

    return run


LOOPS = {
    "learning-rates": learning_rates,
    "one-cycle": one_cycle,
    "closed-loop": closed_loop,
    "torch": torch_schedulers,
}


def main() -> None:
    """Run one loop once and print what it took."""
    loop = LOOPS[sys.argv[1]]()
    begin = time.perf_counter()
    count = loop()
    seconds = time.perf_counter() - begin
    peak = own_peak_bytes()
    print(json.dumps({"seconds": seconds, "count": count, "peak": peak}))


if __name__ == "__main__":
    main()
