"""Hooks of the documentation site: the rules in the navigation, and links that leave docs/.

mkdocs loads this file (`hooks` in mkdocs.yml). Pages are written for GitHub first: their links are paths in the repository.
On the site a link to another page stays as it is, one to CONTRIBUTING.md, CHANGELOG.md or README.md leads to the page that
stands for it there, and one to any other file of the repository becomes plain text, for the site holds pages only.
"""

from __future__ import annotations

import html
import os
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
OUTSIDE = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Files of the repository's root that are pages of the site."""
STANDS_FOR = {ROOT / "README.md": DOCS / "index.md"} | {
    ROOT / k: DOCS / v for k, v in OUTSIDE.items()
}
_FAMILY = re.compile(r"^## (\w+: .+)$")
_RULE = re.compile(r"^\| \[(\w+)\]\((\w+\.md)\)")
_FENCE = re.compile(r"^( *)(```+|~~~+)")
_HASH = re.compile(r"#+ ")
"""Output that the site would colour as the prompt of a superuser."""
_PIPED = re.compile(r"`([^`]*\\\|[^`]*)`")
_MARKS = re.compile(r"[\\*_\[\]|{}]")
_COMMENT = re.compile(r"<!--.*-->")
_LINK = re.compile(r"(?<!\!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s#:]+)(#[^()\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The configuration with a section for each family of rules in its navigation."""
    config.nav = _with_rules(config.nav or [])
    return config


def _with_rules(entries: list[Any]) -> list[Any]:
    found: list[Any] = []
    for entry in entries:
        if isinstance(entry, dict):
            ((title, inside),) = entry.items()
            if inside == "rules/index.md":
                entry = {title: ["rules/index.md", *rule_sections()]}
            elif isinstance(inside, list):
                entry = {title: _with_rules(inside)}
        found.append(entry)
    return found


def rule_sections() -> list[dict[str, list[dict[str, str]]]]:
    """The families of rules with the pages of each, as the index lists them."""
    sections: list[dict[str, list[dict[str, str]]]] = []
    for line in (DOCS / "rules" / "index.md").read_text(encoding="utf-8").splitlines():
        if family := _FAMILY.match(line):
            sections.append({family.group(1).replace("`", ""): []})
        elif rule := _RULE.match(line):
            next(iter(sections[-1].values())).append({rule.group(1): f"rules/{rule.group(2)}"})
    return sections


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The files with those of the root that are pages too."""
    for name, uri in OUTSIDE.items():
        files.append(File.generated(config, uri, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The text of a page with links that hold on the site."""
    uri = page.file.src_uri
    source = next((ROOT / name for name, of in OUTSIDE.items() if of == uri), DOCS / uri)
    return site_links(markdown, source, DOCS / uri)


def _piped(match: re.Match[str]) -> str:
    """Code with a bar in a table: GitHub wants a backslash before the bar, and the site would show it."""
    bare = html.escape(match.group(1).replace("\\|", "|"))
    safe = _MARKS.sub(lambda mark: f"&#{ord(mark.group())};", bare)
    return f"<code>{safe.replace('&#124;', '&#124;<wbr>')}</code>"


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:
    """The page, but none for 404: its addresses begin at the server's root, which is known to nobody here."""
    return "" if template_name == "404.html" else output_content


def site_links(text: str, source: Path, page: Path) -> str:
    """The text, whose links start from `source` in the repository, with links that start from `page` on the site."""

    def link(match: re.Match[str]) -> str:
        words, target, anchor = match.group(1), match.group(2), match.group(3) or ""
        path = Path(os.path.normpath(source.parent / target))
        path = STANDS_FOR.get(path, path)
        if not path.exists() and path not in STANDS_FOR.values():
            return match.group(0)  # mkdocs says that it leads nowhere
        if DOCS not in path.parents:
            return words
        return f"[{words}]({Path(os.path.relpath(path, page.parent)).as_posix()}{anchor})"

    lines: list[str] = []
    fence, opened = "", 0
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark.group(2)
            opened = len(lines)
        elif mark and line.strip() == fence:
            fence = ""
            if any(_HASH.match(shown) for shown in lines[opened + 1 :]):
                lines[opened] = lines[opened].replace("console", "text")
        elif not fence and _COMMENT.fullmatch(line):
            line = ""  # Python-Markdown takes a table right below for a part of the comment
        elif not fence and not line.startswith("    "):
            line = _LINK.sub(link, line)
            if line.startswith("|"):
                line = _PIPED.sub(_piped, line)
        lines.append(line)
    return "\n".join(lines)
