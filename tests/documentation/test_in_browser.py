"""The site in a real browser, opened from its folder, without a network."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import require

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip
LOOKED_AT = [
    "index.html", "tutorials/does-not-learn.html", "reference/cli.html", "reference/configuration.html",
    "rules/lr102.html", "simulate.html", "dead-knobs.html",
    "options.html", "security.html",
]  # fmt: skip
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


class Visit:
    """A page that notes what goes wrong in it."""

    def __init__(self, page: Any, site: Path) -> None:
        self.page, self.site = page, site
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda m: m.type in ("error", "warning") and self.wrong.append(m.text))
        page.on("request", self._requested)

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((self.site.as_uri(), "data:", "about:")):
            self.wrong.append(request.url)

    def open(self, name: str) -> Any:
        self.page.goto((self.site / name).as_uri())
        return self.page


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, as the machine has it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    require(path, "Chromium")
    require(importlib.util.find_spec("playwright"), "playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any, site: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A visit without a network; nothing may have gone wrong in it."""
    scheme, size = getattr(request, "param", ("light", DESKTOP))
    context = browser.new_context(viewport=size, color_scheme=scheme, offline=True)
    visit = Visit(context.new_page(), site)
    yield visit
    context.close()
    assert not visit.wrong


def results(page: Any, words: str) -> list[str]:
    """The pages that the search finds, best first."""
    field = page.locator("input.md-search__input")
    field.fill("")
    field.press_sequentially(words)
    result = page.locator(".md-search-result__item a.md-search-result__link")
    result.first.wait_for(state="attached", timeout=30_000)
    links = page.locator(".md-search-result__item > a.md-search-result__link")
    found: list[str] = links.evaluate_all("all => all.map(a => a.pathname.split('/').pop())")
    return found


def test_search_without_network_and_server(visit: Visit) -> None:
    """The code of a rule leads to its page, and words to the pages that hold them, from any page."""
    page = visit.open("index.html")
    page.click(".md-search__input", force=True)
    assert results(page, "LR102")[0] == "lr102.html"
    page = visit.open("rules/bs201.html")
    page.click(".md-search__input", force=True)
    assert "dead-knobs.html" in results(page, "dead knobs")
    page.locator(".md-search-result__item a").first.click()
    page.wait_for_function("!document.location.pathname.endsWith('bs201.html')")
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize(
    "visit",
    [("light", DESKTOP), ("dark", PHONE)],
    indirect=True,
    ids=["light desktop", "dark phone"],
)
def test_pages_in_each_form(visit: Visit) -> None:
    """No page is wider than the window, what is too wide scrolls in its place, and the scheme follows the reader's."""
    for name in LOOKED_AT:
        page = visit.open(name)
        wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= window, name
        dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        scheme = page.get_attribute("body", "data-md-color-scheme")
        assert scheme == ("slate" if dark else "default"), name
        squeezed = page.locator("article td").evaluate_all(
            "all => all.filter(td => td.textContent.trim().length > 12 && td.clientWidth < 40).length"
        )
        assert squeezed == 0, f"{name}: {squeezed} cells of a table are squeezed"
    page = visit.open("simulate.html")
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    output = page.locator("article pre code").first.evaluate("c => [c.scrollWidth, c.clientWidth]")
    assert page.viewport_size["width"] < 1280 or output[0] <= output[1] + 1


def test_text_can_be_read(browser: Any, site: Path) -> None:
    """Text, links and output stand out from what they stand on by 4.5 to 1 in both schemes."""
    measure = """() => {
      const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
      const light = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255;
        return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
        if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
      return [...document.querySelectorAll('article :is(p, li, td, a, h1, h2, pre span)')]
        .filter(e => !e.matches('.headerlink, a[id^=__codelineno]') && e.textContent.trim() && e.offsetParent)
        .map(e => { const b = behind(e), f = parse(getComputedStyle(e).color), a = f[3] ?? 1;
          const mixed = f.slice(0, 3).map((v, i) => v * a + b[i] * (1 - a));
          const [x, y] = [light(mixed), light(b)].sort((p, q) => q - p);
          return [(x + 0.05) / (y + 0.05), e.outerHTML.slice(0, 90)]; })
        .filter(([ratio]) => ratio < 4.5).map(([ratio, html]) => `${ratio.toFixed(2)} ${html}`).slice(0, 9);
    }"""
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport=DESKTOP, color_scheme=scheme, offline=True)
        page = context.new_page()
        for name in (
            "index.html",
            "rules/lr102.html",
            "tutorials/own-trainer.html",
            "reference/python.html",
        ):
            page.goto((site / name).as_uri())
            assert page.evaluate(measure) == [], f"{name}, {scheme}"
        context.close()
