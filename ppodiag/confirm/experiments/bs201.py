"""BS201: the minibatch size lies outside its bounds."""

from __future__ import annotations

from ppodiag.confirm.asked import Asked
from ppodiag.confirm.claim import equals
from ppodiag.confirm.experiment import Trial, experiment
from ppodiag.confirm.keys import PLAIN
from ppodiag.confirm.unsettled import CannotSettle
from ppodiag.wording import count


@experiment("BS201")
def plan(asked: Asked) -> Trial:
    """One update: the size that it begins with."""
    values = asked.finding.values
    if "size" not in values:
        raise CannotSettle("the trainer refuses bounds that nothing lies between")
    config = asked.context.config
    bounds = config.min_batch_size, config.max_batch_size
    first = min(max(config.minibatch_size, bounds[0]), bounds[1])
    claim = equals(
        f"the run begins at {count(first)}, the bound next to minibatch_size "
        f"{count(config.minibatch_size)}",
        lambda logs: float(logs["update"].of("batch_state")[0]),
        first,
        "its first size is {}",
        count,
    )
    return Trial({"update": asked.arm(1, PLAIN)}, (claim,), asked.note)
