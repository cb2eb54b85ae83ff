"""A Ray cluster: connected to, or started on this machine and shut down again; and what it has."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ppodiag.errors import UsageError
from ppodiag.wording import counted

CURRENT = "/tmp/ray/ray_current_cluster"
"""Where `ray start` notes the address of the cluster that this machine is in."""

ANSWER_SECONDS = 10.0

STARTS = 3
"""A start of Ray gives up after 30 s, which is not enough on a busy machine; then it is tried again."""


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the cluster.

    Attributes:
        id: Ray's.
        name: of the machine.
        cpus, gpus, memory_bytes: that it hands out in all.
    """

    id: str
    name: str
    cpus: float
    gpus: float
    memory_bytes: float

    def holds(self, need: Mapping[str, float]) -> bool:
        """Whether it would have so much, were it free."""
        return (
            self.cpus >= need["num_cpus"]
            and self.gpus >= need["num_gpus"]
            and self.memory_bytes >= need.get("memory", 0.0)
        )

    def words(self) -> str:
        """What it hands out."""
        cpus, gpus = counted(int(self.cpus), "CPU"), counted(int(self.gpus), "GPU")
        return f"{cpus}, {gpus}, {self.memory_bytes / 2**30:.3g} GiB"


def nodes(ray: Any) -> list[Node]:
    """Those that are alive, in the order of their names."""
    found = []
    for node in ray.nodes():
        has = node["Resources"]
        if node["Alive"] and has.get("CPU"):
            name, id = node["NodeManagerHostname"], node["NodeID"]
            found.append(Node(id, name, has["CPU"], has.get("GPU", 0.0), has.get("memory", 0.0)))
    return sorted(found, key=lambda node: (node.name, node.id))


def described(found: list[Node]) -> str:
    """What nodes have, in words."""
    cpus, gpus = (sum(getattr(node, kind) for node in found) for kind in ("cpus", "gpus"))
    return (
        f"{counted(len(found), 'node')}, {counted(int(cpus), 'CPU')}, {counted(int(gpus), 'GPU')}"
    )


@contextmanager
def connected(address: str | None, working_dir: str | None) -> Iterator[tuple[Any, bool]]:
    """Ray, connected, and whether its cluster was started here; what was started is shut down.

    A connection that this process has already is used, and left.

    Args:
        address: of a cluster; None: that of RAY_ADDRESS, else one is started on this machine.
        working_dir: sent to the nodes, where tasks run in it; None: nothing is sent.

    Raises:
        UsageError: there is no such cluster, or none can be started.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    logging.getLogger("ray").setLevel(logging.ERROR)
    import ray

    if ray.is_initialized():
        yield ray, False
        return
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    if address.startswith("ray://"):
        raise UsageError(
            f"{address} is an address of the Ray client",
            "run the command on a node of the cluster, with --ray-address auto",
        )
    if address != "local":
        _see_that_it_answers(address)
    try:
        _init(ray, address, working_dir)
    except Exception as error:
        raise _unreachable(address, error) from error
    try:
        yield ray, address == "local"
    finally:
        ray.shutdown()


def _see_that_it_answers(address: str) -> None:
    """Ask for a connection; where there is none Ray itself would go on asking for many minutes.

    Raises:
        UsageError: nothing answers there.
    """
    if address == "auto":
        try:
            with open(CURRENT, encoding="utf-8") as file:
                place = file.read().strip()
        except OSError:
            return  # Ray looks elsewhere, and says at once that there is none
    else:
        place = address
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_SECONDS).close()
    except ValueError:
        raise _unreachable(address, ValueError("that is no HOST:PORT")) from None
    except OSError as error:
        raise _unreachable(address, error) from None


def _init(ray: Any, address: str, working_dir: str | None) -> None:
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == "local":
        options["include_dashboard"] = False
        if hasattr(os, "sched_getaffinity"):
            options["num_cpus"] = len(os.sched_getaffinity(0))
    if working_dir is not None:
        options["runtime_env"] = {"working_dir": working_dir}
    main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    try:
        for tries_left in reversed(range(STARTS)):
            try:
                ray.init(address=address, **options)
                break
            except Exception as error:
                if not (tries_left and address == "local" and "timed out" in str(error)):
                    raise
                ray.shutdown()
    finally:
        if main and before is not None:  # Ray puts its own in the place of ours
            signal.signal(signal.SIGTERM, before)


def _unreachable(address: str, error: Exception) -> UsageError:
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    said = said or type(error).__name__
    if address == "local":
        return UsageError(
            f"Ray cannot be started on this machine: {said}",
            "see the logs in /tmp/ray/session_latest",
        )
    return UsageError(
        f"there is no Ray cluster to be had at {address}: {said}",
        "run the command on one of its nodes; without --ray-address and RAY_ADDRESS one is started here",
    )
