"""The table of positions in a real browser: what is typed is kept, whatever page is looked at meanwhile."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.beta_page import CHART, strip, wait_for_charts, wait_until_idle
from tests.browser.conftest import PHONE, opened

pytestmark = pytest.mark.browser

ADDRESS = "/portfolio?source=simulated&benchmark=BTC-SIM"
HEADER_PIXELS, ROW_PIXELS = 32, 28
KEY_MILLISECONDS = 60  # a fast typist
EDITOR = ".gdg-clip-region input, .gdg-clip-region textarea"
AT = {"position": 150, "size": 280, "beta by hand": 500}


def type_into(page: Page, row: int, column: str, text: str) -> None:
    """Open a cell of the table, type over what is there and confirm."""
    table = page.get_by_test_id("stDataFrame").first
    table.dblclick(position={"x": AT[column], "y": HEADER_PIXELS + ROW_PIXELS * row + ROW_PIXELS // 2})
    expect(page.locator(EDITOR)).to_be_visible()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text, delay=KEY_MILLISECONDS)
    page.keyboard.press("Enter")
    expect(page.locator(EDITOR)).to_have_count(0)


def test_what_is_typed_is_in_the_link_and_survives_other_pages(chromium: Browser, app_url: str):
    with opened(chromium, f"{app_url}{ADDRESS}&book=SOL:10000usd,AVAX:5@1.1") as page:
        wait_for_charts(page)
        type_into(page, 0, "size", "12345")
        expect(page).to_have_url(re.compile("book=SOL%3A12345usd%2CAVAX%3A5%401.1"))
        type_into(page, 1, "size", "-7")
        type_into(page, 0, "beta by hand", "1.25")
        kept = "book=SOL%3A12345usd%401.25%2CAVAX%3A-7%401.1"
        expect(page).to_have_url(re.compile(kept))
        table = page.get_by_test_id("stDataFrame").first
        table.click(position={"x": AT["position"], "y": HEADER_PIXELS + 2 * ROW_PIXELS + 14})  # a new row
        wait_until_idle(page)
        type_into(page, 2, "position", "ETH")
        expect(page.get_by_text("Row 3, ETH, waits for a size.")).to_be_visible()
        page.get_by_role("link", name="Beta").click()
        wait_for_charts(page)
        expect(page).to_have_url(re.compile(kept))
        page.get_by_role("link", name="Portfolio").click()
        expect(page.get_by_text("Row 3, ETH, waits for a size.")).to_be_visible()
        wait_until_idle(page)
        type_into(page, 2, "size", "3000")
        expect(page).to_have_url(re.compile(f"{kept}%2CETH%3A3000usd"))
        expect(page.get_by_text("waits for a size")).to_have_count(0)


def test_a_paste_a_click_and_on_to_the_hedge(chromium: Browser, app_url: str):
    with opened(chromium, f"{app_url}{ADDRESS}") as page:
        expect(page.get_by_text("No position yet")).to_be_visible()
        page.get_by_role("button", name="Paste or upload").click()
        page.get_by_role("textbox", name="Or lines copied").fill("SOL\t$12,340\nADA\tfoo\nAVAX\t-250\tcoins")
        page.get_by_role("button", name="Add to table").click()
        expect(page).to_have_url(re.compile("book=SOL%3A12340usd%2CAVAX%3A-250"))
        expect(page.get_by_role("textbox", name="Or lines copied")).to_have_value("ADA\tfoo")
        page.keyboard.press("Escape")
        wait_for_charts(page)
        assert strip(page)["One hedge"].endswith(" BTC")
        page.get_by_role("button", name="Hedge the whole book").click()
        expect(page).to_have_url(re.compile(r"/hedge\?.*asset=Book&"))
        expect(page.get_by_role("combobox", name="Asset")).to_be_visible()


def test_on_a_phone_everything_is_there_and_nothing_is_wider(chromium: Browser, app_url: str):
    book = "SOL:40000usd,AVAX:25000usd,LINK:15000usd@1.2,DOGE:-20000usd"
    with opened(chromium, f"{app_url}{ADDRESS}&book={book}", size=PHONE) as page:
        wait_for_charts(page)
        assert page.locator(CHART).count() == 3
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        titles = page.locator(f"{CHART} .gtitle")
        for i in range(3):
            box = titles.nth(i).bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= PHONE["width"]
