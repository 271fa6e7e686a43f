"""The Beta page as its user meets it."""

from __future__ import annotations

import io
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from data.environment import utc_now
from hedging import align, estimate_beta, rolling_beta
from hedging.plots.formats import beta_text
from tests.browser.beta_page import (
    CHART,
    choose,
    expect_beta,
    figure,
    simulated,
    simulated_beta,
    strip,
    wait_for_charts,
    wait_until_idle,
)
from tests.browser.conftest import LAPTOP, PHONE, opened, running_app
from tests.fakes.yahoo_server import Script, YahooServer, daily_quotes

pytestmark = pytest.mark.browser


def test_a_user_walks_the_page(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        expect(page.get_by_text("no price here is real")).to_be_visible()
        assert page.locator(f"{CHART} text", has_text="SIMULATED").count() == 3
        expect_beta(page, "Beta, 60 days", simulated_beta("SOL-SIM", "BTC-SIM", 60).beta)

        page.get_by_role("button", name="90 days").click()
        expect_beta(page, "Beta, 90 days", simulated_beta("SOL-SIM", "BTC-SIM", 90).beta)
        expect(page).to_have_url(re.compile("lookback=90"))

        slider = page.get_by_role("slider", name="Lookback, days")
        slider.focus()
        slider.press("ArrowRight")
        expect_beta(page, "Beta, 91 days", simulated_beta("SOL-SIM", "BTC-SIM", 91).beta)

        choose(page, "Asset", "AVAX-SIM")
        expect_beta(page, "Beta, 91 days", simulated_beta("AVAX-SIM", "BTC-SIM", 91).beta)
        choose(page, "Benchmark", "ETH-SIM")
        expect_beta(page, "Beta, 91 days", simulated_beta("AVAX-SIM", "ETH-SIM", 91).beta)

        position = page.get_by_role("spinbutton", name="Position")
        position.fill("-25000")
        position.press("Enter")
        expect(figure(page, "Hedge")).to_contain_text("long ")

        choose(page, "Returns", "weekly")
        expect(figure(page, "Beta, 91 weeks")).to_be_visible()


def test_a_copied_link_shows_the_same_view_elsewhere(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        page.get_by_role("button", name="30 days").click()
        expect(page).to_have_url(re.compile("lookback=30"))
        choose(page, "Asset", "LINK-SIM")
        expect(page).to_have_url(re.compile("asset=LINK-SIM"))
        page.get_by_role("button", name="Settings").click()
        choose(page, "Standard error", "HAC (Newey-West)")
        expect(page).to_have_url(re.compile("covariance=hac"))
        page.keyboard.press("Escape")
        wait_until_idle(page)
        shown, link = strip(page), page.url
    assert beta_text(simulated_beta("LINK-SIM", "BTC-SIM", 30).beta) == shown["Beta, 30 days"]
    with opened(chromium, link, known=False) as elsewhere:
        wait_for_charts(elsewhere)
        assert strip(elsewhere) == shown
        elsewhere.get_by_role("button", name="Settings").click()
        expect(elsewhere.get_by_role("combobox", name="Standard error")).to_have_value("HAC (Newey-West)")


def test_opening_settings_changes_nothing(chromium, tmp_path):
    for seed, symbol in enumerate(("SOLUSDT", "BTCUSDT")):
        (tmp_path / f"{symbol}.csv").write_bytes(prices_csv(seed)[0])
    with running_app(folder=tmp_path) as url:
        with opened(chromium, f"{url}/?source=folder&covariance=hac&confidence=0.99&dates=day_first") as page:
            wait_for_charts(page)
            page.get_by_role("button", name="90 days").click()
            expect(page).to_have_url(re.compile("lookback=90"))
            wait_until_idle(page)
            page.get_by_role("button", name="Settings").click()
            expect(page.get_by_role("textbox", name="Folder on this computer")).to_have_value(str(tmp_path))
            expect(page.get_by_role("combobox", name="Standard error")).to_have_value("HAC (Newey-West)")
            expect(page.get_by_role("combobox", name="Dates such as")).to_have_value("day first")
            expect(page.get_by_test_id("stSlider").filter(has_text="Confidence")).to_contain_text("99%")
            page.keyboard.press("Escape")
            page.get_by_role("button", name="30 days").click()
            expect(page).to_have_url(
                re.compile("lookback=30&.*confidence=0.99&covariance=hac&.*dates=day_first")
            )
            expect(figure(page, "Beta, 30 days")).to_be_visible()
            expect(page.get_by_test_id("stMain")).to_contain_text("(99%)")


def test_a_new_position_is_not_told_what_is_above_it(chromium, app_url):
    with opened(chromium, app_url) as page:
        frames: list[bytes] = []

        def keep(frame: bytes) -> None:  # Playwright cannot mark a method of a list as its listener
            frames.append(frame)

        page.on("websocket", lambda socket: socket.on("framereceived", keep))
        page.reload()
        wait_for_charts(page)
        assert sent_labels(frames) >= {"Source", "Asset", "Benchmark", "Unit"}
        wait_for_silence(page, frames)
        frames.clear()
        position = page.get_by_role("spinbutton", name="Position")
        position.fill("25000")
        position.press("Enter")
        expect(page).to_have_url(re.compile("position=25000&"))
        assert sent_labels(frames) == {"Unit"}
        # The line above knows of it all the same: what it starts takes the position along.
        choose(page, "Asset", "AVAX-SIM")
        expect(page).to_have_url(re.compile("asset=AVAX-SIM.*position=25000&"))
        expect(position).to_have_value("25000")


def wait_for_silence(page: Page, frames: list[bytes]) -> None:
    """What the server still had to say when its work was done has come."""
    n_frames = -1
    while n_frames != len(frames):
        n_frames = len(frames)
        page.wait_for_timeout(300)


def test_the_step_of_the_position_is_that_of_its_unit(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        position = page.get_by_role("spinbutton", name="Position")
        position.press("ArrowUp")
        expect(position).to_have_value("11000")
        position.press("Enter")
        expect(page).to_have_url(re.compile("position=11000&"))
        choose(page, "Unit", "coins")
        expect(page).to_have_url(re.compile("unit=coins"))
        wait_until_idle(page)
        position.press("ArrowUp")
        expect(position).to_have_value("11001")


def test_the_way_out_of_an_empty_page_changes_the_line_above_too(chromium, app_url):
    with opened(chromium, f"{app_url}/?source=upload&asset=SOL&benchmark=BTC") as page:
        page.get_by_role("button", name="Open the simulated market").click()
        wait_for_charts(page)
        expect(page).to_have_url(re.compile("source=simulated&asset=SOL-SIM&benchmark=BTC-SIM"))
        expect_beta(page, "Beta, 60 days", simulated_beta("SOL-SIM", "BTC-SIM", 60).beta)
        expect(page.get_by_role("combobox", name="Source")).to_have_value("Simulated market")


def sent_labels(frames: list[bytes]) -> set[str]:
    """Labels of the select boxes among what the server sent."""
    messages = [ForwardMsg.FromString(frame) for frame in frames]
    return {message.delta.new_element.selectbox.label for message in messages} - {""}


def test_back_returns_to_the_view_before(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        page.get_by_role("button", name="30 days").click()
        expect(page).to_have_url(re.compile("lookback=30&"))
        wait_until_idle(page)
        page.wait_for_timeout(1_200)  # a look at the page, and the hand on its way to the button
        page.go_back()
        expect(figure(page, "Beta, 60 days")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_strip_and_all_charts_fit_a_laptop_without_scrolling(chromium, app_url, scheme):
    with opened(chromium, app_url, scheme=scheme) as page:
        wait_for_charts(page)
        boxes = [chart.bounding_box() for chart in page.locator(CHART).all()]
        boxes += [metric.bounding_box() for metric in page.locator(".figure").all()]
        assert len(boxes) == 9
        assert all(box["y"] >= 0 and box["y"] + box["height"] <= LAPTOP["height"] for box in boxes)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(chromium, app_url, scheme):
    with opened(chromium, app_url, size=PHONE, scheme=scheme) as page:
        wait_for_charts(page)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("e => e.scrollWidth") <= PHONE["width"]
        for chart in page.locator(CHART).all():
            box = chart.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_the_tools_of_a_chart_cover_neither_its_title_nor_its_legend(chromium, app_url, size):
    with opened(chromium, app_url, size=size) as page:
        wait_for_charts(page)
        for chart in page.locator(CHART).all():
            chart.hover()
            tools = chart.locator(".modebar").bounding_box()
            for words in (*chart.locator(".gtitle").all(), *chart.locator(".legend").all()):
                box = words.bounding_box()
                if box["y"] < tools["y"]:  # a legend that is a hover label stands anywhere
                    assert box["y"] + box["height"] <= tools["y"] + 1
            assert chart.locator(".gtitle").bounding_box()["y"] < tools["y"]


def test_every_chart_and_control_has_a_name(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        charts = page.locator("[role=figure]")
        names = charts.evaluate_all(
            "nodes => nodes.map(n => n.getAttribute('aria-label')"
            " || n.querySelector('[aria-label]')?.getAttribute('aria-label') || '')"
        )
        assert any("moved" in name for name in names)
        assert any("ran from" in name for name in names)
        assert any("variance" in name for name in names)
        for role, name in (
            ("combobox", "Source"),
            ("combobox", "Asset"),
            ("combobox", "Benchmark"),
            ("combobox", "Returns"),
            ("combobox", "Unit"),
            ("spinbutton", "Position"),
            ("slider", "Lookback, days"),
            ("button", "Settings"),
        ):
            expect(page.get_by_role(role, name=name).first).to_be_visible()


def test_charts_keep_their_zoom_their_hidden_series_and_their_node(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        page.evaluate(f"document.querySelectorAll('{CHART}').forEach(node => node.dataset.mark = 'same')")
        rolling, pnl = page.locator(CHART).nth(1), page.locator(CHART).nth(2)
        box = rolling.locator(".nsewdrag").first.bounding_box()
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"], steps=5)
        page.mouse.up()
        pnl.locator(".legendtoggle").first.click()
        page.wait_for_timeout(600)  # a single click waits for a double click
        zoomed = rolling.evaluate("node => node._fullLayout.xaxis.range")
        page.get_by_role("button", name="90 days").click()
        expect(rolling).to_contain_text("Beta over 90 days")
        assert rolling.evaluate("node => node._fullLayout.xaxis.range") == zoomed
        assert pnl.evaluate("node => node._fullData[0].visible") == "legendonly"
        assert page.locator(f"{CHART}[data-mark=same]").count() == 3
        # Another asset is another picture: it starts unzoomed.
        choose(page, "Asset", "AVAX-SIM")
        expect(rolling).to_contain_text("AVAX-SIM")
        assert rolling.evaluate("node => node._fullLayout.xaxis.range") != zoomed


def test_plotly_is_served_once_by_the_app_itself(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        loads = page.evaluate(
            "performance.getEntriesByType('resource').map(e => e.name).filter(n => n.includes('plotly'))"
        )
        assert len([name for name in loads if "assets/plotly-" in name]) == 1
        # And nothing offers to send a chart anywhere.
        assert page.locator("[data-title*='Share'], [data-title*='cloud' i]").count() == 0
        answer = page.request.get(loads[0])
        assert "immutable" in answer.headers["cache-control"]


def test_hovering_a_point_says_a_sentence(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        latest = page.locator(f"{CHART} .scatterlayer .trace .points path").last
        latest.hover(force=True)
        said = page.locator(f"{CHART} .hoverlayer").first
        expect(said).to_contain_text("SOL-SIM moved")
        expect(said).to_contain_text("while BTC-SIM moved")


def test_downloads_hold_the_numbers_shown(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        page.get_by_text("Downloads: CSV of every number").click()
        with page.expect_download() as caught:
            page.get_by_role("button", name="Rolling beta, CSV").click()
        table = pd.read_csv(caught.value.path())
        aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
        expected = rolling_beta(aligned.asset, aligned.benchmark, window=60, covariance="hc3")
        np.testing.assert_allclose(table["beta"], expected.beta.dropna(), rtol=1e-12)
        assert set(table["source"]) == {"SIMULATED"}
        with page.expect_download() as caught:
            page.get_by_role("button", name="Charts, HTML").click()
        text = caught.value.path().read_text(encoding="utf-8")
        assert text.count("Plotly.newPlot") >= 3
        assert caught.value.suggested_filename.endswith(".html")


def test_a_chart_is_saved_as_png(chromium, app_url):
    with opened(chromium, app_url) as page:
        wait_for_charts(page)
        page.locator(CHART).first.hover()
        with page.expect_download() as caught:
            page.locator(f"{CHART} .modebar-btn[data-title*='ownload']").first.click()
        assert caught.value.path().read_bytes().startswith(b"\x89PNG")


def prices_csv(seed: int, symbol_beta: float = 1.0) -> tuple[bytes, pd.Series]:
    generator = np.random.default_rng(seed)
    days = pd.date_range("2024-01-01", periods=150, tz="UTC")
    market = 0.03 * np.random.default_rng(1).standard_normal(150)
    closes = 100 * np.cumprod(1 + symbol_beta * market + 0.01 * generator.standard_normal(150))
    buffer = io.StringIO()
    pd.DataFrame({"Date": days.strftime("%Y-%m-%d"), "Close": closes}).to_csv(buffer, index=False)
    return buffer.getvalue().encode(), pd.Series(closes, index=days)


def test_uploaded_files_are_read_and_bad_ones_explained(chromium, app_url):
    asset, asset_prices = prices_csv(7, 1.5)
    benchmark, benchmark_prices = prices_csv(8)
    hostile = b"Date,Close\n2024-01-01,10\n2024-01-02,<script>alert(1)</script>\n"
    with opened(chromium, f"{app_url}/?source=upload") as page:
        expect(page.get_by_text("Choose price files under Settings")).to_be_visible()
        page.get_by_role("button", name="Settings").click()
        page.get_by_test_id("stFileUploader").locator("input[type=file]").first.set_input_files(
            [
                {"name": "SOLUSDT.csv", "mimeType": "text/csv", "buffer": asset},
                {"name": "BTCUSDT.csv", "mimeType": "text/csv", "buffer": benchmark},
                {"name": "BADUSDT.csv", "mimeType": "text/csv", "buffer": hostile},
            ]
        )
        expect(page).to_have_url(re.compile("asset=BADUSDT|asset=SOLUSDT"))
        page.keyboard.press("Escape")
        choose(page, "Asset", "SOLUSDT")
        wait_for_charts(page)
        aligned = align(asset_prices, benchmark_prices)
        estimate = estimate_beta(aligned.asset.iloc[-60:], aligned.benchmark.iloc[-60:])
        expect_beta(page, "Beta, 60 days", estimate.beta)
        choose(page, "Asset", "BADUSDT")
        expect(page.get_by_test_id("stAlert")).to_contain_text("<script>alert(1)</script>")
        expect(page.get_by_role("combobox", name="Benchmark")).to_have_value("BTCUSDT")
        choose(page, "Asset", "SOLUSDT")
        expect_beta(page, "Beta, 60 days", estimate.beta)
        choose(page, "Source", "Simulated market")
        expect(page).to_have_url(re.compile("asset=SOL-SIM&benchmark=BTC-SIM"))
        choose(page, "Source", "Uploaded files")
        expect(page).to_have_url(re.compile("asset=SOLUSDT&benchmark=BTCUSDT"))
        expect_beta(page, "Beta, 60 days", estimate.beta)


def test_an_upload_that_is_too_large_is_refused_in_words(chromium, app_url, tmp_path):
    large = tmp_path / "SOLUSDT.csv"
    with large.open("wb") as file:
        file.truncate(200 * 2**20)
    with opened(chromium, f"{app_url}/?source=upload&position=777") as page:
        page.get_by_role("button", name="Settings").click()
        page.get_by_test_id("stFileUploader").locator("input[type=file]").first.set_input_files(large)
        expect(page.get_by_text("must be 64.0MB or smaller")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("spinbutton", name="Position")).to_have_value("777")


def test_a_hostile_link_is_text_and_harmless(chromium, app_url):
    link = f"{app_url}/?source=simulated&asset=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&lookback=9999"
    with opened(chromium, link) as page:
        page.on("dialog", lambda dialog: pytest.fail(f"the page ran {dialog.message}"))
        expect(page.get_by_text("lookback=9999")).to_be_visible()
        expect(page.get_by_test_id("stAlert").filter(has_text="<img src=x onerror=alert(1)>")).to_be_visible()
        assert page.locator("img[src=x]").count() == 0


def test_yahoo_opens_when_it_answers_and_any_ticker_can_be_typed(chromium):
    first = (utc_now().normalize() - pd.Timedelta(days=150)).strftime("%Y-%m-%d")

    def closes(seed: int) -> list[float]:
        return list(prices_csv(seed)[1])

    scripts = {
        symbol: Script(daily=daily_quotes(closes(seed), first=first))
        for seed, symbol in enumerate(("BTC-USD", "ETH-USD", "SOL-USD", "JUP29210-USD"))
    } | {"WAIT-USD": Script(answer="rate limit")}
    with YahooServer(scripts) as yahoo, running_app(yahoo=yahoo.base_url) as url:
        with opened(chromium, url) as page:
            wait_for_charts(page)
            expect(page).to_have_url(re.compile("source=yahoo&asset=SOL-USD&benchmark=BTC-USD"))
            assert page.locator(f"{CHART} text", has_text="SIMULATED").count() == 0
            asset = page.get_by_role("combobox", name="Asset")
            for ticker in ("JUP29210-USD", "WAIT-USD", "NOPE-USD"):
                asset.click()
                asset.fill(ticker)
                asset.press("Enter")
                expect(page).to_have_url(re.compile(f"asset={ticker}"))
                if ticker == "JUP29210-USD":
                    expect(page.locator(f"{CHART} .gtitle").first).to_contain_text(ticker)
                else:
                    expect(page.get_by_test_id("stAlert")).to_have_count(1)
            expect(page.get_by_test_id("stAlert")).to_contain_text("NOPE-USD")
            expect(page.get_by_role("combobox", name="Benchmark")).to_have_value("BTC-USD")


def test_a_folder_of_files_opens_and_another_can_be_typed(chromium, tmp_path):
    for seed, symbol in enumerate(("SOLUSDT", "BTCUSDT")):
        (tmp_path / f"{symbol}.csv").write_bytes(prices_csv(seed)[0])
    with running_app(folder=tmp_path) as url, opened(chromium, url) as page:
        wait_for_charts(page)
        expect(page).to_have_url(re.compile("source=folder&asset=SOLUSDT&benchmark=BTCUSDT"))
        page.get_by_role("button", name="Settings").click()
        folder = page.get_by_role("textbox", name="Folder on this computer")
        folder.fill(str(tmp_path / "nowhere"))
        folder.press("Enter")
        expect(page.get_by_test_id("stAlert")).to_contain_text("folder")
        expect(folder).to_have_value(str(tmp_path / "nowhere"))
        page.keyboard.press("Escape")
        # Once it is there, any change finds it: the position's too, which else leaves the line above alone.
        shutil.copytree(tmp_path, tmp_path / "nowhere")
        position = page.get_by_role("spinbutton", name="Position")
        position.fill("25000")
        position.press("Enter")
        expect(page).to_have_url(re.compile("position=25000&"))
        wait_for_charts(page)
        expect(page.get_by_test_id("stAlert")).to_contain_text("days old")
