"""The page of an ablation in headless Chromium."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ablate.conftest import CONFIG, FAKE
from tests.conftest import require
from tests.report.test_html import ARGUMENTS, Visit

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&<b>"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The report of a study with a planted effect, an identical arm, and one that crashes."""
    folder = tmp_path_factory.mktemp("study")
    import json

    content = json.loads(json.dumps(CONFIG))
    content["note"] = HOSTILE
    (folder / "ppo.json").write_text(json.dumps(content))
    shutil.copy(FAKE, folder / "fake.py")
    done = subprocess.run(
        [sys.executable, "-m", "ppodiag", "ablate", "ppo.json", "--trainer",
         "{python} fake.py --config {config} --seed {seed} --out {out}", "--margin", "5", "--seeds", "8",
         "--timing-rounds", "2", "--arm", "crashing: accumulation_steps=3", "--arm",
         f"note: reward_config.note={json.dumps(HOSTILE)}", "--arms",
         "no-schedule,no-checkpointing,no-clipping,no-adaptive-batch", "--out", "out"],
        cwd=folder, env={**os.environ, "FAKE_CRASH": "accumulation_steps=3", "FAKE_SAY": HOSTILE},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stdout + done.stderr
    return folder / "out" / "report.html"


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    require(path, "Chromium")
    require(importlib.util.find_spec("playwright"), "playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


def test_nothing_goes_wrong_and_nothing_is_asked_of_anybody(browser, page):
    visit = Visit(browser, page)
    visit.page.wait_for_timeout(200)
    assert visit.troubles == []
    assert visit.requests == [page.as_uri()]


def test_what_a_file_or_a_trainer_says_is_text_and_never_markup(browser, page):
    visit = Visit(browser, page)
    assert visit.page.locator("img").count() == 0
    assert visit.page.locator("main b").count() == 0
    assert "onerror=alert(1)" in visit.page.text_content("main")


def test_answers_verdicts_pictures_and_failures_are_there(browser, page):
    opened = Visit(browser, page).page
    words = " ".join(opened.inner_text("main").split())
    assert "Checkpointing: time and memory cannot be told from 2 rounds, 5 are the fewest" in words
    rows = {
        row.locator("th").inner_text(): row.inner_text()
        for row in opened.locator("table").first.locator("tbody tr").all()
    }
    assert "worse" in rows["no-clipping"]
    assert "identical to the last bit" in rows["no-checkpointing"]
    assert "already off" in rows["no-adaptive-batch"]
    assert "8 failed" in rows["crashing"]
    assert "8 of 8 runs failed in it" in words
    titles = [element.text_content() for element in opened.locator("svg > title").all()]
    assert sum("dashed: the reference" in text for text in titles) >= 3
    assert any("IQM" in text for text in titles)
    assert any("Share of the time" in text for text in titles)
    failed = opened.locator("details", has_text="crashing").last
    failed.locator("summary").click()
    assert "planted crash of seed 0" in failed.inner_text()
    assert "The run that went worst no-clipping" in words


def test_figures_of_an_arm_with_another_budget_are_marked(browser, page):
    opened = Visit(browser, page).page
    moved = [element.inner_text() for element in opened.locator(".moved").all()]
    assert "0.0003" in moved


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_desktop_and_a_phone(browser, page, width, scheme):
    visit = Visit(browser, page, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    paper = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", paper)[:3])) < 200) == (scheme == "dark")


def test_every_picture_says_what_it_shows(page):
    text = Path(page).read_text(encoding="utf-8")
    assert text.count("<svg") == text.count('role="img"') == text.count("<desc>")
