"""ACC307: the samples of a window fit into memory at once."""

from __future__ import annotations

from ppodiag.bytesize import size_text
from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import Claim, Logs, Measured, equals
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import ACCUMULATION
from ppodiag.confirm.shape import per_epoch
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.wording import count


@experiment("ACC307")
def plan(asked: Asked) -> Trial:
    """Two updates as configured and with one minibatch a window: optimizer steps, and memory."""
    context = asked.context
    room = context.memory_bytes
    if room is None:
        raise CannotSettle("--memory is not given")
    window = int(str(asked.finding.values["window_samples"]))
    arms = {
        "accumulated": asked.shape_arm(networks=True),
        "at once": asked.shape_arm(window, networks=True),
    }
    whole = arms["at once"]
    arms["at once"] = type(whole)({**whole.changes, ACCUMULATION: 1}, whole.updates, networks=True)

    def memory(logs: Logs) -> Measured:
        found = logs["at once"].last("peak_memory_bytes")
        text = (
            f"the process that trains so needs {size_text(int(found))} at its peak, torch included"
        )
        return Measured(text, True if found <= room else None)

    epochs, windows = context.rollout.epochs, context.rollout.windows
    claims = [
        Claim(f"a minibatch of {count(window)} samples fits into {size_text(room)}", memory),
    ]
    if not context.config.adaptive_batch:
        claims.append(
            equals(
                f"the optimizer steps stay {count(windows)} an epoch",
                lambda logs: per_epoch(logs["at once"], "optimizer_steps", epochs),
                windows,
                "the log has {} an epoch",
                count,
            )
        )
    return Trial(arms, tuple(claims), asked.note)
