"""Running tests against mutants: one pytest session, one fork a mutant."""

from __future__ import annotations

import gc
import os
import re
import resource
import select
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from mutants_find import Mutant
from mutants_graft import graft

KILLED, SURVIVED, TIMEOUT = "killed", "survived", "timeout"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: killed, survived or timeout, and the test that killed it."""

    outcome: str
    by: str


class Session:
    """A pytest plugin that runs no test itself, but those of each mutant in a child."""

    def __init__(
        self,
        queue: list[Mutant],
        cpu_seconds: float,
        own_first: bool,
        report: Callable[[Mutant, Verdict], None],
    ) -> None:
        self.queue = queue
        self.cpu_seconds = cpu_seconds
        self.own_first = own_first
        self.report = report
        self.kills: dict[str, int] = {}
        self.seconds: dict[str, float] = {}

    def pytest_collection(self) -> None:
        """Properties are tried on few examples, the same each time; after conftest, before the tests."""
        from hypothesis import HealthCheck, Phase, settings  # pytest must import its plugin first

        settings.register_profile(
            "mutants",
            deadline=None,
            max_examples=12,
            derandomize=True,
            database=None,
            report_multiple_bugs=False,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests without a change, then against each mutant."""
        from ppodiag._generated import rules_bundle

        rules_bundle.CHECKSUMS = {}  # so that rule files are loaded, never the bundle
        for item in session.items:
            began = time.process_time()
            if not _passes(item):
                pytest.exit(f"{item.nodeid} fails without a mutant", returncode=1)
            self.seconds[item.nodeid] = time.process_time() - began + 1e-4
        gc.collect()
        gc.freeze()  # the children then share these pages
        for mutant in self.queue:
            self.report(mutant, self._verdict(session, mutant))
        return True

    def _verdict(self, session: pytest.Session, mutant: Mutant) -> Verdict:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            self._in_child(list(self._ordered(session, mutant)), mutant, writer)
        os.close(writer)
        try:
            ready, _, _ = select.select([reader], [], [], 600)
            if not ready:
                os.kill(child, signal.SIGKILL)
            said = os.read(reader, 4096).decode()
        finally:
            os.close(reader)
            os.waitpid(child, 0)
        if not said:
            return Verdict(TIMEOUT, "")
        if said == SURVIVED:
            return Verdict(SURVIVED, "")
        self.kills[said] = self.kills.get(said, 0) + 1
        return Verdict(KILLED, said)

    def _ordered(self, session: pytest.Session, mutant: Mutant) -> Iterator[pytest.Item]:
        """Those first that killed most a second; of a rule those that name its code, then the rest."""
        code = os.path.basename(mutant.module)[:-3].upper()
        items = sorted(session.items, key=self._promise, reverse=True)
        if not self.own_first:
            yield from items
            return
        yield from (item for item in items if code in item.nodeid)
        yield from (item for item in items if not OF_A_RULE.search(item.nodeid))

    def _promise(self, item: pytest.Item) -> float:
        return (self.kills.get(item.nodeid, 0) + 0.1) / self.seconds[item.nodeid]

    def _in_child(self, items: list[pytest.Item], mutant: Mutant, writer: int) -> None:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        memory = 4 << 30
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        gc.disable()
        said = SURVIVED
        try:
            graft(mutant.module.removesuffix(".py").replace("/", "."), mutant.source)
            for item in items:
                limit = self.cpu_seconds + 5 * self.seconds[item.nodeid]
                signal.setitimer(signal.ITIMER_PROF, limit)
                if not _passes(item):
                    said = item.nodeid
                    break
        except BaseException as error:
            said = f"import: {type(error).__name__}"
        os.write(writer, said.encode()[:4000])
        os._exit(0)


OF_A_RULE = re.compile(r"\[[A-Z]+\d{3}\b")
"""In the name of a test: it is about one rule alone."""


def _passes(item: pytest.Item) -> bool:
    """Whether a test passes, warnings being errors; without a report, which costs more than the test."""
    state = item.session._setupstate
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            if isinstance(item, pytest.Function):
                item._initrequest()
            state.setup(item)
            item.runtest()
        except pytest.skip.Exception:
            return True
        except (Exception, pytest.fail.Exception):
            return False
        finally:
            state.teardown_exact(None)
    return True


def run_group(
    tests: list[str],
    queue: list[Mutant],
    cpu_seconds: float,
    own_first: bool,
    report: Callable[[Mutant, Verdict], None],
) -> int:
    """The exit code of pytest after all mutants of a queue; `report` is told of each."""
    arguments = ["-q", "-s", "-n", "0", "-p", "no:cacheprovider", "-p", "no:randomly"]
    return int(
        pytest.main([*arguments, *tests], plugins=[Session(queue, cpu_seconds, own_first, report)])
    )
