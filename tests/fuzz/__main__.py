"""`python -m tests.fuzz READER [EXAMPLES] [--random]`: feed one reader with files that are nearly right.

Without --random the files are the same every time, and those that ask for much come first.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
import warnings

from hypothesis import HealthCheck, Phase, given, settings

from ppodiag.errors import PpodiagError
from tests.fuzz.mutations import mutated
from tests.fuzz.readers import READERS, Reader


def fed(reader: Reader, data: bytes) -> str:
    """What came of it: `read`, or the message of the one error that may come."""
    folder = tempfile.mkdtemp(prefix="ppodiag-fuzz-")
    try:
        reader.read(folder, data)
    except PpodiagError as error:
        return error.message
    finally:
        shutil.rmtree(folder)
    return "read"


def limit(mebibytes: int) -> None:
    """Bound the address space of this process, where the system can."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (mebibytes << 20, mebibytes << 20))


def main(arguments: list[str]) -> None:
    """See the module."""
    warnings.simplefilter("error")
    reader = READERS[arguments[0]]
    seeds = reader.seeds()
    limit(reader.memory)
    random = "--random" in arguments
    for name, data in ({} if random else reader.bombs()).items():
        began = time.process_time()
        said = fed(reader, data)
        spent = time.process_time() - began
        print(f"{spent:6.2f} s  {len(data):>10,} bytes  {name}: {said[:80]!r}", flush=True)
    examples = int(next((word for word in arguments[1:] if word.isdigit()), "100"))

    @settings(
        max_examples=examples, derandomize=not random, database=None, deadline=None,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink) if random else (Phase.generate,),
    )  # fmt: skip
    @given(data=mutated(seeds, reader.pieces))
    def feed(data: bytes) -> None:
        fed(reader, data)

    feed()


if __name__ == "__main__":
    main(sys.argv[1:])
