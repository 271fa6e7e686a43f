"""Dragging the lookback: figures and charts follow in the browser with the library's numbers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from hedging import align, backtest_hedge, estimate_beta, rolling_beta
from hedging.plots.formats import beta_text, percent_text
from hedging.plots.thinning import epoch_milliseconds
from tests.browser.beta_page import (
    CHART,
    choose,
    expect_beta,
    figure,
    let_go_at,
    simulated,
    simulated_beta,
    strip,
    wait_for_charts,
    wait_until_idle,
)
from tests.browser.conftest import LAPTOP, PHONE, opened

pytestmark = pytest.mark.browser

THUMB = ".scrubber-range"
SCREEN = 1e-6  # a float of four bytes
PAINTED = "() => window.lookbackScrubber.value === {0} && window.figureStrips.get('beta').painted === {0}"


def film_is_here(page: Page) -> None:
    page.locator(THUMB).hover()
    page.wait_for_function("() => window.lookbackScrubber?.film")


def take_thumb(page: Page) -> Any:
    """Press the mouse on the thumb; gives a function that drags it to a lookback."""
    film_is_here(page)
    box = page.locator(THUMB).bounding_box()
    assert box is not None
    thumb = 18.0  # its centre moves between half a thumb from either end
    room = box["width"] - thumb

    def at(lookback: int) -> tuple[float, float]:
        return box["x"] + thumb / 2 + room * (lookback - 10) / 355, box["y"] + box["height"] / 2

    value = int(page.locator(THUMB).input_value())
    page.mouse.move(*at(value))
    page.mouse.down()

    def drag(lookback: int) -> int:
        page.mouse.move(*at(lookback))
        reached = int(page.locator(THUMB).input_value())
        page.wait_for_function(PAINTED.format(reached))
        return reached

    return drag


def painted(page: Page, chart: str) -> dict[str, Any]:
    """The arrays that a chart's canvas shows, and its title."""
    return page.evaluate(
        """name => {
            const chart = window.liveCharts.get(name);
            const traces = Object.fromEntries(Object.entries(chart.latest.traces).map(([position, arrays]) =>
                [position, { x: Array.from(arrays.x), y: Array.from(arrays.y) }]));
            return { traces, title: chart.node.querySelector('.gtitle').textContent,
                     lookback: chart.painted };
        }""",
        chart,
    )


def test_dragging_paints_the_numbers_of_the_library(chromium, app_url):
    returns = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
    instants = epoch_milliseconds(returns.asset.index)
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        before = page.url
        drag = take_thumb(page)
        for wanted in np.random.default_rng(4).choice(np.arange(10, 366), 20, replace=False).tolist():
            window = drag(wanted)
            assert abs(window - wanted) <= 1
            asset, benchmark = returns.asset.iloc[-window:], returns.benchmark.iloc[-window:]
            estimate = estimate_beta(asset, benchmark, covariance="hc3")
            shown = strip(page)
            assert shown[f"Beta, {window} days"] == beta_text(estimate.beta)
            assert shown["R²"] == f"{estimate.r_squared:.2f}"
            assert shown["Observations"] == str(window)
            year = estimate.residual_volatility * np.sqrt(365)
            assert shown["Residual vol. a year"] == percent_text(year)
            interval = f"{beta_text(estimate.beta_low)} to {beta_text(estimate.beta_high)} (95%)"
            expect(figure(page, "Beta,")).to_contain_text(interval)

            scatter = painted(page, "regression")
            assert scatter["lookback"] == window
            assert scatter["title"] == f"SOL-SIM moved {beta_text(estimate.beta)}× BTC-SIM over {window} days"
            assert scatter["traces"]["5"]["y"] == pytest.approx(asset.tolist(), rel=SCREEN)
            line = estimate.alpha + estimate.beta * np.array(scatter["traces"]["4"]["x"])
            assert scatter["traces"]["4"]["y"] == pytest.approx(line, rel=1e-5, abs=SCREEN)

            rolling = rolling_beta(returns.asset, returns.benchmark, window=window, covariance="hc3")
            chart = painted(page, "rolling_beta")
            rows = np.searchsorted(instants, chart["traces"]["2"]["x"])
            for position, name in enumerate(("low", "high", "beta")):
                whole = getattr(rolling, name).to_numpy()[rows]
                assert chart["traces"][str(position)]["y"] == pytest.approx(whole, rel=SCREEN, abs=SCREEN)
            low, high = rolling.beta.min(), rolling.beta.max()
            assert chart["title"] == (
                f"Beta over {window} days ran from {beta_text(low)} to {beta_text(high)}; "
                f"now {beta_text(estimate.beta)}"
            )

            walk = backtest_hedge(returns, window=window, position_usd=10_000)
            chart = painted(page, "hedge_pnl")
            rows = np.searchsorted(instants, chart["traces"]["0"]["x"]) - window
            for k, strategy in enumerate(walk.strategies):
                whole = strategy.cumulative_pnl_usd.to_numpy()[rows]
                assert chart["traces"][str(2 * k)]["y"] == pytest.approx(whole, rel=SCREEN, abs=0.01)
            assert walk.beta.effectiveness is not None
            assert f"removed {walk.beta.effectiveness.effectiveness:.0%}" in chart["title"]
        # Nothing went to the server; now it hears of the last one.
        assert page.url == before
        page.mouse.up()
        expect(page).to_have_url(re.compile(f"lookback={window}&"))
        wait_until_idle(page)
        assert page.locator(".live-chart-painted").count() == 0
        assert strip(page) == shown


SHOWN = """
names => Object.fromEntries(names.map(name => {
    const { _fullData: data, _fullLayout: layout } = window.liveCharts.get(name).node;
    const numbers = (values) => Array.from(values ?? [], (value) => new Date(value).getTime());
    return [name, {
        x: data.map((trace) => numbers(trace.x)),
        y: data.map((trace) => Array.from(trace.y)),
        said: data.map((trace) => [trace.name, trace.text, trace.hovertemplate, trace.customdata?.length]),
        title: layout.title.text,
        notes: layout.annotations.map((note) => [note.text, note.yshift]),
        heights: [...layout.annotations, ...layout.shapes].map((each) => each.y ?? each.y0),
        ranges: Object.keys(layout).filter((key) => /^[xy]axis\\d*$/.test(key)).flatMap((key) =>
            layout[key].range.map((end) => typeof end === "string" ? Date.parse(end) : end)),
    }];
}))
"""


def test_after_the_film_stands_what_the_server_draws(chromium, app_url):
    names = ["regression", "rolling_beta", "hedge_pnl"]
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        drag = take_thumb(page)
        window = drag(147)
        page.mouse.up()
        expect(page).to_have_url(re.compile(f"lookback={window}&"))
        wait_until_idle(page)
        page.wait_for_function(  # the server's figures have come
            "() => [...window.liveCharts.values()].every((chart) => chart.painted === null)"
        )
        after_the_drag = page.evaluate(SHOWN, names)
        link = page.url
    with opened(chromium, link) as page:
        wait_for_charts(page)
        drawn = page.evaluate(SHOWN, names)
    for name in names:
        ours, theirs = after_the_drag[name], drawn[name]
        for word in ("said", "title", "notes"):
            assert ours[word] == theirs[word], (name, word)
        for number in ("heights", "ranges"):
            assert ours[number] == pytest.approx(theirs[number], rel=1e-5, abs=SCREEN), (name, number)
        for axis in "xy":
            for mine, other in zip(ours[axis], theirs[axis], strict=True):
                assert mine == pytest.approx(other, rel=SCREEN, abs=0.01 if name == "hedge_pnl" else SCREEN)


def test_zoom_and_hidden_series_survive_a_drag(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        rolling, pnl = page.locator(CHART).nth(1), page.locator(CHART).nth(2)
        box = rolling.locator(".nsewdrag").first.bounding_box()
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"], steps=5)
        page.mouse.up()
        pnl.locator(".legendtoggle").first.click()
        page.wait_for_timeout(600)  # a single click waits for a double click
        ranges = "node => [node._fullLayout.xaxis.range, node._fullLayout.yaxis.range]"
        zoomed = rolling.evaluate(ranges)
        drag = take_thumb(page)
        for lookback in (80, 140, 220, 120):
            drag(lookback)
            assert rolling.evaluate(ranges) == zoomed
        page.wait_for_timeout(500)  # held still: Plotly draws again
        assert rolling.evaluate(ranges) == zoomed
        assert pnl.evaluate("node => node._fullData[0].visible") == "legendonly"
        page.mouse.up()
        expect(page).to_have_url(re.compile("lookback=1(19|20|21)&"))
        wait_until_idle(page)
        assert rolling.evaluate(ranges) == zoomed
        assert pnl.evaluate("node => node._fullData[0].visible") == "legendonly"


def test_axes_follow_what_is_painted(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        drag = take_thumb(page)
        for lookback in (12, 300):
            drag(lookback)
            page.wait_for_function(
                """() => {
                    const chart = window.liveCharts.get('rolling_beta');
                    const [from, to] = chart.node._fullLayout.yaxis.range;
                    const low = Math.min(...chart.latest.traces[0].y);
                    const high = Math.max(...chart.latest.traces[1].y);
                    return from <= low && high <= to && high - low > 0.35 * (to - from);
                }"""
            )
        page.mouse.up()


def test_keys_type_chips_and_escape(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        film_is_here(page)
        slider = page.get_by_role("slider", name="Lookback, days")
        slider.focus()
        for _ in range(3):
            slider.press("ArrowRight")
        slider.press("PageUp")
        expect_beta(page, "Beta, 73 days", simulated_beta("SOL-SIM", "BTC-SIM", 73, covariance="hc3").beta)
        assert slider.get_attribute("aria-valuetext") == "73 days"
        expect(page).to_have_url(re.compile("lookback=73&"))
        page.get_by_role("button", name="30 days", exact=True).click()
        expect(page).to_have_url(re.compile("lookback=30&"))
        expect(page.get_by_role("button", name="30 days", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        let_go_at(page, 123)
        expect(figure(page, "Beta, 123 days")).to_be_visible()
        number = page.get_by_role("spinbutton", name="Lookback")
        for typed, taken in (("4000", "365"), ("3", "10")):
            number.fill(typed)
            number.press("Enter")
            expect(number).to_have_value(taken)
            expect(page).to_have_url(re.compile(f"lookback={taken}&"))
        number.fill("")
        number.press("Enter")
        expect(number).to_have_value("10")


def test_play_sweeps_and_stops(chromium, app_url):
    with opened(chromium, f"{app_url}/?source=simulated&lookback=350") as page:
        wait_for_charts(page)
        film_is_here(page)
        page.get_by_role("button", name="Play through all lookbacks").click()
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        expect(figure(page, "Beta, 365 days")).to_be_visible()
        expect(page).to_have_url(re.compile("lookback=365&"))
        expect(page.get_by_role("button", name="Play through all lookbacks")).to_be_visible()
        page.get_by_role("button", name="Play through all lookbacks").click()
        page.wait_for_function(
            "() => window.lookbackScrubber.value > 15 && window.lookbackScrubber.value < 300"
        )
        page.get_by_role("button", name="Stop").click()
        stopped = page.locator(THUMB).input_value()
        expect(page).to_have_url(re.compile(f"lookback={stopped}&"))


def test_other_settings_reach_the_film(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        choose(page, "Asset", "AVAX-SIM")
        wait_until_idle(page)
        drag = take_thumb(page)
        window = drag(150)
        expect_beta(page, f"Beta, {window} days", simulated_beta("AVAX-SIM", "BTC-SIM", window).beta)
        page.mouse.up()


def test_an_estimator_that_is_too_slow_says_so_and_follows_on_release(chromium, app_url):
    link = f"{app_url}/?source=simulated&asset=SOL-SIM&benchmark=BTC-SIM&interval=weekly&method=theil_sen"
    with opened(chromium, link) as page:
        wait_for_charts(page)
        expect(page.get_by_text("charts follow on release")).to_be_visible()
        page.get_by_role("slider", name="Lookback, weeks").press("ArrowRight")
        expect(figure(page, "Beta, 61 weeks")).to_be_visible()


def test_without_its_film_everything_follows_on_release(chromium, app_url):
    with opened(chromium, "about:blank") as page:
        page.route("**/film/**", lambda route: route.abort())
        page.goto(app_url)
        wait_for_charts(page)
        slider = page.get_by_role("slider", name="Lookback, days")
        slider.focus()
        slider.press("ArrowRight")
        expect_beta(page, "Beta, 61 days", simulated_beta("SOL-SIM", "BTC-SIM", 61).beta)
        expect(page.locator(CHART).nth(1)).to_contain_text("Beta over 61 days")


def test_the_heat_map_shows_its_lookback_and_date_in_the_other_charts(chromium, app_url):
    with opened(chromium, app_url, size={"width": 1440, "height": 2000}) as page:
        wait_for_charts(page)
        page.get_by_text("Which lookback?").click()
        wait_for_charts(page, 5)
        film_is_here(page)
        heat_map = page.locator(CHART).nth(4).locator(".nsewdrag").first
        box = heat_map.bounding_box()
        for step in range(60):  # a hand that moves, until the chart below it has noticed
            heat_map.hover(position={"x": (0.4 + 0.002 * step) * box["width"], "y": 0.1 * box["height"]})
            if page.evaluate("window.figureStrips.get('beta').painted > 200"):
                break
            page.wait_for_timeout(100)
        window = page.evaluate("window.figureStrips.get('beta').painted")
        expect_beta(page, f"Beta, {window} days", simulated_beta("SOL-SIM", "BTC-SIM", window).beta)
        assert painted(page, "rolling_beta")["lookback"] == window
        page.mouse.move(5, 5)
        expect(figure(page, "Beta, 60 days")).to_be_visible()
        expect(page.locator(".live-chart-painted")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_scrubber_stays_within_reach_on_a_phone(chromium, app_url, scheme):
    with opened(chromium, app_url, size=PHONE, scheme=scheme) as page:
        wait_for_charts(page)
        page.get_by_text("Downloads: CSV of every number").scroll_into_view_if_needed()
        box = page.locator(".scrubber").bounding_box()
        assert box["y"] > PHONE["height"] - 140
        assert abs(box["y"] + box["height"] - PHONE["height"]) < 1
        assert box["width"] <= PHONE["width"]
        # The last thing on the page is not hidden beneath it.
        last = page.get_by_text("Downloads: CSV of every number").bounding_box()
        assert last["y"] + last["height"] <= box["y"]
        drag = take_thumb(page)
        window = drag(200)
        assert strip(page)["Observations"] == str(window)
        page.mouse.up()


def test_a_theme_change_keeps_value_and_charts(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        let_go_at(page, 77)
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(
            """() => getComputedStyle(document.querySelector('.stApp')).backgroundColor
                !== 'rgb(255, 255, 255)'"""
        )
        expect(figure(page, "Beta, 77 days")).to_be_visible()
        page.wait_for_function(
            """() => window.liveCharts.get('regression').node
                ._fullLayout.font.color.toLowerCase() === '#eef2f6'"""
        )
        drag = take_thumb(page)
        window = drag(160)
        assert strip(page)["Observations"] == str(window)
        page.mouse.up()


def test_help_texts_open_by_mouse_and_keyboard(chromium, app_url):
    with opened(chromium, app_url, size=LAPTOP) as page:
        wait_for_charts(page)
        help_text = page.get_by_text("beta = Cov(asset, benchmark) / Var(benchmark)")
        expect(help_text).to_be_hidden()
        page.get_by_role("button", name="Help for Beta, 60 days").hover()
        expect(help_text).to_be_visible()
        page.mouse.move(5, 5)
        expect(help_text).to_be_hidden()
        page.get_by_role("button", name="Help for Beta, 60 days").press("Enter")
        expect(help_text).to_be_visible()
        page.keyboard.press("Escape")
        expect(help_text).to_be_hidden()
