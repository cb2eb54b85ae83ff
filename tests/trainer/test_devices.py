"""What is read of the device that trains."""

from __future__ import annotations

import os
import subprocess
import sys


def test_memory_of_the_process_that_started_it_does_not_count() -> None:
    """The peak is the process's own, though Linux hands its starter's highest memory on to it."""
    here = bytearray(os.urandom(1) * 800_000_000)
    code = "import torch; from reference_trainer.devices import peak_memory_bytes as peak\n"
    code += "print(peak(torch.device('cpu')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(here) == 800_000_000
    assert 50_000_000 < int(done.stdout) < 800_000_000
