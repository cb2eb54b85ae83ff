"""The README as the package's description, for pages that cannot follow a link into the repository.

Hatchling calls `PlainLinks` when it builds the metadata. The project has no address yet that links could
be made whole with, so links to its own files become their words, and what only makes sense beside the
pictures is left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_REPOSITORY = re.compile(r"<!-- repository -->\n.*?<!-- /repository -->\n+", re.DOTALL)
_LINK = re.compile(r"\[((?:[^\[\]]|\[\])+)\]\((?!https?:)[^)]*\)")


def description(readme: str) -> str:
    """The README without pictures and without links to files."""
    return _LINK.sub(r"\1", _REPOSITORY.sub("", readme))


class PlainLinks(MetadataHookInterface):
    """Sets `readme` in the project's metadata."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Put the description in its place."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": description(text)}


def get_metadata_hook() -> type[MetadataHookInterface]:
    """The hook, for hatchling."""
    return PlainLinks
