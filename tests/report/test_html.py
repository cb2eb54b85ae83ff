"""The HTML report in a real browser: headless Chromium."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ppodiag.diagnosis.engine import Diagnosis, diagnose_run
from ppodiag.diagnosis.synthetic import SyntheticRun, healthy_run
from ppodiag.diagnosis.verdicts import verdicts
from ppodiag.report.html import render_html
from ppodiag.report.html.plot import thinned
from ppodiag.rules.loader import load_run_rules
from tests.conftest import ROOT, require

RULES = load_run_rules()
HOSTILE = "</script><img src=x onerror=alert(1)>\"'&\u2028<b>"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip


def spiked() -> SyntheticRun:
    """A healthy run with one spike, at step 123,904."""

    def column(norm: Any) -> Any:
        norm[120] = 77.5
        return norm

    return healthy_run(0).with_column("pg_grad_norm", column)


def page_of(*diagnoses: Diagnosis) -> str:
    return render_html(diagnoses, {i: verdicts(d) for i, d in enumerate(diagnoses)})


def diagnosis_of(run: SyntheticRun, path: str = "runs/17") -> Diagnosis:
    return diagnose_run(run.as_run(path), RULES)


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


class Visit:
    """A page that is open, with what went wrong in it and what it asked for."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.page = browser.new_page(**options)
        self.troubles: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda message: self.troubles.append(message.text))
        self.page.on("dialog", lambda dialog: self.troubles.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(page_of(diagnosis_of(spiked())), encoding="utf-8")
    return path


def test_no_error_and_no_request(browser: Any, report: Path) -> None:
    """Nothing goes wrong, and nothing is asked of anybody but the file itself."""
    visit = Visit(browser, report)
    visit.page.wait_for_timeout(300)
    assert visit.troubles == []
    assert visit.requests == [report.as_uri()]
    assert "1 warning." in visit.page.inner_text("p.verdict")


def test_hover_shows_the_spike(browser: Any, report: Path) -> None:
    """Over the spike the tip says its step and value, and a screen reader hears it."""
    page = Visit(browser, report).page
    plot = page.locator("article.finding figure.plot").first
    plot.scroll_into_view_if_needed()
    box = plot.locator("svg").bounding_box()
    assert box is not None
    # Step 123,904 of 1,024 to 204,800, between the margins of 100 and 12 of 720.
    share = (100 + (123_904 - 1_024) / (204_800 - 1_024) * 608) / 720
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    assert plot.locator(".tip").inner_text() == "step 123,904: 77.5"
    assert plot.locator("[aria-live]").text_content() == "step 123,904: 77.5"


def test_zoom_and_reset(browser: Any, report: Path) -> None:
    """A drag shows a part of the steps, the button all of them again; keys do the same."""
    page = Visit(browser, report).page
    plot = page.locator("article.finding figure.plot").first
    plot.scroll_into_view_if_needed()
    svg = plot.locator("svg")
    box = svg.bounding_box()
    assert box is not None

    def view() -> tuple[float, float]:
        data = svg.evaluate("node => [node.dataset.x0, node.dataset.x1]")
        return float(data[0]), float(data[1])

    assert view() == (1024, 204_800)
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 60, steps=4)
    page.mouse.up()
    low, high = view()
    assert 1024 < low < high < 204_800
    before = svg.locator("path").first.get_attribute("d")
    plot.locator("button").click()
    assert view() == (1024, 204_800)
    assert svg.locator("path").first.get_attribute("d") != before
    svg.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("+")
    assert view() != (1024, 204_800)
    page.keyboard.press("Escape")
    assert view() == (1024, 204_800)


def test_light_and_dark(browser: Any, report: Path) -> None:
    """The page follows the system's scheme, and the button turns it over."""
    page = Visit(browser, report, color_scheme="dark").page

    def paper() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    assert paper() == "rgb(20, 23, 26)"
    page.click("#scheme")
    assert paper() == "rgb(255, 255, 255)"


def test_phone_and_paper(browser: Any, report: Path) -> None:
    """At 360 pixels nothing sticks out; in print every section is there and no button."""
    page = Visit(browser, report, viewport={"width": 360, "height": 740}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.emulate_media(media="print")
    assert page.locator("h3").all_inner_texts()[:2] == ["The checklist", "Findings"]
    assert not page.locator("#scheme").is_visible()
    assert all(figure.is_visible() for figure in page.locator("figure.plot").all())


def test_without_javascript(browser: Any, report: Path) -> None:
    """The plots are there, with the spike marked and described."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    plot = page.locator("article.finding figure.plot").first
    assert len(plot.locator("path.logged").get_attribute("d")) > 1000
    assert plot.locator("rect.range").count() == 1
    svg = plot.locator("svg")
    assert svg.get_attribute("role") == "img"
    assert "Marked: RUN912 gradient spike." in svg.locator("desc").text_content()
    context.close()


def test_hostile_names(browser: Any, tmp_path: Path) -> None:
    """A path, a tag and a note full of markup are shown as text; nothing of them runs."""
    from ppodiag.runlog.run import Note, Series

    run = spiked().as_run(HOSTILE)
    tag = Series(HOSTILE, run.series["lr"].steps, run.series["lr"].values)
    run = replace(
        run,
        canonical={**run.canonical, "lr": replace(run.canonical["lr"], series=tag)},
        notes=(Note("warning", HOSTILE, HOSTILE),),
    )
    path = tmp_path / "hostile.html"
    path.write_text(page_of(diagnose_run(run, RULES)), encoding="utf-8")
    visit = Visit(browser, path)
    visit.page.wait_for_timeout(300)
    assert visit.troubles == []
    assert visit.page.locator("img").count() == 0
    assert "<img src=x onerror=alert(1)>" in visit.page.inner_text("h1")


def test_several_runs(browser: Any, tmp_path: Path) -> None:
    """A table of runs and symptoms whose links lead to the runs."""
    path = tmp_path / "two.html"
    text = page_of(diagnosis_of(spiked(), "ill"), diagnosis_of(healthy_run(1), "healthy"))
    path.write_text(text, encoding="utf-8")
    page = Visit(browser, path).page
    rows = page.locator("table").first.locator("tbody tr")
    assert rows.locator("td.mark").all_inner_texts() == ["W", "·"]
    rows.nth(1).locator("a").click()
    assert page.evaluate("location.hash") == "#run-1"


def test_size_of_a_long_log() -> None:
    """Twelve columns of 5,000 points stay below 400 KB, with spikes kept."""
    text = page_of(diagnosis_of(healthy_run(3, updates=5000)))
    assert len(text.encode()) < 400_000
    x = np.arange(100_000, dtype=float)
    y = np.sin(x / 900)
    y[77_777] = 50.0
    few_x, few_y = thinned(x, y)
    assert len(few_x) <= 1000
    assert few_y.max() == 50.0
    assert few_x[few_y.argmax()] == 77_777


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2.1 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast() -> None:
    """Every colour of text has a contrast of 4.5 with paper and panel, in both schemes."""
    style = (ROOT / "ppodiag/report/html/style.css").read_text(encoding="utf-8")
    schemes = re.findall(r"\{([^{}]*--paper:[^{}]*)\}", style)
    assert len(schemes) == 4
    for scheme in schemes[:3]:
        colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", scheme))
        assert len(colours) == 12
        for name in ("ink", "soft", "data", "plan", "error", "warning", "info", "good", "mark"):
            for ground in ("paper", "panel"):
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)


def test_headings_in_order_and_data_is_json() -> None:
    """One h1, no level left out; each plot's data can be read as JSON."""
    text = page_of(diagnosis_of(spiked()))
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    found = re.findall(r'<script type="application/json">(.*?)</script>', text)
    assert len(found) >= 10
    assert all(json.loads(data)["series"] for data in found)
