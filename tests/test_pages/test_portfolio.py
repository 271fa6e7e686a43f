"""The Portfolio page, run without a browser: every number shown is the library's, and no line is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.contract_terms import terms_for_coin
from data.csv_text import csv_bytes
from data.embedded import SimulatedSource
from data.environment import DATA_FOLDER_VARIABLE, utc_now
from data.positions import read_positions_file
from hedging import Position, align_book, assess_book, beta_matrix, hedge_book
from hedging.plots.formats import beta_text, percent_text, usd_text
from pages.shared.archive import CHARTS
from pages.shared.book import assessed, load_book
from pages.shared.catalogue import FileInputs
from pages.shared.choices import BookChoices
from pages.shared.loading import load_view
from pages.shared.positions import BookLine
from pages.shared.priced_lines import PricedLine, price_lines
from pages.shared.settings import BOOK, Settings
from pages.shared.state import AppState
from pages.shared.views.portfolio import BookResult, load_portfolio, portfolio_tables
from pages.shared.views.portfolio_figures import doubt, line_rows
from tests.test_pages.tables import text_table

APP = str(Path(__file__).parents[2] / "pages" / "navigation.py")
MARKET = {"source": "simulated", "benchmark": "BTC-SIM"}
TEXT = "SOL-SIM:40000usd,AVAX:250,LINK-SIM:15000usd@1.2,DOGE-SIM:-20000usd"


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def opened(folded: bool = False, **link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state["downloads"] = folded
    app.session_state["book_details"] = folded
    app.run()
    app.switch_page("portfolio.py")
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def components(app: AppTest, name: str) -> list[dict[str, Any]]:
    found = app.get("bidi_component")
    return [json.loads(c.proto.json) for c in found if c.proto.component_name == name]


def strip(app: AppTest) -> dict[str, tuple[str, str]]:
    found = [figure for data in components(app, "figure_strip") for figure in data["figures"]]
    return {figure["label"]: (figure["value"], figure["small"]) for figure in found}


def charts(app: AppTest) -> list[str]:
    tokens = [data["figure"].removeprefix("chart/") for data in components(app, "live_chart")]
    return [(CHARTS.find(token) or b"").decode() for token in tokens]


def errors(app: AppTest) -> list[str]:
    return [error.value.replace("\\", "") for error in app.error]


def warnings(app: AppTest) -> str:
    return " ".join(warning.value.replace("\\", "") for warning in app.warning)


def captions(app: AppTest) -> str:
    return " ".join(caption.value.replace("\\", "") for caption in app.caption)


def link_of(app: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def simulated(symbol: str) -> pd.Series:
    return SimulatedSource().fetch(symbol, interval="daily", now=utc_now()).prices


def expected(lookback: int = 60, **options: Any):
    """The book of TEXT by the library alone."""
    symbols = ["SOL-SIM", "AVAX-SIM", "LINK-SIM", "DOGE-SIM"]
    aligned = align_book({symbol: simulated(symbol) for symbol in symbols}, simulated("BTC-SIM"))
    price = float(aligned.asset_prices["AVAX-SIM"].iloc[-1])
    held = [
        Position("SOL-SIM", 40_000.0),
        Position.in_coins("AVAX-SIM", 250.0, price_usd=price),
        Position("LINK-SIM", 15_000.0, beta_override=1.2),
        Position("DOGE-SIM", -20_000.0),
    ]
    window = slice(-lookback, None)
    benchmark = aligned.benchmark_returns.iloc[window].rename("BTC-SIM")
    book = assess_book(
        held,
        aligned.asset_returns.iloc[window],
        benchmark,
        benchmark_price_usd=float(aligned.benchmark_prices.iloc[-1]),
        **{"covariance": "hc3"} | options,
    )
    return book, aligned


def test_without_a_book_it_says_what_to_do_and_one_button_does_it():
    app = opened()
    assert app.selectbox(key="source").value == "simulated"
    assert not app.error
    assert not charts(app)
    assert any(text.value.startswith("No position yet") for text in app.markdown)
    assert next(b for b in app.button if b.label == "Hedge the whole book").disabled
    press(app, "Fill in an example book")
    assert link_of(app)["book"] == ("SOL-SIM:40000usd,AVAX-SIM:25000usd,LINK-SIM:15000usd,DOGE-SIM:-20000usd")
    assert len(charts(app)) == 3
    assert all('"SIMULATED"' in chart for chart in charts(app))


def test_the_strip_and_the_tables_show_what_the_library_computes():
    app = opened(**MARKET, book=TEXT)
    assert not app.error
    book, aligned = expected()
    shown = strip(app)
    assert shown["Beta, 60 days"] == (
        beta_text(book.beta),
        f"{beta_text(book.beta_low)} to {beta_text(book.beta_high)} (95%)",
    )
    assert shown["Exposure to BTC"] == (
        usd_text(book.exposure_usd),
        f"{usd_text(book.exposure_low_usd)} to {usd_text(book.exposure_high_usd)}",
    )
    assert shown["The same in BTC"][0] == f"{book.exposure_benchmark:.3f} BTC"
    assert shown["Net value"][0] == usd_text(book.net_usd)
    assert f"gross {usd_text(book.gross_usd)} · 2026-01-01 00:00 UTC" == shown["Net value"][1]
    assert shown["R²"][0] == f"{book.r_squared:.2f}"
    contract = terms_for_coin("BTC").contract()
    hedge = hedge_book(book, contract, float(aligned.benchmark_prices.iloc[-1]))
    assert shown["One hedge"][0] == f"short {abs(hedge.order.contracts):.3f} BTC"
    assets = text_table(app, "What each position brings")
    assert assets["value"].tolist() == [usd_text(value) for value in book.table["value_usd"]]
    assert assets["exposure"].tolist() == [usd_text(value) for value in book.table["exposure_usd"]]
    assert assets["weight"].tolist() == [percent_text(value) for value in book.table["weight"]]
    orders = text_table(app, "One order")
    assert orders.loc["contracts", "one order"] == f"short {abs(hedge.order.contracts):.3f}"
    assert orders.loc["traded"].tolist() == [
        usd_text(abs(hedge.order.hedge_notional_usd)),
        usd_text(hedge.singles_traded_usd),
    ]


def test_a_beta_by_hand_is_shown_as_such_with_its_estimate_beside_it():
    app = opened(**MARKET, book=TEXT)
    book, _ = expected()
    row = text_table(app, "What each position brings").loc["LINK-SIM"]
    assert row["beta"] == "1.20 by hand"
    assert row["95% interval"].startswith(f"estimate {beta_text(book.estimates['LINK-SIM'].beta)}")
    assert "(beta by hand)" in charts(app)[0]
    assert "A beta by hand has no interval" in captions(app)


def test_the_heat_maps_are_the_matrices_of_the_library():
    app = opened(**MARKET, book=TEXT)
    book, aligned = expected()
    _, correlation, betas = (json.loads(chart) for chart in charts(app))
    window = slice(-60, None)
    together = aligned.asset_returns.assign(**{"BTC-SIM": aligned.benchmark_returns}).iloc[window]
    for drawn, matrix in ((correlation, book.correlation), (betas, beta_matrix(together))):
        assert drawn["data"][0]["x"] == list(matrix.columns)
        assert drawn["data"][0]["text"] == [[beta_text(v) for v in row] for row in matrix.to_numpy()]


def test_a_coin_margined_order_is_the_one_of_the_hedge_page():
    app = opened(**MARKET, book="SOL:10000usd", contract="Binance BTCUSD_PERP", leverage="2")
    here = strip(app)["One hedge"]
    press(app, "Hedge the whole book")
    order = strip(app)["Order"]
    assert here[0] == order[0]
    assert here[0].endswith("contracts")


def test_one_order_trades_less_than_single_orders_of_both_sides():
    assert "One order is better: positions that offset each other need no trade" in captions(
        opened(**MARKET, book=TEXT)
    )
    assert "Both ways trade about the same" in captions(opened(**MARKET, book="SOL:40000usd,AVAX:30000usd"))


@pytest.mark.parametrize(
    "link",
    [
        {"interval": "weekly", "lookback": "50"},
        {"interval": "hourly", "lookback": "300", "covariance": "hac"},
        {"confidence": "0.8", "covariance": "nonrobust", "lookback": "90"},
        {"method": "kalman"},
        {"benchmark": "ETH-SIM"},
        {"asset": "Book"},
    ],
)
def test_a_link_opened_cold_shows_its_view(link):
    app = opened(**MARKET | {"book": TEXT} | link)
    assert not app.error
    assert len(charts(app)) == 3
    assert link.items() <= link_of(app).items()
    assert link_of(app)["book"] == TEXT
    assert app.dataframe[0].value["symbol"].tolist() == ["SOL-SIM", "AVAX", "LINK-SIM", "DOGE-SIM"]


def test_settings_change_the_numbers():
    app = opened(**MARKET, book=TEXT, lookback="90", covariance="nonrobust", confidence="0.8")
    book, _ = expected(90, covariance="nonrobust", confidence=0.8)
    assert strip(app)["Beta, 90 days"][1] == (
        f"{beta_text(book.beta_low)} to {beta_text(book.beta_high)} (80%)"
    )


def test_a_symbol_without_prices_is_named_and_the_others_keep_theirs():
    app = opened(**MARKET, book=f"{TEXT},NOPE:5,<b>x</b>:7usd")
    said = errors(app)[0]
    assert "NOPE: Simulated market has no symbol 'NOPE'" in said
    assert "<b>x</b>:" in said
    assert "BTC-SIM, ETH-SIM" in said  # what would be allowed
    assert not strip(app)
    assert "it would be wrong without them" in captions(app)
    table = text_table(app, "The lines of the portfolio")
    assert table.loc["SOL-SIM", "price"] == "$146.39"
    assert table.loc["AVAX", "priced as"] == "AVAX-SIM"
    assert table.loc["NOPE", "price"] == "no price"
    press(app, "Leave them out")
    assert link_of(app)["book"] == f"{TEXT},NOPE:5!,<b>x</b>:7usd!"
    assert not app.error
    assert strip(app)["Beta, 60 days"][0] == beta_text(expected()[0].beta)
    assert "Left out: NOPE, <b>x</b>." in captions(app)
    assert app.dataframe[0].value["included"].tolist() == [True] * 4 + [False] * 2


def test_every_line_left_out_is_explained():
    app = opened(**MARKET, book="SOL:5!,AVAX:7!")
    assert "Every position is left out" in errors(app)[0]
    assert app.dataframe[0].value["symbol"].tolist() == ["SOL", "AVAX"]


def test_a_source_that_cannot_be_reached_keeps_the_book():
    app = opened(source="yahoo", benchmark="BTC-USD", book=TEXT)
    assert len(errors(app)) == 1
    assert "Yahoo Finance" in errors(app)[0]
    assert link_of(app)["book"] == TEXT
    assert len(app.dataframe[0].value) == 4
    press(app, "Open the simulated market")
    assert not app.error
    assert strip(app)["Beta, 60 days"][0] == beta_text(expected()[0].beta)


@pytest.mark.parametrize(
    ("book", "said"),
    [
        ("SOL:1e300", "The link says book=SOL:1e300"),
        ("SOL:5@nan", "The link says book=SOL:5@nan"),
        ("nonsense", "The link says book=nonsense"),
        (",".join(["SOL:5"] * 101), "The link says book=SOL:5"),
    ],
)
def test_nonsense_in_the_url_is_named_and_the_page_stands(book, said):
    app = opened(**MARKET, book=book)
    assert said in warnings(app)
    assert any(text.value.startswith("No position yet") for text in app.markdown)


@pytest.mark.parametrize(
    ("book", "said"),
    [
        ("SOL:1000000000000", "at most 1e+12 USD"),
        ("SOL:5@1.1,SOL-SIM:6", "different betas set by hand"),
        ("SOL:5,SOL-SIM:-5", "cancel each other"),
    ],
)
def test_absurd_books_are_one_sentence(book, said):
    app = opened(**MARKET, book=book)
    assert len(errors(app)) == 1
    assert said in errors(app)[0]
    assert link_of(app)["book"] == book
    assert len(app.dataframe[0].value) == len(book.split(","))


@pytest.mark.parametrize("interval", ["daily", "weekly"])
@pytest.mark.parametrize("short", [-48_000, -42_000, -30_000])
def test_every_page_has_the_same_exposure_of_the_book(interval, short):
    """A nearly neutral book above all: what resets it daily is another book by the week."""
    settings = Settings(
        source="simulated", benchmark="BTC-SIM", asset=BOOK, interval=interval, lookback=60, covariance="hc3"
    )
    state = AppState(
        settings,
        book=BookChoices((BookLine("SOL-SIM", 60_000, "usd"), BookLine("AVAX-SIM", short, "usd"))),
    )
    hedged, book = load_view(state, FileInputs()), assessed(load_book(state, FileInputs()), settings)
    assert hedged.estimate.beta * hedged.position_usd == pytest.approx(book.exposure_usd, rel=1e-6)
    as_of = load_book(state, FileInputs()).as_of
    assert hedged.quotes.as_of == as_of  # sized on the last close, also of a book by the week


def test_a_loss_of_everything_long_ago_is_noted_and_shows_what_came_since(tmp_path):
    days = pd.date_range("2024-01-01", periods=300, freq="D", tz="UTC")
    wild = np.full(300, 100.0)
    wild[50:] = 340.0  # net 100, short 100: one day loses 240
    steps = np.exp(0.01 * np.random.default_rng(5).standard_normal((3, 300)).cumsum(axis=1))
    for name, prices in (("AAA", steps[0]), ("BBB", wild * steps[1]), ("BTC", 1e4 * steps[2])):
        pd.DataFrame({"date": days, "close": prices}).to_csv(tmp_path / f"{name}.csv", index=False)
    state = AppState(
        Settings(source="folder", benchmark="BTC", asset=BOOK),
        book=BookChoices((BookLine("AAA", 200, "usd"), BookLine("BBB", -100, "usd"))),
    )
    view = load_view(state, FileInputs(folder=tmp_path))
    assert view.asset.prices.index[0] == days[50]
    assert "lost everything by 2024-02-20" in view.asset.notes[0]


def test_a_book_without_net_value_has_an_exposure_and_no_beta():
    app = opened(**MARKET, book="SOL:10000usd,ETH:-10000usd")
    assert not app.error
    assert strip(app)["Beta, 60 days"] == ("none", "long and short cancel")
    assert strip(app)["One hedge"][0].startswith("short ")


def test_an_order_below_the_smallest_is_said():
    app = opened(**MARKET, book="SOL:20usd")
    assert strip(app)["One hedge"][0] == "none"
    assert "less than the exchange takes" in captions(app)


def write_prices(folder: Path, symbol: str, closes: np.ndarray, *, first: str = "2024-01-01") -> None:
    days = pd.date_range(first, periods=len(closes)).strftime("%Y-%m-%d")
    pd.DataFrame({"Date": days, "Close": closes}).to_csv(folder / f"{symbol}.csv", index=False)


def random_prices(seed: int, n: int = 200) -> np.ndarray:
    return 100 * np.cumprod(1 + 0.03 * np.random.default_rng(seed).standard_normal(n))


ON_FILES = {"source": "folder", "benchmark": "BTCUSDT"}


class TestFolder:
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path, monkeypatch):
        self.folder = tmp_path
        write_prices(tmp_path, "BTCUSDT", random_prices(1))
        write_prices(tmp_path, "SOLUSDT", random_prices(2))
        write_prices(tmp_path, "1000PEPEUSDT", random_prices(3))
        write_prices(tmp_path, "NEWUSDT", random_prices(4, 30), first="2024-06-20")
        monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))

    def test_a_young_listing_is_named_with_what_would_do(self):
        app = opened(**ON_FILES, book="SOL:5,NEW:7")
        assert len(errors(app)) == 1
        assert "share 28 daily returns and the lookback asks for 60" in errors(app)[0]
        assert "NEWUSDT begins last, on 2024-06-20" in errors(app)[0]
        assert text_table(app, "The lines of the portfolio").loc["SOL", "price"].startswith("$")
        assert not opened(**ON_FILES, book="SOL:5,NEW:7", lookback="20").error

    def test_old_prices_are_warned_about(self):
        assert "days old" in warnings(opened(**ON_FILES, book="SOL:5"))

    def test_coins_of_a_symbol_that_counts_in_thousands(self):
        price = float(random_prices(3)[-1])
        for book in ("PEPE:2000000", "1000PEPEUSDT:2000000"):
            app = opened(**ON_FILES, book=book)
            assert strip(app)["Net value"][0] == usd_text(2_000 * price)
        state = AppState(Settings(**ON_FILES), book=BookChoices((BookLine("1000PEPEUSDT", 5, "coins"),)))
        (note,) = line_rows(load_portfolio(state, FileInputs(folder=self.folder)))["note"]
        assert note == "counted in single coins; the price is that of 1,000"

    def test_the_exposure_to_a_benchmark_of_thousands_is_in_single_coins(self):
        app = opened(**ON_FILES | {"benchmark": "1000PEPEUSDT"}, book="BTCUSDT:1000000usd")
        usd = float(strip(app)["Exposure to PEPE"][0].replace("−", "-").replace("$", "").replace(",", ""))
        coins = float(
            strip(app)["The same in PEPE"][0].removesuffix(" PEPE").replace("−", "-").replace(",", "")
        )
        assert coins == pytest.approx(1_000 * usd / float(random_prices(3)[-1]), rel=1e-3)


class TestPaste:
    text = "Symbol\tQuantity\tBeta\nXRP\t1,234.5\t\nADA\tfoo\t\nLTC\t-10\t1.1"
    read = "XRP:1234.5,LTC:-10@1.1"

    def pasted(self, text: str, button: str, **link: str) -> AppTest:
        app = opened(**MARKET, **link)
        app.text_area(key="book_pasted").set_value(text).run()
        return press(app, button)

    def test_lines_are_shown_before_they_are_taken(self):
        app = opened(**MARKET, book=TEXT)
        app.text_area(key="book_pasted").set_value(self.text).run()
        assert link_of(app)["book"] == TEXT
        assert "2 positions" in captions(app)
        assert "Line 3: 'foo' is no number" in warnings(app)

    def test_they_are_added_and_what_could_not_be_read_stays(self):
        app = self.pasted(self.text, "Add to table", book=TEXT)
        assert link_of(app)["book"] == f"{TEXT},{self.read}"
        assert app.text_area(key="book_pasted").value == "Symbol\tQuantity\tBeta\nADA\tfoo\t"
        app.text_area(key="book_pasted").set_value("Symbol\tQuantity\tBeta\nADA\t7\t").run()
        press(app, "Add to table")
        assert link_of(app)["book"] == f"{TEXT},{self.read},ADA:7"
        assert app.text_area(key="book_pasted").value == ""

    def test_the_popover_closes_over_the_table_when_nothing_is_left_in_it(self):
        app = opened(**MARKET)
        app.session_state["book_paste_is_open"] = True
        app.text_area(key="book_pasted").set_value("SOL 5\nADA foo").run()
        press(app, "Replace table")
        assert app.session_state["book_paste_is_open"]
        app.text_area(key="book_pasted").set_value("ADA 7").run()
        press(app, "Add to table")
        assert not app.session_state["book_paste_is_open"]

    def test_they_replace_the_table(self):
        assert link_of(self.pasted(self.text, "Replace table", book=TEXT))["book"] == self.read

    def test_the_unit_of_sizes_without_one_is_asked_for(self):
        app = opened(**MARKET)
        app.text_area(key="book_pasted").set_value("SOL 5")
        app.button_group(key="book_pasted_unit").set_value("coins").run()
        assert link_of(press(app, "Add to table"))["book"] == "SOL:5"
        assert link_of(self.pasted("SOL 5", "Add to table"))["book"] == "SOL:5usd"

    @pytest.mark.parametrize("text", ["", "nothing to read", "x" * 300_000])
    def test_nothing_readable_changes_nothing(self, text):
        app = self.pasted(text, "Replace table", book=TEXT)
        assert link_of(app)["book"] == TEXT
        assert app.text_area(key="book_pasted").value == text

    def test_more_than_fit_are_not_taken(self):
        text = "\n".join(f"C{i} 5" for i in range(98))
        app = self.pasted(text, "Add to table", book=TEXT)
        assert link_of(app)["book"] == TEXT
        assert app.text_area(key="book_pasted").value == text
        assert "these are 102 positions; at most 100 fit" in warnings(app)


def test_an_upload_fills_the_table():
    app = opened(**MARKET)
    content = b"symbol,size,unit\nSOL,5,coins\nAVAX,1000,usd\n"
    (uploader,) = [each for each in app.get("file_uploader") if each.proto.label.startswith("A file")]
    uploader.set_value([("book.csv", content, "text/csv")]).run()
    assert "2 positions" in captions(app)
    press(app, "Replace table")
    assert link_of(app)["book"] == "SOL:5,AVAX:1000usd"


def test_the_whole_book_goes_on_to_the_hedge_page():
    app = opened(**MARKET, book=TEXT)
    press(app, "Hedge the whole book")
    assert app.selectbox(key="asset").value == "Book"
    assert (link_of(app)["asset"], link_of(app)["book"]) == ("Book", TEXT)
    app.switch_page("portfolio.py").run()
    assert not app.exception
    assert app.dataframe[0].value["symbol"].tolist() == ["SOL-SIM", "AVAX", "LINK-SIM", "DOGE-SIM"]


def test_what_is_folded_is_not_made_and_what_is_taken_away_is_whole():
    assert not opened(**MARKET, book=TEXT).get("download_button")
    app = opened(folded=True, **MARKET, book=TEXT)
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels[:6] == [
        f"{name}, CSV"
        for name in ("Positions", "Exposure", "Hedges", "Correlation", "Beta matrix", "Book returns")
    ]
    assert any("common instants" in text.value for text in app.markdown)


STATE = AppState(settings=Settings(**MARKET), book=BookChoices((BookLine("<b>:x", 512.345, "usd", 1.2),)))


def test_tables_are_in_full_precision_marked_and_read_back():
    lines = (BookLine("SOL-SIM", 512.345, "usd", 1.25), BookLine("AVAX", -2.5, "coins"))
    view = load_portfolio(AppState(settings=Settings(**MARKET), book=BookChoices(lines)), FileInputs())
    assert isinstance(view.result, BookResult)
    tables = {name: make() for name, make in portfolio_tables(view).items()}
    assert all((table["source"] == "SIMULATED").all() for table in tables.values())
    content = csv_bytes(tables["Positions"])
    found = read_positions_file(content, file_name="positions.csv", default_unit="usd")
    assert tuple(BookLine(r.symbol, r.size, r.unit, r.beta_by_hand) for r in found.rows) == lines
    assert tables["Exposure"]["exposure_usd"].sum() == pytest.approx(view.result.assessment.exposure_usd)
    assert len(tables["Book returns"]) == 60
    assert all(csv_bytes(table) for table in tables.values())


def test_tables_of_a_book_without_prices_are_its_lines():
    view = load_portfolio(STATE, FileInputs())
    assert list(portfolio_tables(view)) == ["Positions"]
    assert portfolio_tables(view)["Positions"]().loc["<b>:x", "size"] == 512.345


def test_a_ticker_that_may_be_a_share_is_doubted():
    (line,) = price_lines(STATE, FileInputs())
    history = SimulatedSource().fetch("SOL-SIM", interval="daily", now=utc_now())
    object.__setattr__(history, "source", "Yahoo Finance")
    own = PricedLine(BookLine("COMP", 5.0, "coins"), "COMP", history, is_listed=False)
    assert "may be a share" in doubt(own)
    for each in (line, PricedLine(own.line, "COMP-USD", history, is_listed=False)):
        assert doubt(each) == ""


def test_a_book_too_long_for_the_address_says_so_before_a_reload_loses_it():
    app = opened(**MARKET, book=TEXT)
    assert "too many for the address" not in warnings(app)
    text = "\n".join(f"{'LONGNAME' * 4}{number} 1000000" for number in range(95))
    app.text_area(key="book_pasted").set_value(text).run()
    press(app, "Replace table")
    assert len(app.session_state["state"].book.book) == 95
    assert "book" not in link_of(app)
    assert "a reload, a bookmark or a copied link comes without them" in warnings(app)
    assert "Positions, CSV" in warnings(app)
