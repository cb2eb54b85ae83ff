"""Exit codes of every command; a script may rely on them."""

from __future__ import annotations

CLEAN = 0
"""Nothing at or above the failing severity."""

FINDINGS = 1
"""At least one finding at or above the failing severity."""

USAGE = 2
"""Wrong usage, or input that cannot be read."""

INTERNAL = 3
"""A fault of ppodiag itself, or a check that could not run."""

INTERRUPTED = 130
"""Ended by Ctrl-C or SIGTERM; the same command goes on."""

GONE = 141
"""The reader of the output has gone, as in `| head`; as shells have it for SIGPIPE."""
