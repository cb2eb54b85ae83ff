"""BS212: the minibatch size decides how much memory training needs."""

from __future__ import annotations

from ppodiag.bytesize import size_text
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ADAPTS, EPOCHS, PLAIN, SIZE
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.wording import count

OFF = 2.0
"""[judgement] Factor by which an estimate of memory may be off."""


@experiment("BS212")
def plan(asked: Asked) -> Trial:
    """One epoch on CUDA at either bound, each in a process of its own: the difference of their peaks."""
    values = asked.finding.values
    low, high = (int(str(values[name])) for name in ("bytes_at_min", "bytes_at_max"))
    if asked.context.device != "cuda":
        raise CannotSettle(
            "on the CPU the memory of a process holds torch and the environment too, which outweigh it; "
            "--device cuda counts what training allocates"
        )
    ends = asked.context.range_contexts[0].size, asked.context.range_contexts[-1].size
    arms = {
        name: asked.arm(1, {**PLAIN, ADAPTS: False, SIZE: size, EPOCHS: 1}, networks=True, round=0)
        for name, size in zip(("min", "max"), ends, strict=True)
    }

    def measure(logs: Logs) -> Measured:
        peaks = [logs[name].last("peak_memory_bytes") for name in ("min", "max")]
        found = peaks[1] - peaks[0]
        text = f"the peaks are {size_text(int(found))} apart"
        return Measured(text, (high - low) / OFF <= found <= (high - low) * OFF)

    claim = Claim(
        f"training needs {size_text(high)} − {size_text(low)} = {size_text(high - low)} more at size "
        f"{count(ends[1])} than at {count(ends[0])}, within a factor of {OFF:g}",
        measure,
    )
    return Trial(arms, (claim,), asked.note)
