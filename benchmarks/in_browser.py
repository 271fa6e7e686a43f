"""What a hand on the page waits for, in real Chromium, written to docs/performance.md.

make screen
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.many_sessions import LoadResult, load_test
from benchmarks.servers import started

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
SESSIONS, LOAD_SECONDS = 25, 120.0
PRESSES = 100
PATIENCE = 60_000
OFFLINE = {"HEDGING_YAHOO_BASE_URL": "http://127.0.0.1:9"}
SIMULATED = "source=simulated&asset=SOL-SIM&benchmark=BTC-SIM"
OURS, PLAIN = "drag step to figures and three charts painted", "plain Streamlit page, one step"

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
        const thumb = document.querySelector("input[type=range], [role=slider]");
        const wanted = Number(thumb.value ?? thumb.getAttribute("aria-valuenow")) + 1;
        const words = `over ${wanted} days`;
        const named = (title) => title.textContent.includes(words);
        const all = () => [...document.querySelectorAll(".gtitle")].filter(named);
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
        const passing = "[data-testid=stStatusWidget], .stSpinner, .figure-help";
        const touched = changes.map(({ target }) => target.closest ? target : target.parentElement);
        if (touched.some((element) => element && !element.closest(passing))) seen();
    }).observe(document.querySelector("[data-testid=stMain]"),
        { subtree: true, childList: true, characterData: true });
    for (const kind of ["keydown", "pointerdown"])
        document.addEventListener(kind, () => { window.repaint.started = performance.now(); },
            { capture: true });
}
"""
# From a click on a chip until figures and all three charts show its lookback and have been painted.
CHIPS = """
() => {
    window.chipsShown = [];
    document.addEventListener("pointerdown", async ({ target }) => {
        const pressed = performance.now();
        const chip = target.closest(".scrubber-chip");
        if (!chip) return;
        const wanted = Number(chip.dataset.value);
        const names = ["regression", "rolling_beta", "hedge_pnl"];
        const followed = () => names.map((name) => window.liveCharts.get(name));
        const shows = ({ painted, settled }) => painted === wanted && settled;
        while (!followed().every(shows) && performance.now() - pressed < 20000)
            await new Promise(requestAnimationFrame);
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.chipsShown.push(performance.now() - pressed);
        requestAnimationFrame(() => channel.port2.postMessage(0));
    }, { capture: true });
}
"""
QUIET = """
() => window.repaint.last > window.repaint.started && performance.now() - window.repaint.last > 500
    && !document.querySelector("[data-test-script-state=running]")
"""

# The server rests, what it sent is there, and every chart is drawn.
COMPLETE = """
() => !document.querySelector("[data-test-script-state=running], .stSpinner")
    && document.querySelector(".figure-value, .text-table td, [data-testid=stDataFrame]")
    && [...document.querySelectorAll(".live-chart")].every((chart) => chart.querySelector(".main-svg"))
"""
BOOK = "&book=SOL:10000usd,AVAX:5000usd,LINK:-3000usd"
PAGES = {
    "portfolio": BOOK,
    "hedge": "",
    "backtest": "",
    "what_if": "",
    "estimators": "",
    "monitor": "&entered_contracts=0.14&entered_price=90000&entered_at=2025-12-20T12:00",
    "maths": "",
    "report": BOOK,
}

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
        """Half of the times are shorter."""
        return statistics.median(self.times)

    @property
    def late(self) -> float:
        """The 95th percentile."""
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
    # Playwright waits for functions by evaluating text, which the policy of the app forbids to everybody.
    context = browser.new_context(viewport=LAPTOP, bypass_csp=True)
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
    page.wait_for_timeout(300)
    steps = page.evaluate("() => window.lookbackScrubber.steps")
    page.mouse.up()
    return [float(step) for step in steps]


def plain_steps(page: Page) -> list[float]:
    """Milliseconds from each key press on the plain page's slider to its three charts painted."""
    wait_for_charts(page)
    page.evaluate(PLAIN_STEP)
    page.get_by_role("slider").focus()
    for step in range(PRESSES):
        page.keyboard.press("ArrowRight")
        page.wait_for_function("count => window.stepsTaken.length > count", arg=step)
    return [float(step) for step in page.evaluate("() => window.stepsTaken")]


def repaints(page: Page, actions: Sequence[Callable[[], None]]) -> list[float]:
    """Milliseconds from each key press or click to the last change of the page that it leads to."""
    times = []
    for act in actions:
        act()
        page.wait_for_function(QUIET, polling=50)  # looking at every frame would cost frames
        times.append(float(page.evaluate("() => window.repaint.last - window.repaint.started")))
    return times


def control_changes(page: Page) -> list[float]:
    """The position, stepped by arrow keys."""
    wait_for_charts(page)
    page.evaluate(WATCH)
    box = page.get_by_role("spinbutton", name="Position")
    box.focus()
    return repaints(page, [lambda: box.press("ArrowUp")] * PRESSES)


def lookback_commits(page: Page) -> list[Row]:
    """Chips: the film gives figures and charts at once, finer lines and the table of hedges follow."""
    chips = [page.get_by_role("button", name=f"{days} days", exact=True) for days in (30, 60, 90)]
    chips[0].hover()
    page.wait_for_function("() => window.lookbackScrubber.film")
    page.evaluate(CHIPS)
    whole = repaints(page, [chips[step % 3].click for step in range(PRESSES)])
    shown = [float(time) for time in page.evaluate("() => window.chipsShown")]
    return [
        Row("chip clicked, to figures and three charts painted", shown, "150"),
        Row("chip clicked, to the last change", whole, ""),
    ]


def asset_changes(page: Page) -> list[float]:
    """Two assets in turn, their prices at hand."""

    def choose(name: str) -> None:
        page.get_by_role("combobox", name="Asset").click()
        page.get_by_role("option", name=name, exact=True).click()

    names = ("AVAX-SIM", "SOL-SIM")
    for name in names:
        choose(name)
        page.wait_for_timeout(1500)
    return repaints(page, [partial(choose, names[step % 2]) for step in range(PRESSES)])


def first_paints(browser: Browser, url: str, *, repeats: int = 10) -> list[float]:
    """Milliseconds from opening the address, with nothing in the browser's cache, to three charts."""
    times = []
    for _ in range(repeats):
        with page_at(browser, url) as page:
            times.append(float(page.evaluate(FIRST_PAINT)))
    return times


def paints_of_visits(browser: Browser, url: str, *, repeats: int = 10) -> list[float]:
    """The same in a browser that has been here before: what a trader's morning is."""
    times = []
    with page_at(browser, url) as page:
        for visit in range(3 + repeats):
            page.goto(url)
            paint = float(page.evaluate(FIRST_PAINT))
            if visit >= 3:  # Chromium keeps compiled scripts from the third visit on
                times.append(paint)
    return times


def openings(browser: Browser, url: str, *, repeats: int = 7) -> list[Row]:
    """Milliseconds from opening each page, in a browser that knows it, to all its figures and charts."""
    rows = []
    with page_at(browser, url) as page:
        for name, extra in PAGES.items():
            times = []
            for visit in range(2 + repeats):
                page.goto(f"{url}/{name}?{SIMULATED}{extra}")
                page.wait_for_function(COMPLETE)
                if visit >= 2:
                    times.append(float(page.evaluate("() => performance.now()")))
            rows.append(Row(f"{name.replace('_', '-')} page opened, server warm", times, "1500"))
    return rows


def steps_of_both(browser: Browser, scratch: Path) -> list[Row]:
    """Our drag and the plain page's slider on the same prices."""
    rows = []
    for label, count, step, interval, goal in (
        ("2,000 daily rows", DAILY_ROWS, "D", "daily", "33, and 60 at the 95th"),
        ("43,800 hourly rows", HOURLY_ROWS, "h", "hourly", "50"),
    ):
        folder = scratch / interval
        folder.mkdir()
        write_prices(folder, count, step)
        environment = {**OFFLINE, "HEDGING_DATA_DIR": str(folder), "PLAIN_PAGE_INTERVAL": interval}
        query = f"/?source=folder&asset=SOLUSDT&benchmark=BTCUSDT&interval={interval}"
        with (
            started(ROOT / "app.py", folder=ROOT, environment=environment) as server,
            page_at(browser, server.url + query) as page,
        ):
            rows.append(Row(f"{OURS}, {label}", drag_steps(page), goal))
        plain = ROOT / "benchmarks" / "plain_page.py"
        with (
            started(plain, folder=scratch, environment=environment) as server,
            page_at(browser, server.url) as page,
        ):
            rows.append(Row(f"{PLAIN}, {label}", plain_steps(page), "15 times ours"))
    return rows


def controls(browser: Browser) -> list[Row]:
    """Everything else a hand does on the Beta page."""
    with started(ROOT / "app.py", folder=ROOT, environment=OFFLINE) as server:
        with page_at(browser, f"{server.url}/?{SIMULATED}") as page:
            rows = [
                Row("position stepped, to the last change", control_changes(page), "150"),
                *lookback_commits(page),
                Row("other asset, prices at hand", asset_changes(page), "400"),
            ]
        url = f"{server.url}/?{SIMULATED}"
        return [
            *rows,
            Row("first paint, server warm, browser not here before", first_paints(browser, url), ""),
            Row("first paint, server warm", paints_of_visits(browser, url), "1500"),
            *openings(browser, server.url),
        ]


def a_team() -> LoadResult:
    """Sessions side by side on one server."""
    with started(ROOT / "app.py", folder=ROOT, environment=OFFLINE) as server:
        return asyncio.run(load_test(server, SIMULATED, sessions=SESSIONS, seconds=LOAD_SECONDS))


def report(rows: Sequence[Row], load: LoadResult) -> str:
    """The page of docs."""
    named = {row.work: row for row in rows}
    lines = [
        "# What a hand on the page waits for",
        "",
        f"Written by `make screen` on {datetime.now(UTC):%Y-%m-%d}: headless Chromium at 1440 x 900 on the "
        f"machine that serves, {os.cpu_count()} cores, Python {platform.python_version()}, Streamlit "
        f"{version('streamlit')}, Plotly {version('plotly')}. Milliseconds.",
        "",
        "| work | median | 95th percentile | steps | goal |",
        "|---|---|---|---|---|",
        *(f"| {r.work} | {r.median:.0f} | {r.late:.0f} | {len(r.times)} | {r.goal} |" for r in rows),
        "",
    ]
    for label in ("2,000 daily rows", "43,800 hourly rows"):
        ratio = named[f"{PLAIN}, {label}"].median / named[f"{OURS}, {label}"].median
        lines.append(f"With {label} a step is {ratio:.0f} times as fast as on the plain page.")
    grown = load.memory_after_mb / load.memory_before_mb - 1.0
    lines += [
        "",
        f"{load.sessions} sessions for {load.seconds:.0f} s, each typing a position or letting go of the "
        f"thumb every 2 s, over the real protocol: {len(load.times_ms):,} runs, {len(load.errors)} errors, "
        f"median {statistics.median(load.times_ms):.0f} ms, 95th percentile {load.late_ms:.0f} ms (goal "
        f"250); memory {load.memory_before_mb:.0f} MB before, {load.memory_during_mb:.0f} MB during, "
        f"{load.memory_after_mb:.0f} MB afterwards ({grown:+.0%}, goal 10 %).",
        "",
        "A drag step runs from the input event to the frame after the paint that shows figures and all three "
        "charts. The plain page (`benchmarks/plain_page.py`) has the same kernels, figures and data through "
        "`st.plotly_chart`; its step is an arrow key until all three titles name the new lookback. The other "
        "controls count until the page's last change. Kernels beside what a user would pick instead: "
        "`make bench`.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and write the page."""
    found = shutil.which("chromium")
    if found is None:
        sys.exit("no Chromium on PATH; nothing to measure in")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        rows = [*steps_of_both(browser, Path(scratch)), *controls(browser)]
        browser.close()
    text = report(rows, a_team())
    REPORT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
