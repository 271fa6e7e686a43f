"""What browser tests do on the Beta page: wait, read, choose."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
from playwright.sync_api import Locator, Page, expect

from data.embedded import SimulatedSource
from data.environment import utc_now
from hedging import BetaEstimate, align, estimate_beta
from hedging.plots.formats import beta_text

CHART = ".js-plotly-plot"


def wait_for_charts(page: Page, count: int = 3) -> None:
    """All charts are drawn and the server rests."""
    expect(page.locator(f"{CHART} .main-svg").first).to_be_visible()
    expect(page.locator(f"{CHART} .infolayer").nth(count - 1)).to_be_attached()
    wait_until_idle(page)


def wait_until_idle(page: Page) -> None:
    """The server has nothing left to do."""
    page.evaluate("() => new Promise(requestAnimationFrame)")  # what has just been done is on its way
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.locator("[data-test-script-state=running]")).to_have_count(0)


def strip(page: Page) -> dict[str, str]:
    """Label and number of each figure."""
    figures = page.locator(".figure")
    labels = figures.locator(".figure-label").all_inner_texts()
    return dict(zip(labels, figures.locator(".figure-value").all_inner_texts(), strict=True))


def figure(page: Page, label: str) -> Locator:
    """The figure whose label begins so."""
    return page.locator(f'.figure[aria-label^="{label}"]')


def let_go_at(page: Page, lookback: int) -> None:
    """Type a lookback and wait until the server knows it."""
    number = page.get_by_role("spinbutton", name="Lookback")
    number.fill(str(lookback))
    number.press("Enter")
    expect(page).to_have_url(re.compile(f"lookback={lookback}&"))
    wait_until_idle(page)


def simulated(symbol: str) -> pd.Series:
    """Daily closes of the embedded market."""
    return SimulatedSource().fetch(symbol, interval="daily", now=utc_now()).prices


def simulated_beta(asset: str, benchmark: str, window: int, **options: Any) -> BetaEstimate:
    """What the strip of the embedded market must say."""
    aligned = align(simulated(asset), simulated(benchmark))
    return estimate_beta(aligned.asset.iloc[-window:], aligned.benchmark.iloc[-window:], **options)


def expect_beta(page: Page, label: str, value: float) -> None:
    """The strip says this beta under this label."""
    expect(figure(page, label).locator(".figure-value")).to_have_text(beta_text(value))


def choose(page: Page, label: str, option: str) -> None:
    """Pick an option of a select box."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
