"""Funding: its sign, its stamps, its holes, and the real files with all three."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import InputError, InsufficientDataError
from hedging.carry.funding import (
    annual_funding_fraction,
    funding_payment_coin,
    funding_payment_usd,
    prepare_funding,
    realised_funding,
)
from hedging.carry.periods import funding_per_period
from hedging.carry.projection import daily_funding, project_funding
from tests.shared_data import shared_file
from tests.test_hedging.examples import check_error, days
from tests.tolerances import PRINTED_3, SAME_FORMULA

START = pd.Timestamp("2024-01-01", tz="UTC")
QUICK = settings(max_examples=30, deadline=None, derandomize=True)


def charges(hours: list[float], rates: list[float] | None = None) -> pd.Series:
    """Charges after the given gaps, the first at START."""
    stamps = START + pd.to_timedelta(np.cumsum([0.0, *hours]), unit="h")
    return pd.Series(1e-4 if rates is None else rates, index=stamps)


def market_funding(name: str) -> pd.Series:
    """freqtrade's files keep the rate in the column ``open``."""
    table = pd.read_feather(shared_file("market", "funding", f"{name}-funding_rate.feather"))
    return pd.Series(table["open"].to_numpy(), index=pd.DatetimeIndex(table["date"]))


class TestSign:
    def test_a_short_receives_at_a_positive_rate(self):
        # Ten units short at a mark of 2 and a rate of .0001.
        assert funding_payment_usd(-10 * 2, 1e-4) == pytest.approx(0.002, rel=SAME_FORMULA)
        assert funding_payment_usd(10 * 2, 1e-4) == pytest.approx(-0.002, rel=SAME_FORMULA)
        assert funding_payment_usd(-10 * 2, -1e-4) == pytest.approx(-0.002, rel=SAME_FORMULA)

    def test_inverse_in_coin(self):
        # 10,000 contracts of 1 USD short at 50,000: 0.2 BTC of notional.
        assert funding_payment_coin(-10_000, 1e-3, mark_usd=50_000) == pytest.approx(2e-4, rel=SAME_FORMULA)

    @pytest.mark.parametrize(("notional", "rate"), [(float("nan"), 0.0), (1.0, 0.5), (1.0, float("inf"))])
    def test_unusable(self, notional, rate):
        with pytest.raises(InputError) as caught:
            funding_payment_usd(notional, rate)
        check_error(caught)

    def test_unusable_mark(self):
        with pytest.raises(InputError) as caught:
            funding_payment_coin(1.0, 0.0, mark_usd=0.0)
        check_error(caught, parameter="mark_usd")


class TestPrepare:
    def test_every_eight_hours(self):
        history = prepare_funding(charges([8.0] * 20))
        assert (history.interval_hours == 8.0).all()
        assert (history.holes, history.interval_changes, history.n_duplicates) == ((), (), 0)

    def test_jitter_is_taken_off(self):
        jittered = charges([8.0] * 20)
        jittered.index = jittered.index + pd.to_timedelta(np.linspace(-20, 47, 21), unit="ms")
        history = prepare_funding(jittered)
        assert history.rates.index.equals(charges([8.0] * 20).index.as_unit("ns"))
        assert history.largest_jitter_seconds == pytest.approx(0.047)

    def test_an_interval_that_changes_is_no_hole(self):
        history = prepare_funding(charges([8.0] * 6 + [4.0] * 6 + [8.0] * 6))
        assert history.interval_hours.tolist() == [8.0] * 7 + [4.0] * 6 + [8.0] * 6
        assert history.holes == ()
        assert [(c.before_hours, c.after_hours) for c in history.interval_changes] == [(8, 4), (4, 8)]

    def test_a_hole_covers_nothing(self):
        history = prepare_funding(charges([8.0] * 6 + [80.0] + [8.0] * 6))
        (hole,) = history.holes
        assert (hole.start, hole.end) == (START + pd.Timedelta("48h"), START + pd.Timedelta("120h"))
        assert hole.n_missing == 9
        assert (history.interval_hours == 8.0).all()

    def test_holes_at_the_ends(self):
        first = prepare_funding(charges([40.0] + [8.0] * 6))
        assert (first.interval_hours == 8.0).all()
        assert first.holes[0].n_missing == 4
        last = prepare_funding(charges([8.0] * 6 + [40.0]))
        assert (last.interval_hours == 8.0).all()
        assert last.holes[0].n_missing == 4

    def test_two_holes_at_an_end_are_no_new_interval(self):
        for gaps in ([8.0] * 12 + [16.0, 16.0], [16.0, 16.0] + [8.0] * 12):
            history = prepare_funding(charges(gaps))
            assert [hole.n_missing for hole in history.holes] == [1, 1]
            assert (history.interval_hours == 8.0).all()
            assert history.interval_changes == ()

    def test_a_short_interval_that_becomes_eight_hours_is_believed(self):
        history = prepare_funding(charges([4.0] * 12 + [8.0] * 4))
        assert history.holes == ()
        assert [(c.before_hours, c.after_hours) for c in history.interval_changes] == [(4, 8)]

    def test_a_contract_charged_once_a_day_has_no_holes(self):
        assert prepare_funding(charges([24.0] * 9)).holes == ()

    def test_every_other_charge_missing(self):
        whole = charges([8.0] * 40)
        history = prepare_funding(whole.drop(whole.index[[20, 22, 24]]))
        assert [hole.n_missing for hole in history.holes] == [1, 1, 1]
        assert history.interval_changes == ()

    def test_repeated_rows(self):
        twice = pd.concat([charges([8.0] * 5), charges([8.0] * 5).iloc[2:3]])
        assert prepare_funding(twice).n_duplicates == 1
        twice.iloc[-1] = 5e-4
        with pytest.raises(InputError) as caught:
            prepare_funding(twice)
        check_error(caught, parameter="rates", names="two different values")

    def test_order_does_not_matter(self):
        plain = charges([8.0] * 6 + [4.0] * 6, list(np.linspace(-1e-4, 1e-4, 13)))
        pd.testing.assert_series_equal(prepare_funding(plain[::-1]).rates, prepare_funding(plain).rates)

    @pytest.mark.parametrize(
        ("change", "kind"),
        [
            (lambda s: s.tz_localize(None), InputError),
            (lambda s: s.reset_index(drop=True), InputError),
            (lambda s: s * float("nan"), InputError),
            (lambda s: s * 1e5, InputError),
            (lambda s: s.iloc[:2], InsufficientDataError),
            (lambda s: s.iloc[:0], InsufficientDataError),
        ],
    )
    def test_unusable(self, change, kind):
        with pytest.raises(kind) as caught:
            prepare_funding(change(charges([8.0] * 5)))
        check_error(caught, parameter="rates")


class TestYear:
    def test_counts_the_time_it_covers(self):
        # .01 % every 8 hours is 10.95 % a year, every 4 hours 21.9 %; a hole changes neither.
        assert annual_funding_fraction(prepare_funding(charges([8.0] * 30))) == pytest.approx(0.1095)
        assert annual_funding_fraction(prepare_funding(charges([4.0] * 30))) == pytest.approx(0.219)
        holed = prepare_funding(charges([8.0] * 15 + [800.0] + [8.0] * 15))
        assert annual_funding_fraction(holed) == pytest.approx(0.1095)

    def test_a_stretch(self):
        history = prepare_funding(charges([8.0] * 3, [1e-4, 2e-4, 3e-4, 4e-4]))
        half = annual_funding_fraction(history, start=START, end=START + pd.Timedelta("16h"))
        assert half == pytest.approx((2e-4 + 3e-4) / 16 * 8760)
        with pytest.raises(InsufficientDataError) as caught:
            annual_funding_fraction(history, start=START + pd.Timedelta("9D"))
        check_error(caught)
        with pytest.raises(InputError) as naive:
            annual_funding_fraction(history, end=pd.Timestamp("2024-01-02"))
        check_error(naive, parameter="end")


@pytest.mark.market
class TestRealFiles:
    def test_bitcoin_by_year(self):
        table = pd.read_csv(shared_file("market", "funding", "BTCUSDT_funding.csv"))
        stamps = pd.to_datetime(table["timestamp"], format="ISO8601", utc=True)  # two forms in one column
        history = prepare_funding(pd.Series(table["funding_rate"].to_numpy(), index=stamps))
        assert history.holes == ()
        assert 0 < history.largest_jitter_seconds < 1
        for year, expected in ((2022, 0.042), (2024, 0.119), (2025, 0.051)):
            first = pd.Timestamp(f"{year}-01-01", tz="UTC")
            found = annual_funding_fraction(
                history, start=first, end=pd.Timestamp(f"{year + 1}-01-01", tz="UTC")
            )
            assert found == pytest.approx(expected, abs=PRINTED_3 * 1.2)

    def test_ena_has_a_hole_of_166_days(self):
        history = prepare_funding(market_funding("ENA_USDT_USDT-8h"))
        (hole,) = history.holes
        assert (f"{hole.start:%Y-%m-%d}", f"{hole.end:%Y-%m-%d}") == ("2025-07-17", "2025-12-31")
        assert hole.n_missing == pytest.approx(166 * 6, abs=6)
        assert (history.interval_hours == 4.0).all()

    def test_xtz_changes_its_interval(self):
        history = prepare_funding(market_funding("XTZ_USDT_USDT-1h"))
        assert set(history.interval_hours) == {8.0, 1.0, 4.0}
        assert f"{history.interval_changes[-1].at:%Y-%m-%d}" == "2025-07-22"
        # With 3 x 365 charges a year it would be half of this.
        right = annual_funding_fraction(history)
        assert abs(right) > 1.5 * abs(history.rates.mean() * 3 * 365)

    def test_marks_of_xrp_match_after_rounding(self):
        rates = market_funding("XRP_USDT_USDT-8h")
        table = pd.read_feather(shared_file("market", "funding", "XRP_USDT_USDT-8h-mark.feather"))
        marks = pd.Series(table["open"].to_numpy(), index=pd.DatetimeIndex(table["date"]))
        assert rates.index.isin(marks.index).sum() == 32
        history = prepare_funding(rates)
        units = pd.Series(-1_000.0, index=history.rates.index)
        paid = realised_funding(history, marks, units)
        assert len(paid) == 91
        expected = 1_000 * marks.to_numpy() * rates.to_numpy()
        np.testing.assert_allclose(paid, expected, rtol=SAME_FORMULA)

    @pytest.mark.parametrize("name", ["SOL_USDT_USDT-8h", "ETH_USDT_USDT-1h"])
    def test_others_are_whole(self, name):
        history = prepare_funding(market_funding(name))
        assert (history.interval_hours == 8.0).all()  # whatever the file's name says
        assert history.holes == ()


class TestRealised:
    def test_a_missing_mark_is_never_dropped(self):
        history = prepare_funding(charges([8.0] * 5))
        units = pd.Series(-1.0, index=history.rates.index)
        marks = pd.Series(100.0, index=history.rates.index).drop(history.rates.index[2])
        with pytest.raises(InputError) as caught:
            realised_funding(history, marks, units)
        check_error(caught, parameter="marks_usd", names="1 of 6")

    def test_two_marks_at_one_instant(self):
        history = prepare_funding(charges([8.0] * 5))
        stamps = history.rates.index
        units = pd.Series(-1.0, index=stamps)
        marks = pd.Series([100.0] * 6 + [101.0], index=[*stamps, stamps[2] + pd.Timedelta("5ms")])
        with pytest.raises(InputError) as caught:
            realised_funding(history, marks, units)
        check_error(caught, parameter="marks_usd", names="two different values")
        with pytest.raises(InputError) as caught:
            realised_funding(history, marks.iloc[:6].tz_localize(None), units)
        check_error(caught, parameter="marks_usd")


class TestPerPeriod:
    history = prepare_funding(charges([8.0] * 90, list(np.arange(91) * 1e-6)))

    def test_a_day_labelled_by_its_open(self):
        sums = funding_per_period(self.history, days(20), stamps="open")
        # The first day, 2024-01-01: charges at 08:00, 16:00 and 24:00, not the one at 00:00.
        assert sums.iloc[0] == pytest.approx((1 + 2 + 3) * 1e-6)
        assert sums.iloc[1] == pytest.approx((4 + 5 + 6) * 1e-6)

    def test_a_day_labelled_by_its_close(self):
        sums = funding_per_period(self.history, days(20, "2024-01-02"), stamps="close")
        assert sums.iloc[0] == pytest.approx((1 + 2 + 3) * 1e-6)

    def test_a_missing_bar_gives_its_charges_to_the_return_that_spans_it(self):
        index = days(20).delete(5)
        sums = funding_per_period(self.history, index, stamps="open")
        whole = funding_per_period(self.history, days(20), stamps="open")
        # The return labelled 2024-01-07 runs from the close of the 5th to that of the 7th.
        assert sums.iloc[5] == pytest.approx(whole.iloc[5] + whole.iloc[6])
        assert sums.sum() == pytest.approx(whole.sum())
        np.testing.assert_allclose(sums.drop(index[5]), whole.drop(days(20)[[5, 6]]))

    def test_one_period(self):
        day = pd.Timedelta(days=1)
        sums = funding_per_period(self.history, days(1, "2024-01-02"), stamps="open", step=day)
        assert sums.tolist() == pytest.approx([(4 + 5 + 6) * 1e-6])
        longer = funding_per_period(self.history, days(2, "2024-01-02"), stamps="open", start=START)
        assert longer.iloc[0] == pytest.approx((1 + 2 + 3 + 4 + 5 + 6) * 1e-6)

    @QUICK
    @given(cuts=st.lists(st.integers(1, 700), min_size=3, max_size=12, unique=True))
    def test_nothing_is_lost_between_periods(self, cuts):
        edges = pd.DatetimeIndex(START + pd.to_timedelta(sorted(cuts), unit="h"))
        sums = funding_per_period(self.history, edges[1:], stamps="close", start=edges[0])
        stamps = self.history.rates.index
        inside = self.history.rates[(stamps > edges[0]) & (stamps <= edges[-1])]
        assert sums.sum() == pytest.approx(inside.sum(), abs=1e-15)

    def test_a_hole_is_named_or_nan(self):
        holed = prepare_funding(charges([8.0] * 15 + [80.0] + [8.0] * 30))
        index = days(12)
        with pytest.raises(InsufficientDataError) as caught:
            funding_per_period(holed, index, stamps="open")
        check_error(caught, parameter="history", names="2024-01-06")
        sums = funding_per_period(holed, index, stamps="open", holes="nan")
        assert sums.isna().tolist() == [False] * 5 + [True] * 3 + [False] * 4
        assert sums.dropna().tolist() == pytest.approx([3e-4] * 9)

    def test_outside_of_the_history(self):
        with pytest.raises(InsufficientDataError):
            funding_per_period(self.history, days(40), stamps="open")
        with pytest.raises(InsufficientDataError):
            funding_per_period(self.history, days(10, "2023-12-25"), stamps="open")

    @pytest.mark.parametrize(
        "index",
        [days(5).tz_localize(None), days(5)[::-1], days(1), pd.RangeIndex(5), days(3).repeat(2)],
    )
    def test_unusable_labels(self, index):
        with pytest.raises(InputError) as caught:
            funding_per_period(self.history, index, stamps="open")
        check_error(caught, parameter="index")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("start", pd.Timestamp("2024-01-05", tz="UTC")),
            ("start", pd.Timestamp("2024-01-01")),
            ("step", pd.Timedelta(0)),
        ],
    )
    def test_unusable_edges(self, name, value):
        with pytest.raises(InputError) as caught:
            funding_per_period(self.history, days(5), stamps="open", **{name: value})
        check_error(caught, parameter=name)


class TestProjection:
    def test_constant_funding_is_certain(self):
        found = project_funding(prepare_funding(charges([8.0] * 200)), holding_days=7.5)
        assert found.rate_sum == pytest.approx(7.5 * 3e-4)
        assert (found.low, found.high) == pytest.approx((7.5 * 3e-4, 7.5 * 3e-4))
        assert found.payment_usd(-10_000) == pytest.approx((22.5, 22.5, 22.5))

    def test_interval_covers_coming_periods(self):
        generator = np.random.default_rng(1)
        rates = 1e-4 + 5e-5 * generator.standard_normal(3_000)
        history = prepare_funding(charges([8.0] * 2_999, list(rates)))
        found = project_funding(history, holding_days=10, confidence=0.9)
        sums = daily_funding(history)[:990].reshape(-1, 10).sum(axis=1)
        assert np.mean((sums >= found.low) & (sums <= found.high)) == pytest.approx(0.9, abs=0.08)
        mean, least, most = found.payment_usd(20_000)
        assert least < mean < most < 0.0  # a long pays

    def test_same_seed_same_numbers(self):
        history = prepare_funding(charges([8.0] * 300, list(np.sin(np.arange(301)) * 1e-4)))
        first = project_funding(history, holding_days=5)
        assert project_funding(history, holding_days=5) == first
        assert project_funding(history, holding_days=5, seed=1) != first

    def test_too_short(self):
        for hours in ([8.0] * 3, [8.0] * 60):
            with pytest.raises(InsufficientDataError) as caught:
                project_funding(prepare_funding(charges(hours)), holding_days=5)
            check_error(caught, parameter="history")

    @pytest.mark.parametrize(("name", "value"), [("holding_days", 0.0), ("replications", 5), ("seed", -1)])
    def test_unusable(self, name, value):
        arguments = {"holding_days": 5.0, name: value}
        with pytest.raises(InputError) as caught:
            project_funding(prepare_funding(charges([8.0] * 200)), **arguments)
        check_error(caught, parameter=name)
