"""The documentation site as it is built: every link leads somewhere, and nothing comes from elsewhere."""

from __future__ import annotations

import html
import importlib.util
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.conftest import ROOT, require

FETCHED = {
    ("script", "src"),
    ("img", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "src"),
}


class Elements(HTMLParser):
    """The ids and the addresses in a page, and the text of its paragraphs."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.addresses: list[tuple[str, str, str]] = []
        self.paragraphs: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("id", "name"):
                self.ids.add(value or "")
            if name in ("href", "src"):
                self.addresses.append((tag, name, value or ""))
        if tag == "p":
            self.paragraphs.append("")
        self._inside = tag == "p" or (self._inside and tag != "code")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "p"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.paragraphs[-1] += data


@cache
def elements(page: Path) -> Elements:
    found = Elements()
    found.feed(page.read_text(encoding="utf-8"))
    return found


def pages(site: Path) -> list[Path]:
    """The pages of the site."""
    return list(site.rglob("*.html"))


def configuration() -> Any:
    """mkdocs.yml as mkdocs reads it."""
    require(importlib.util.find_spec("mkdocs"), "mkdocs")
    from mkdocs.config import load_config

    return load_config(str(ROOT / "mkdocs.yml"))


def nav_pages(entries: object) -> list[str]:
    if isinstance(entries, str):
        return [entries]
    inside = entries.values() if isinstance(entries, dict) else entries
    assert not isinstance(inside, str)
    return [page for entry in inside for page in nav_pages(entry)]  # type: ignore[attr-defined]


def test_every_page_is_in_the_navigation() -> None:
    """Each page of docs/ stands in `nav` of mkdocs.yml; rule pages are found by their index."""
    named = set(nav_pages(configuration().nav or []))
    docs = ROOT / "docs"
    there = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")}
    missing = sorted(page for page in there - named if not page.startswith("rules/"))
    assert not missing, f"add these pages of docs/ to `nav` in mkdocs.yml: {', '.join(missing)}"
    assert named - there <= {"contributing.md", "changelog.md"}


def test_a_page_for_each_page(site: Path) -> None:
    """Every Markdown page of docs/ is a page of the site, with its title, and so are two of the root."""
    docs = ROOT / "docs"
    wanted = {page.relative_to(docs).with_suffix(".html") for page in docs.rglob("*.md")}
    assert wanted | {Path("contributing.html"), Path("changelog.html")} == {
        page.relative_to(site) for page in pages(site)
    }


def test_every_page_is_reached_by_links(site: Path) -> None:
    """From the start page, by the links of the pages alone."""
    start = site / "index.html"
    reached, waiting = {start}, [start]
    while waiting:
        page = waiting.pop()
        for tag, _, address in elements(page).addresses:
            path = (page.parent / unquote(urlsplit(address).path)).resolve()
            if tag == "a" and path.suffix == ".html" and path not in reached and path.exists():
                reached.add(path)
                waiting.append(path)
    assert reached == set(pages(site))


def test_no_dead_links_and_anchors(site: Path) -> None:
    """Every address within the site names a file that is there, and an element of it."""
    dead, seen = [], 0
    for page in pages(site):
        for _, _, address in elements(page).addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            seen += 1
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            lost = not target.is_file()
            if not lost and parts.fragment and target.suffix == ".html":
                lost = unquote(parts.fragment) not in elements(target).ids
            if lost:
                dead.append(f"{page.relative_to(site)}: {address}")
    assert seen > 5_000
    assert not dead


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """Scripts, styles, fonts and pictures are files of the site."""
    for page in site.rglob("*.html"):
        for tag, name, address in elements(page).addresses:
            if (tag, name) in FETCHED:
                assert not urlsplit(address).scheme, f"{page.relative_to(site)}: {address}"
                assert not address.startswith("//")
    for style in site.rglob("*.css"):
        for address in re.findall(r"url\(([^)]*)\)", style.read_text(encoding="utf-8")):
            assert not urlsplit(address.strip("\"'")).netloc


def test_no_page_for_404(site: Path) -> None:
    """Its addresses would begin at the server's root, and a site below a path would show it without its style."""
    assert not (site / "404.html").exists()


def test_bars_in_tables_stand_without_a_backslash(site: Path) -> None:
    """GitHub needs the backslash in a cell's code, and shows none; neither does the site."""
    seen = 0
    for page in pages(site):
        text = page.read_text(encoding="utf-8")
        for cell in re.findall(r"<td[^>]*>(.*?)</td>", text, re.DOTALL):
            words = html.unescape(re.sub(r"<[^>]*>", "", cell))
            assert "\\|" not in words, f"{page.name}: {words[:80]}"
            seen += "[text|json]" in words
    assert seen > 5


def test_output_that_begins_with_a_hash_is_no_prompt(site: Path) -> None:
    """A heading of Markdown that a command prints is not coloured as the prompt of a superuser."""
    for page in pages(site):
        assert '<span class="gp">#' not in page.read_text(encoding="utf-8"), page.name


def test_markdown_reads_as_on_github(site: Path) -> None:
    """No table or list is left as text: what GitHub takes for one, the site does too."""
    wrong = [
        f"{page.relative_to(site)}: {text[:80]!r}"
        for page in pages(site)
        for text in elements(page).paragraphs
        if re.search(r"\|\s*:?---|^\|", text) or re.search(r"^(-|1\.) ", text, re.MULTILINE)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("link", "on_the_site"),
    [
        ("[a](../CONTRIBUTING.md#x)", "[a](contributing.md#x)"),
        ("[a](../README.md)", "[a](index.md)"),
        ("[a](rules/index.md)", "[a](rules/index.md)"),
        ("[a](../tests/recorded)", "a"),
        ("![p](pictures/ill.svg)", "![p](pictures/ill.svg)"),
        ("[a](https://example.org/x.md)", "[a](https://example.org/x.md)"),
        ("[a](no-such.md)", "[a](no-such.md)"),
        ("    [a](../README.md)", "    [a](../README.md)"),
        ("```\n[a](../README.md)\n```", "```\n[a](../README.md)\n```"),
    ],
)
def test_links_out_of_docs(link: str, on_the_site: str) -> None:
    """A link to a page of the root leads to its place on the site; one to another file is text."""
    hooks = configuration().hooks
    page = ROOT / "docs" / "ci.md"
    (module,) = hooks.values()
    assert module.site_links(link, page, page) == on_the_site
