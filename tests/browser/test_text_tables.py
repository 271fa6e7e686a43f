"""Small tables where there is little room."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.beta_page import wait_until_idle
from tests.browser.conftest import LAPTOP, PHONE, opened

pytestmark = pytest.mark.browser

SOL = "source=simulated&asset=SOL-SIM&benchmark=BTC-SIM"
TABLET = {"width": 820, "height": 1180}


@pytest.mark.parametrize(
    ("page_name", "size"),
    [("hedge", PHONE), ("hedge", TABLET), ("what_if", PHONE), ("what_if", TABLET), ("maths", TABLET)],
)
def test_no_cell_is_cut_off(chromium, app_url, page_name, size):
    with opened(chromium, f"{app_url}/{page_name}?{SOL}", size=size) as page:
        page.locator(".text-table").first.wait_for()
        wait_until_idle(page)
        for table in page.locator(".text-table").all():
            assert table.evaluate("e => e.scrollWidth <= e.clientWidth"), table.get_attribute("aria-label")


def test_words_that_end_a_row_go_below_its_numbers_where_there_is_no_room_beside_them(chromium, app_url):
    with opened(chromium, f"{app_url}/hedge?{SOL}", size=PHONE) as page:
        table = page.get_by_label("From beta to the verdict")
        row = table.locator("tbody tr").first
        row.wait_for()
        wait_until_idle(page)
        for size, below in ((PHONE, True), (LAPTOP, False), (PHONE, True)):
            page.set_viewport_size(size)
            expect(table).to_have_class(re.compile("stacks$" if below else "^text-table$"))
            head, words = row.locator("th").bounding_box(), row.locator("td").last.bounding_box()
            assert (words["y"] >= head["y"] + head["height"] - 1) is below


def test_a_date_at_the_head_of_a_row_is_not_broken(chromium, app_url):
    with opened(chromium, f"{app_url}/what_if?{SOL}", size=PHONE) as page:
        head = page.get_by_label("The worst periods").locator("tbody th").first
        head.wait_for()
        assert head.bounding_box()["height"] < 35  # one line
