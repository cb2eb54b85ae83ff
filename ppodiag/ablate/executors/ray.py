"""Units as tasks of a Ray cluster."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ppodiag.ablate.executors.executor import LOSSES, Keep, Room, Tell, parted
from ppodiag.ablate.executors.ray_cluster import Node, connected, described, nodes
from ppodiag.ablate.executors.ray_task import UnfitNode, run_away, unpack
from ppodiag.ablate.unit import Unit, failed_result, own_result
from ppodiag.errors import UsageError

POLL_SECONDS = 0.5

END_SECONDS = 15.0
"""To wait for cancelled tasks, which end their trainers."""


class RayExecutor:
    """Tasks of one unit each, with what they need of their node.

    Timed runs are tasks one after the other, all on one node, and each takes all CPUs of it, and whole
    GPUs. A unit whose worker is lost is run again.

    Attributes:
        name: ray.
        jobs: tasks at once; None: as many as the cluster has room for.
    """

    name = "ray"

    def __init__(
        self,
        address: str | None,
        working_dir: str | None,
        room: Room,
        jobs: int | None,
        tell: Tell,
    ) -> None:
        self.jobs = jobs
        self._address, self._working_dir = address, working_dir
        self._room, self._tell = room, tell

    def run(self, units: Sequence[Unit], keep: Keep) -> None:
        """See `Executor.run`; timed units run after the others."""
        anywhere, together, alone = parted(units)
        with connected(self._address, self._working_dir) as (ray, started):
            found = nodes(ray)
            where = "started on this machine" if started else "connected"
            self._tell(f"ray: {where}, {described(found)}")
            place = None if self._working_dir is not None else os.getcwd()
            tasks = _Tasks(ray, self._room, place, keep, self._tell)
            for unit in units[:1]:
                tasks.node_for(unit, found)
            tasks.run(anywhere, self.jobs)
            tasks.run(together, self.jobs, pinned=True)
            if alone:
                tasks.run(alone, 1, pinned=True, whole=True)


@dataclass
class _Tasks:
    """Tasks in a cluster.

    Attributes:
        ray: the package, connected.
        room: that each task has.
        place: see `run_away`.
        keep: takes results.
        tell: takes what is run again.
    """

    ray: Any
    room: Room
    place: str | None
    keep: Keep
    tell: Tell
    lost: dict[str, int] = field(default_factory=dict)

    def run(
        self,
        units: Sequence[Unit],
        at_once: int | None,
        *,
        pinned: bool = False,
        whole: bool = False,
    ) -> None:
        """Run the units to their results.

        Args:
            units: in this order, as there is room.
            at_once: tasks; None: all.
            pinned: whether all run on one node.
            whole: whether each has all CPUs of that node.
        """
        waiting, flying = deque(units), dict[Any, Unit]()
        node: Node | None = None
        try:
            while waiting or flying:
                while waiting and (at_once is None or len(flying) < at_once):
                    if pinned and (node is None or node not in nodes(self.ray)):
                        node = self.node_for(waiting[0], nodes(self.ray))
                        if whole:
                            self.tell(
                                f"ray: timed runs have node {node.name} to themselves, once free"
                            )
                    unit = waiting.popleft()
                    flying[self._submit(unit, node, whole)] = unit
                ready, _ = self.ray.wait(list(flying), timeout=POLL_SECONDS)
                for ref in ready:
                    again = self._outcome(flying.pop(ref), ref)
                    if again is not None:
                        waiting.appendleft(again)
        except BaseException:
            self._cancel(list(flying))
            raise

    def node_for(self, unit: Unit, found: Sequence[Node]) -> Node:
        """The first node that could run the unit.

        Raises:
            UsageError: no node could, and so it would wait for ever.
        """
        need = self._need(unit)
        for node in found:
            if node.holds(need):
                return node
        has = "; ".join(f"{node.name} has {node.words()}" for node in found)
        raise UsageError(
            f"no node of the Ray cluster has what --cpus, --gpus and --mem ask for: {has}",
            "ask for less, or let a node that has it join the cluster first",
        )

    def _need(self, unit: Unit) -> dict[str, float]:
        need = {"num_cpus": float(self.room.cpus), "num_gpus": unit.gpus}
        if self.room.memory_bytes is not None:
            need["memory"] = self.room.memory_bytes
        return need

    def _submit(self, unit: Unit, node: Node | None, whole: bool) -> Any:
        options: dict[str, Any] = self._need(unit)
        if node is not None:
            from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

            options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(node.id, soft=False)
            if whole:
                options |= {"num_cpus": node.cpus, "num_gpus": float(math.ceil(unit.gpus))}
        # Lost workers are counted and told here, so Ray itself repeats nothing.
        task = self.ray.remote(run_away).options(max_retries=0, name=unit.name, **options)
        return task.remote(unit, self.place)

    def _outcome(self, unit: Unit, ref: Any) -> Unit | None:
        """Keep what came of a task; the unit where it is to run again."""
        from ray import exceptions

        lost = (
            exceptions.WorkerCrashedError, exceptions.NodeDiedError, exceptions.OutOfMemoryError,
            exceptions.ObjectLostError, exceptions.TaskUnschedulableError,
        )  # fmt: skip
        try:
            result, logs = self.ray.get(ref)
        except exceptions.RuntimeEnvSetupError as error:
            raise UsageError(
                f"Ray cannot send the working folder: {_line(error)}", "see --ray-working-dir"
            ) from error
        except lost as error:
            return self._lost(unit, error)
        except exceptions.RayError as error:
            self.keep(failed_result(unit, "a fault of its Ray task", str(_fit(error))))
            return None
        unpack(logs, unit.folder)
        self.keep(own_result(unit, result))
        return None

    def _lost(self, unit: Unit, error: Exception) -> Unit | None:
        times = self.lost[unit.name] = self.lost.get(unit.name, 0) + 1
        if times > LOSSES:
            self.keep(failed_result(unit, f"its worker was lost {times} times", str(error)))
            return None
        self.tell(f"lost: {unit.name}: {type(error).__name__}; run again")
        return unit

    def _cancel(self, refs: Sequence[Any]) -> None:
        """End tasks, with their trainers, and wait for that."""
        for ref in refs:
            self.ray.cancel(ref)
        if refs:
            self.ray.wait(list(refs), num_returns=len(refs), timeout=END_SECONDS)


def _fit(error: Exception) -> Exception:
    """The error of a task, where it is not one of its node.

    Raises:
        UsageError: the node lacks what every unit needs.
    """
    cause = getattr(error, "cause", None)
    if isinstance(cause, UnfitNode):
        raise UsageError(
            str(cause), "share that folder with the nodes, or send it: --ray-working-dir ."
        ) from error
    if isinstance(cause, ImportError) or "No module named 'ppodiag'" in str(error):
        raise UsageError(
            f"a node of the Ray cluster cannot run ppodiag: {_line(error)}",
            "install the same version of ppodiag on every node",
        ) from error
    return error


def _line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
