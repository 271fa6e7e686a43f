"""What a hand on the page waits for, in real Chromium, written to docs/performance.md.

make screen
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "performance.md"
LAPTOP = {"width": 1440, "height": 900}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DAILY_ROWS, HOURLY_ROWS = 2_000, 43_800
STEPS = 120
PRESSES = 100
PATIENCE = 60_000

# From a key press until all titles of the plain page name its lookback and have been painted.
PLAIN_STEP = """
async () => {
    const painted = () => new Promise((done) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = done;
        channel.port2.postMessage(0);
    }));
    window.stepsTaken = [];
    document.addEventListener("keydown", async () => {
        const pressed = performance.now();
        const wanted = Number(document.querySelector("[role=slider]").getAttribute("aria-valuenow")) + 1;
        const words = `over ${wanted} days`;
        const all = () => [...document.querySelectorAll(".gtitle")].filter((t) => t.textContent.includes(words));
        while (all().length < 3 && performance.now() - pressed < 20000)
            await new Promise(requestAnimationFrame);
        await painted();
        window.stepsTaken.push(performance.now() - pressed);
    }, { capture: true });
}
"""

# From an input until the page has stopped changing: the time of the last change, and of its paint.
WATCH = """
() => {
    window.repaint = { started: 0, last: 0 };
    const seen = () => requestAnimationFrame(() => { window.repaint.last = performance.now(); });
    new MutationObserver((changes) => {
        const real = changes.some(({ target }) => !target.closest?.("[data-testid=stStatusWidget], .stSpinner"));
        if (real) seen();
    }).observe(document.querySelector("[data-testid=stMain]"),
        { subtree: true, childList: true, characterData: true });
    for (const kind of ["keydown", "pointerdown"])
        document.addEventListener(kind, () => { window.repaint.started = performance.now(); }, { capture: true });
}
"""
QUIET = """
() => window.repaint.last > window.repaint.started && performance.now() - window.repaint.last > 500
    && !document.querySelector("[data-test-script-state=running]")
"""

FIRST_PAINT = """
() => new Promise((done) => {
    const look = () => {
        const ready = [...(window.liveCharts?.values() ?? [])].filter((chart) => chart.node._fullLayout
            && chart.node.querySelector(".scatterlayer path"));
        if (ready.length === 3) requestAnimationFrame(() => done(performance.now()));
        else requestAnimationFrame(look);
    };
    look();
})
"""


@dataclass(frozen=True)
class Row:
    """One line of the report, in milliseconds."""

    work: str
    times: Sequence[float]
    goal: str

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def late(self) -> float:
        return float(np.quantile(self.times, 0.95))


def write_prices(folder: Path, rows: int, step: str) -> None:
    """A pair that moves like an altcoin and its benchmark."""
    generator = np.random.default_rng(7)
    benchmark = 0.02 * generator.standard_t(4, rows - 1)
    asset = 1.4 * benchmark + 0.025 * generator.standard_t(4, rows - 1)
    stamps = pd.date_range(end="2025-12-31", periods=rows, freq=step)
    for name, returns in (("SOLUSDT", asset), ("BTCUSDT", benchmark)):
        scale = 1.0 if step == "D" else 0.2
        closes = 100.0 * np.cumprod(np.r_[1.0, 1.0 + np.clip(scale * returns, -0.3, 0.3)])
        pd.DataFrame({"Date": stamps, "Close": closes}).to_csv(folder / f"{name}.csv", index=False)


@contextmanager
def page_at(browser: Browser, url: str) -> Iterator[Page]:
    """A page in a context of its own."""
    context = browser.new_context(viewport=LAPTOP)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    yield page
    context.close()


def wait_for_charts(page: Page) -> None:
    """Three charts are drawn and the server rests."""
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot .infolayer').length >= 3")
    page.wait_for_function("!document.querySelector('[data-test-script-state=running]')")
    page.wait_for_timeout(500)


def drag_steps(page: Page) -> list[float]:
    """Milliseconds from each move of the thumb to figures and all three charts painted."""
    wait_for_charts(page)
    thumb = page.locator(".scrubber-range")
    thumb.hover()
    page.wait_for_function("() => window.lookbackScrubber.film")
    box = thumb.bounding_box()
    if box is None:
        raise RuntimeError("the scrubber is not on the page")
    y, first = box["y"] + box["height"] / 2, box["x"] + 0.14 * box["width"]
    page.mouse.move(first, y)
    page.mouse.down()
    page.evaluate("() => { window.lookbackScrubber.steps.length = 0; }")
    for step in range(STEPS):
        page.mouse.move(first + 0.8 * box["width"] * (step + 1) / STEPS, y)
        page.evaluate(
            "count => new Promise((done) => { const look = () =>"
            " window.lookbackScrubber.steps.length > count ? done() : setTimeout(look, 1); look(); })",
            step,
        ) if step % 10 == 9 else None
    page.wait_for_timeout(300)
    steps = page.evaluate("() => window.lookbackScrubber.steps")
    page.mouse.up()
    return [float(step) for step in steps]
