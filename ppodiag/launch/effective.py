"""The configuration that a trainer is handed: the file with its overrides written in."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ppodiag.context import Context
from ppodiag.forecast import read_context
from ppodiag.options import Options


@dataclass(frozen=True, slots=True)
class Effective:
    """A configuration, overrides applied.

    Attributes:
        path: of the file that it was made from.
        value: its content.
        context: the same, parsed, under its profile.
    """

    path: str
    value: Mapping[str, Any]
    context: Context

    def text(self) -> str:
        """As JSON, which a reader of YAML or of JSON with comments takes as well."""
        return json.dumps(self.value, indent=2, ensure_ascii=False) + "\n"

    def digest(self) -> str:
        """SHA-256 of the content, whatever the order of its keys, and of its profile's name."""
        decides = [self.value, self.context.profile.name]
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()

    def file_name(self) -> str:
        """A name for the file: that of a trainer's configuration keeps its suffix."""
        suffix = os.path.splitext(self.path)[1]
        return "config" + (suffix if suffix in (".json", ".yaml", ".yml") else ".json")


def effective(data: bytes, path: str, options: Options) -> Effective:
    """The configuration of a file under these options.

    Raises:
        UsageError: the file cannot be read or parsed.
    """
    _, context = read_context(data, path, options)
    return Effective(path, context.value, context)
