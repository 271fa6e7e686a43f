"""From pasted positions to the order ticket and the report, as a trader goes; figures are the library's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from data.embedded import SimulatedSource
from data.environment import utc_now
from hedging import Position, align, align_book, assess_book, book_value_path, estimate_beta
from hedging.plots.formats import beta_text, usd_text
from tests.browser.conftest import PHONE, opened

pytestmark = pytest.mark.browser

PASTED = "coin\tsize\tunit\nSOL\t$12,000\tUSD\nAVAX\t6 000\tUSD\nLINK\t-2,000\tUSD\nnonsense line\n"
VALUES = {"SOL-SIM": 12_000.0, "AVAX-SIM": 6_000.0, "LINK-SIM": -2_000.0}
LINK = "/portfolio?source=simulated&benchmark=BTC-SIM&lookback=90"


def closes(symbol: str) -> pd.Series:
    return SimulatedSource().fetch(symbol, interval="daily", now=utc_now()).prices


def figures(page: Page) -> dict[str, str]:
    """The strip of the page by its labels."""
    expect(page.locator(".figure-value").first).to_be_visible()
    labels = page.locator(".figure-label").all_inner_texts()
    return dict(zip(labels, page.locator(".figure-value").all_inner_texts(), strict=True))


def go_to(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    address = "" if name == "Beta" else name.lower()  # the page that opens first has no name of its own
    expect(page).to_have_url(re.compile(rf":\d+/{address}\?"))
    settle(page)


def settle(page: Page) -> None:
    page.wait_for_function("!document.querySelector('[data-test-script-state=running]')")
    page.wait_for_timeout(300)


def test_from_pasted_positions_to_the_ticket_and_the_report(
    chromium: Browser, app_url: str, tmp_path: Path
) -> None:
    aligned = align_book({symbol: closes(symbol) for symbol in VALUES}, closes("BTC-SIM"))
    positions = [Position(symbol, value) for symbol, value in VALUES.items()]
    book = assess_book(
        positions, aligned.asset_returns.iloc[-90:], aligned.benchmark_returns.iloc[-90:], covariance="hc3"
    )
    path = book_value_path(positions, aligned.asset_prices)
    pair = align(path, closes("BTC-SIM"))
    estimate = estimate_beta(pair.asset.iloc[-90:], pair.benchmark.iloc[-90:], covariance="hc3")
    price = float(pair.benchmark_prices.iloc[-1])
    order = f"{round(16_000 * estimate.beta / price, 3):.3f}"
    assert book.beta == pytest.approx(estimate.beta)

    with opened(chromium, app_url + LINK) as page:
        page.get_by_role("button", name="Paste or upload").click()
        page.get_by_role("textbox", name="Or lines copied").fill(PASTED)
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("nonsense line").first).to_be_visible()
        page.get_by_role("button", name="Replace table").click()
        settle(page)
        page.keyboard.press("Escape")
        expect(page.locator(".figure-value").first).to_be_visible()
        shown = " ".join(figures(page).values())
        assert f"short {order} BTC" in shown
        assert usd_text(book.exposure_usd) in shown

        go_to(page, "Hedge")
        go_to(page, "Portfolio")  # the lines are still there
        settle(page)
        assert f"short {order} BTC" in " ".join(figures(page).values())

        page.get_by_role("button", name="Hedge the whole book").click()
        expect(page).to_have_url(re.compile("/hedge\\?.*asset=Book"))
        settle(page)
        assert figures(page)["Order"] == f"short {order} BTC"
        ticket = page.locator("[data-testid=stCode]").inner_text()
        assert f"SELL {order} BTCUSDT at Binance" in ticket
        assert f"beta {beta_text(estimate.beta)}" in ticket
        with page.expect_download() as saved:
            page.get_by_role("button", name="JSON").click()
        parts = json.loads(Path(saved.value.path()).read_text())
        assert (parts["contracts"], parts["side"]) == (order, "sell (short)")
        assert parts["position_usd"] == pytest.approx(16_000)

        go_to(page, "Beta")
        assert figures(page)["Beta, 90 days"] == beta_text(estimate.beta)
        link = page.url

        go_to(page, "Report")
        with page.expect_download() as saved:
            page.get_by_role("button", name="Download the report").click()
        report = tmp_path / "report.html"
        saved.value.save_as(report)

    with opened(chromium, link) as cold:  # a colleague opens the link
        settle(cold)
        assert figures(cold)["Beta, 90 days"] == beta_text(estimate.beta)
        go_to(cold, "Hedge")
        assert figures(cold)["Order"] == f"short {order} BTC"

    context = chromium.new_context(offline=True)  # the report needs no network
    paper = context.new_page()
    complaints: list[str] = []
    paper.on("pageerror", lambda error: complaints.append(str(error)))
    paper.goto(report.as_uri())
    expect(paper.get_by_text("SIMULATED: these prices are of no real market.")).to_be_visible()
    expect(paper.locator("h2", has_text="Portfolio")).to_be_visible()
    assert f"SELL {order} BTCUSDT at Binance" in paper.locator("pre").inner_text()
    paper.wait_for_function("document.querySelectorAll('.plotly-graph-div .main-svg').length > 6")
    assert not complaints
    context.close()


def test_the_hedge_page_on_a_phone_is_not_wider_than_the_phone(chromium: Browser, app_url: str) -> None:
    with opened(chromium, f"{app_url}/hedge?source=simulated&asset=SOL-SIM", size=PHONE) as page:
        settle(page)
        assert figures(page)["Order"].startswith("short ")
        width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert width <= PHONE["width"]
