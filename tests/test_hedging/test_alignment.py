"""Two price series to two return series: nothing filled, everything dropped is counted."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import InputError, InsufficientDataError, align, estimate_beta, scan_lags
from tests.test_hedging.examples import check_error, days, noisy_pair, price_path, random_prices
from tests.tolerances import SAME_FORMULA, STANDARD_ERRORS


def weekdays(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return index[index.day_of_week < 5]


class TestByHand:
    def test_returns_span_the_gap_for_both(self):
        asset = pd.Series([100.0, 110.0, 121.0, 133.1], days(4))
        benchmark = pd.Series([50.0, 60.0, np.nan, 75.0], days(4))
        found = align(asset, benchmark)
        assert found.asset.tolist() == pytest.approx([0.10, 0.21], rel=SAME_FORMULA)
        assert found.benchmark.tolist() == pytest.approx([0.20, 0.25], rel=SAME_FORMULA)
        assert found.asset.index.equals(days(4)[[1, 3]].as_unit("ns"))
        assert found.asset_prices.tolist() == [100.0, 110.0, 133.1]
        assert found.benchmark_prices.tolist() == [50.0, 60.0, 75.0]
        report = found.report
        assert (report.n_common, report.n_returns) == (3, 2)
        assert (report.n_asset_missing, report.n_benchmark_missing) == (0, 1)
        assert (report.n_asset_only, report.n_benchmark_only) == (1, 0)
        assert report.longest_span_hours == 48.0

    def test_logarithmic_returns(self):
        asset = pd.Series([100.0, 110.0, 99.0], days(3))
        found = align(asset, asset, log_returns=True)
        assert found.asset.tolist() == pytest.approx([np.log(1.1), np.log(0.9)], rel=SAME_FORMULA)

    def test_names_and_one_index(self):
        found = align(random_prices(1, days(10)), random_prices(2, days(10)))
        assert (found.asset.name, found.benchmark.name) == ("asset", "benchmark")
        assert found.asset.index.equals(found.benchmark.index)
        assert found.asset.index.dtype == "datetime64[ns, UTC]"
        assert len(found.asset_prices) == len(found.asset) + 1

    def test_what_lies_outside_and_inside_the_common_range(self):
        asset = random_prices(1, days(20, "2024-01-01")).drop(days(20)[[9, 10]])
        benchmark = random_prices(2, days(20, "2024-01-06")).drop(days(20)[[12]])
        report = align(asset, benchmark).report
        assert (report.n_asset_rows, report.n_benchmark_rows) == (18, 19)
        assert (report.n_asset_outside, report.n_benchmark_outside) == (5, 5)
        assert (report.n_asset_only, report.n_benchmark_only) == (1, 2)
        assert report.n_common == 12

    def test_duplicates_and_order_are_reported(self):
        asset, benchmark = random_prices(1, days(10)), random_prices(2, days(10))
        report = align(pd.concat([asset, asset.iloc[[1]]]), benchmark.iloc[::-1]).report
        assert (report.n_asset_duplicates, report.n_benchmark_duplicates) == (1, 0)
        assert report.was_sorted is False
        assert align(asset, benchmark).report.was_sorted is True


class TestNothingIsFilled:
    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(
        asset_gaps=st.sets(st.integers(0, 39), max_size=25),
        benchmark_gaps=st.sets(st.integers(0, 39), max_size=25),
    )
    def test_every_return_is_of_two_given_prices(self, asset_gaps, benchmark_gaps):
        asset, benchmark = random_prices(1, days(40)), random_prices(2, days(40))
        kept = sorted(set(range(40)) - asset_gaps - benchmark_gaps)
        given_asset = asset.drop(asset.index[sorted(asset_gaps)])
        given_benchmark = benchmark.mask(benchmark.index.isin(benchmark.index[sorted(benchmark_gaps)]))
        if len(kept) < 2 or len(given_asset) < 2:
            with pytest.raises(InputError):
                align(given_asset, given_benchmark)
            return
        # Steps of four days and more on the whole would be refused as bars too long for a day.
        stamps = asset.index[sorted(set(range(40)) - asset_gaps)]
        if np.median(np.diff(stamps.as_unit("ns").asi8)) > 4 * 86_400 * 10**9:
            return
        found = align(given_asset, given_benchmark)
        assert found.asset_prices.tolist() == asset.iloc[kept].tolist()
        assert found.benchmark_prices.tolist() == benchmark.iloc[kept].tolist()
        expected = [asset.iloc[b] / asset.iloc[a] - 1 for a, b in pairwise(kept)]
        np.testing.assert_allclose(found.asset, expected, rtol=SAME_FORMULA, atol=1e-15)
        report = found.report
        assert report.n_asset_only + report.n_asset_outside == len(given_asset) - len(kept)
        assert report.n_benchmark_missing == len(benchmark_gaps)
        assert report.n_benchmark_only + report.n_benchmark_outside + report.n_benchmark_missing == 40 - len(
            kept
        )

    def test_a_late_start_is_not_filled_back(self):
        # Back-filling brings the first known price to days before it; zero-filling makes returns of 0.
        asset = random_prices(1, days(30))
        benchmark = random_prices(2, days(30))
        benchmark.iloc[:12] = np.nan
        found = align(asset, benchmark)
        assert found.asset.index[0] == days(30)[13]
        assert (found.benchmark != 0).all()
        assert len(found.benchmark) == 17

    def test_order_of_arguments_is_symmetric(self):
        asset, benchmark = random_prices(1, days(30)).drop(days(30)[[4, 9]]), random_prices(2, days(30))
        one, two = align(asset, benchmark), align(benchmark, asset)
        np.testing.assert_array_equal(one.asset, two.benchmark)
        assert one.report.n_benchmark_only == two.report.n_asset_only == 2


class TestCalendars:
    def test_seven_day_asset_on_five_day_benchmark_recovers_beta(self):
        # Noise-free in logarithms, so that sampling PRICES must give the true beta exactly.
        index = days(400)
        steps = 0.02 * np.random.default_rng(1).standard_normal(399)
        benchmark = pd.Series(100 * np.exp(np.r_[0, np.cumsum(steps)]), index)
        asset = pd.Series(20 * np.exp(np.r_[0, np.cumsum(1.81 * steps)]), index)
        found = align(asset, benchmark[weekdays(index)], log_returns=True)
        assert estimate_beta(found.asset, found.benchmark).beta == pytest.approx(1.81, rel=1e-12)
        # Returns first and join after pairs Monday's one day with the benchmark's three.
        first = np.log(asset).diff()
        after = np.log(benchmark[weekdays(index)]).diff().dropna()
        assert estimate_beta(first[after.index], after).beta < 1.5

    def test_noisy_calendars_recover_beta_within_its_error(self):
        returns, benchmark_returns = noisy_pair(3, 1000, beta=1.81, noise=0.005)
        index = days(1001)
        asset, benchmark = price_path(returns, index), price_path(benchmark_returns, index)
        found = align(asset, benchmark[weekdays(index)], log_returns=True)
        estimate = estimate_beta(found.asset, found.benchmark)
        assert abs(estimate.beta - 1.81) < STANDARD_ERRORS * estimate.beta_standard_error

    def test_weekend_gaps_of_the_asset_do_not_shrink_beta(self):
        # Pairwise covariance over the benchmark's own variance, with volatile weekends: far below 1.46.
        index = days(700)
        generator = np.random.default_rng(2)
        volatility = np.where(index[1:].day_of_week >= 5, 0.06, 0.015)
        steps = volatility * generator.standard_normal(699)
        benchmark = pd.Series(100 * np.exp(np.r_[0, np.cumsum(steps)]), index)
        asset = pd.Series(np.exp(np.r_[0, np.cumsum(1.46 * steps)]), index)[weekdays(index)]
        pairwise = pd.DataFrame({"asset": np.log(asset).diff(), "benchmark": np.log(benchmark).diff()})
        wrong = pairwise.cov().loc["asset", "benchmark"] / pairwise["benchmark"].var()
        assert wrong < 0.75
        found = align(asset, benchmark, log_returns=True)
        assert estimate_beta(found.asset, found.benchmark).beta == pytest.approx(1.46, rel=1e-12)

    def test_closes_eight_hours_apart_are_flagged(self):
        generator = np.random.default_rng(3)
        hours = pd.date_range("2023-01-01", periods=24 * 500, freq="h", tz="UTC")
        steps = 0.006 * generator.standard_normal(len(hours))
        noise = 0.003 * generator.standard_normal(len(hours))
        benchmark = pd.Series(100 * np.exp(np.cumsum(steps)), hours)
        asset = pd.Series(10 * np.exp(np.cumsum(1.5 * steps + noise)), hours)
        together = align(asset[hours.hour == 0], benchmark[hours.hour == 0])
        apart = align(asset[hours.hour == 0], benchmark[hours.hour == 16])
        assert together.report.stamp_distance_hours == 0.0
        assert apart.report.stamp_distance_hours == 8.0
        assert estimate_beta(together.asset, together.benchmark).beta == pytest.approx(1.5, abs=0.05)
        assert estimate_beta(apart.asset, apart.benchmark).beta == pytest.approx(1.0, abs=0.15)
        assert not scan_lags(together.asset, together.benchmark).is_suspect
        # The benchmark's day ends first: what moves the asset in the last 8 hours comes to the
        # benchmark one bar later.
        assert scan_lags(apart.asset, apart.benchmark).suspect_lag == 1

    def test_new_york_dates_against_midnight_utc(self):
        new_york = days(30, "2024-02-26", "America/New_York")
        found = align(random_prices(1, new_york), random_prices(2, days(30, "2024-02-26")))
        assert found.report.n_common == 30
        assert found.report.stamp_distance_hours == 5.0
        assert found.asset.index.equals(days(30, "2024-02-26").as_unit("ns")[1:])

    def test_stamps_that_are_the_same_are_no_distance_apart(self):
        # Two stocks of one exchange through the change of clocks: 5 h and 4 h, always together.
        index = weekdays(days(40, "2024-02-19", "America/New_York"))
        report = align(random_prices(1, index), random_prices(2, index)).report
        assert report.stamp_distance_hours == 0.0

    def test_units_and_zones_may_differ(self):
        asset, benchmark = random_prices(1, days(20)), random_prices(2, days(20))
        plain = align(asset, benchmark)
        for unit in ("s", "ms", "us", "ns"):
            moved = asset.tz_convert("America/New_York")
            other = align(moved.set_axis(moved.index.as_unit(unit)), benchmark)
            pd.testing.assert_series_equal(other.asset, plain.asset)
            pd.testing.assert_series_equal(other.benchmark, plain.benchmark)

    def test_hourly_against_daily(self):
        hours = pd.date_range("2024-01-01", periods=24 * 10, freq="h", tz="UTC")
        hourly = random_prices(1, hours)
        # A daily bar is labelled by its start, so its close is that of the bar at 23:00.
        daily = hourly[hours.hour == 23].set_axis(days(10))
        found = align(hourly, daily)
        np.testing.assert_array_equal(found.asset_prices, found.benchmark_prices)
        assert found.report.n_off_hours == 230
        assert found.report.n_common == 10


class TestReport:
    @pytest.mark.parametrize(
        ("index", "interval", "calendar", "periods"),
        [
            (days(60), "daily", "7-day", 365.0),
            (weekdays(days(60)), "daily", "5-day", 252.0),
            (days(60), "weekly", "7-day", 365 / 7),
            (weekdays(days(60)), "weekly", "5-day", 365 / 7),
            (pd.date_range("2024-01-01", periods=24 * 14, freq="h", tz="UTC"), "hourly", "7-day", 8760.0),
        ],
    )
    def test_periods_per_year(self, index, interval, calendar, periods):
        found = align(random_prices(1, index), random_prices(2, index), interval=interval)
        assert found.report.calendar == calendar
        assert found.report.interval == interval
        assert found.report.periods_per_year == found.periods_per_year == pytest.approx(periods)

    def test_trading_hours_of_a_five_day_calendar(self):
        hours = weekdays(pd.date_range("2024-01-01", periods=24 * 28, freq="h", tz="UTC"))
        hours = hours[(hours.hour >= 14) & (hours.hour < 21)]
        report = align(random_prices(1, hours), random_prices(2, hours), interval="hourly").report
        assert report.periods_per_year == 252 * 7

    def test_one_session_on_a_saturday_is_no_seven_day_calendar(self):
        index = weekdays(days(400)).append(days(1, "2024-03-02")).sort_values()
        report = align(random_prices(1, index), random_prices(2, index)).report
        assert (report.calendar, report.periods_per_year) == ("5-day", 252.0)

    def test_a_gap_is_counted(self):
        index = days(40).delete(range(10, 14))
        report = align(random_prices(1, index), random_prices(2, index)).report
        assert (report.n_long_spans, report.longest_span_hours) == (1, 120.0)

    def test_one_missing_day_of_a_seven_day_calendar_is_a_gap(self):
        index = days(40).delete(10)
        report = align(random_prices(1, index), random_prices(2, index)).report
        assert (report.n_long_spans, report.longest_span_hours) == (1, 48.0)

    @pytest.mark.parametrize("weekends", [True, False])
    def test_missing_weeks_are_a_gap(self, weekends):
        index = days(84) if weekends else weekdays(days(84))
        index = index[(index < index[0] + pd.Timedelta("21D")) | (index >= index[0] + pd.Timedelta("35D"))]
        report = align(random_prices(1, index), random_prices(2, index), interval="weekly").report
        assert (report.n_long_spans, report.longest_span_hours) == (1, 21 * 24.0)

    def test_a_week_cut_a_day_early_is_no_gap(self):
        index = days(56).delete(13)  # one Sunday is missing: a week of 6 and one of 8 days
        report = align(random_prices(1, index), random_prices(2, index), interval="weekly").report
        assert report.n_long_spans == 0

    def test_nights_of_a_stock_exchange_are_no_gaps(self):
        hours = weekdays(pd.date_range("2024-01-01", periods=24 * 28, freq="h", tz="UTC"))
        hours = hours[(hours.hour >= 14) & (hours.hour < 21)]
        report = align(random_prices(1, hours), random_prices(2, hours), interval="hourly").report
        assert report.n_long_spans == 0

    def test_weekends_are_no_gaps(self):
        index = weekdays(days(60))
        assert align(random_prices(1, index), random_prices(2, index)).report.n_long_spans == 0

    @pytest.mark.parametrize("holiday", ["2024-01-15", "2024-01-19"])  # a Monday, a Friday
    def test_a_weekend_and_one_holiday_are_no_gap(self, holiday):
        index = weekdays(days(60)).drop(pd.Timestamp(holiday, tz="UTC"))
        report = align(random_prices(1, index), random_prices(2, index)).report
        assert report.longest_span_hours == 96.0
        assert report.n_long_spans == 0


class TestWeeks:
    def test_cut_on_sunday_and_the_unfinished_week_left_out(self):
        prices = pd.Series(np.arange(1.0, 25.0), days(24))  # Monday 1 to Wednesday 24 January
        found = align(prices, prices, interval="weekly")
        assert found.asset_prices.tolist() == [7.0, 14.0, 21.0]
        assert found.asset.tolist() == pytest.approx([1.0, 0.5], rel=SAME_FORMULA)
        assert [d.day for d in found.asset.index] == [14, 21]
        assert (found.report.n_inside_week, found.report.n_common) == (21, 3)

    def test_a_week_that_ends_with_the_data_is_finished(self):
        prices = pd.Series(np.arange(1.0, 22.0), days(21))
        assert align(prices, prices, interval="weekly").asset_prices.tolist() == [7.0, 14.0, 21.0]

    def test_five_day_calendar_is_cut_on_friday(self):
        prices = random_prices(1, days(35))
        found = align(prices, prices[weekdays(prices.index)], interval="weekly")
        assert set(found.asset.index.day_of_week) == {4}

    def test_a_missing_sunday_cuts_on_saturday(self):
        prices = pd.Series(np.arange(1.0, 29.0), days(28)).drop(days(28)[[13]])
        assert align(prices, prices, interval="weekly").asset_prices.tolist() == [7.0, 13.0, 21.0, 28.0]

    def test_hourly_prices_give_weeks(self):
        hours = pd.date_range("2024-01-01", periods=24 * 21, freq="h", tz="UTC")
        prices = pd.Series(np.arange(1.0, 505.0), hours)
        found = align(prices, prices, interval="weekly")
        assert found.asset_prices.tolist() == [168.0, 336.0, 504.0]
        assert found.report.n_off_hours == 2 * (504 - 21)

    def test_weekly_bars_give_weekly_returns(self):
        weeks = pd.date_range("2024-01-07", periods=10, freq="7D", tz="UTC")
        prices = random_prices(1, weeks)
        assert align(prices, prices, interval="weekly").report.n_returns == 9


class TestUnusable:
    def test_no_overlap(self):
        with pytest.raises(InsufficientDataError) as caught:
            align(random_prices(1, days(10)), random_prices(2, days(10, "2025-01-01")))
        check_error(caught, parameter="benchmark_prices", names="0 instants")
        for text in ("2024-01-01 to 2024-01-10", "2025-01-01 to 2025-01-10"):
            assert text in str(caught.value)

    @pytest.mark.parametrize("interval", ["daily", "weekly"])
    def test_one_common_instant(self, interval):
        with pytest.raises(InsufficientDataError) as caught:
            align(random_prices(1, days(7)), random_prices(2, days(10, "2024-01-07")), interval=interval)
        check_error(caught, parameter="benchmark_prices")

    def test_nothing_known(self):
        with pytest.raises(InsufficientDataError, match="none on this interval"):
            align(random_prices(1, days(10)) * np.nan, random_prices(2, days(10)), interval="weekly")

    @pytest.mark.parametrize("interval", ["monthly", "1d", "", None])
    def test_unknown_interval(self, interval):
        prices = random_prices(1, days(10))
        with pytest.raises(InputError) as caught:
            align(prices, prices, interval=interval)
        assert caught.value.parameter == "interval"
        assert caught.value.allowed == "hourly, daily, weekly"
        assert repr(interval) in str(caught.value)

    def test_the_series_at_fault_is_named(self):
        prices = random_prices(1, days(10))
        with pytest.raises(InputError) as caught:
            align(prices, prices.tz_localize(None))
        check_error(caught, parameter="benchmark_prices", names="benchmark_prices")
