"""Processes: how they end, and that nothing of them is left."""

import os
import subprocess
import sys
import time

import pytest

from ppodiag.errors import UsageError
from ppodiag.launch.process import run_process


def test_exit_code_output_and_memory_are_kept(tmp_path):
    code = "import sys; x = b'x' * 60_000_000; print('said'); print('why', file=sys.stderr); sys.exit(3)"
    ended = run_process([sys.executable, "-c", code], str(tmp_path / "log"))
    assert ended.failure == "exit code 3"
    assert "said" in ended.tail
    assert "why" in ended.tail
    assert ended.peak_bytes is None or ended.peak_bytes > 60_000_000


def test_memory_of_this_process_is_not_taken_for_the_childs(tmp_path):
    """A child counts what its parent had at its start: where that hides its own, none is told."""
    here = bytearray(os.urandom(1) * 200_000_000)
    ended = run_process([sys.executable, "-S", "-c", "pass"], str(tmp_path / "log"))
    assert len(here) == 200_000_000
    assert ended.peak_bytes is None


def test_memory_of_what_started_this_process_is_no_matter(tmp_path):
    """A small process that a large one started tells the memory of its children all the same."""
    here = bytearray(os.urandom(1) * 300_000_000)
    code = "import sys\nfrom ppodiag.launch.process import run_process\n"
    code += "child = [sys.executable, '-S', '-c', \"x = b'x' * 100_000_000\"]\n"
    code += f"print(run_process(child, {str(tmp_path / 'log')!r}).peak_bytes)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(here) == 300_000_000
    assert 100_000_000 < int(done.stdout) < 200_000_000


def test_a_process_that_takes_too_long_ends_with_what_it_started(tmp_path):
    mark = tmp_path / "alive"
    child = (
        f"import time\nfor i in range(100):\n time.sleep(0.1); open({str(mark)!r}, 'a').write('x')"
    )
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    ended = run_process([sys.executable, "-c", code], str(tmp_path / "log"), timeout=1.5)
    assert ended.timed_out
    assert "too long" in ended.failure
    size = os.path.getsize(mark)
    time.sleep(0.5)
    assert os.path.getsize(mark) == size


def test_a_signal_is_named(tmp_path):
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    ended = run_process([sys.executable, "-c", code], str(tmp_path / "log"))
    assert ended.failure == "killed by SIGKILL"


def test_a_command_that_does_not_exist_is_an_error_with_a_remedy(tmp_path):
    with pytest.raises(UsageError, match="cannot start no-such-trainer"):
        run_process(["no-such-trainer"], str(tmp_path / "log"))
