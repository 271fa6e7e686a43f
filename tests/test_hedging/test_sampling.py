"""One price series put on labels: cleaning, duplicates, zones, and which bar gives a day's price."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hedging import InputError
from hedging.sampling import DAY, HOUR, bar_length, sample_prices
from tests.test_hedging.examples import check_error, days, random_prices


def sample(prices: pd.Series, interval: str = "daily"):
    return sample_prices(prices, name="asset_prices", interval=interval)


class TestLabels:
    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    @pytest.mark.parametrize("interval", ["daily", "weekly"])
    def test_units_of_the_index(self, unit, interval):
        prices = random_prices(1, days(20))
        found = sample(prices.set_axis(prices.index.as_unit(unit)), interval).prices
        assert found.index.equals(prices.index.as_unit("ns"))
        assert found.index.dtype == "datetime64[ns, UTC]"
        np.testing.assert_array_equal(found, prices)

    def test_new_york_days_join_by_date_through_the_change_of_clocks(self):
        index = days(30, "2024-02-26", "America/New_York")  # clocks change on 10 March
        stamps = index.tz_convert("UTC")
        assert set(stamps.hour) == {4, 5}
        found = sample(random_prices(2, index))
        assert [f"{d:%Y-%m-%d}" for d in found.prices.index] == [f"{d:%Y-%m-%d}" for d in index]
        assert found.offset_hours == (4.0, 5.0)

    def test_singapore_days_join_by_date(self):
        index = days(10, "2024-02-26", "Asia/Singapore")  # 16:00 UTC the day before
        found = sample(random_prices(2, index))
        assert [f"{d:%Y-%m-%d}" for d in found.prices.index] == [f"{d:%Y-%m-%d}" for d in index]
        assert found.offset_hours == (-8.0, -8.0)

    def test_stamps_at_noon_give_one_label_each(self):
        # Noon is as far from one midnight as from the next: all must go the same way.
        index = days(10) + 12 * HOUR
        assert len(sample(random_prices(3, index)).prices) == 10

    def test_auckland_winter_days_give_one_label_each(self):
        index = days(10, "2024-06-03", "Pacific/Auckland")  # noon UTC the day before
        assert len(sample(random_prices(3, index)).prices) == 10

    def test_hourly_bars_that_start_at_half_past_give_one_label_each(self):
        # Stock bars of New York start at 09:30.
        index = pd.date_range("2024-01-02 09:30", periods=7, freq="h", tz="America/New_York")
        assert len(sample(random_prices(3, index), "hourly").prices) == 7

    def test_jitter_of_milliseconds_is_rounded_away(self):
        index = pd.date_range("2024-01-01", periods=48, freq="h", tz="UTC")
        jitter = pd.to_timedelta(np.random.default_rng(4).integers(-900, 900, 48), unit="ms")
        found = sample(random_prices(4, index).set_axis(index + jitter), "hourly")
        assert found.prices.index.equals(index.as_unit("ns"))
        assert -0.9 / 3600 <= found.offset_hours[0] < found.offset_hours[1] <= 0.9 / 3600


class TestHourlyToDaily:
    def test_a_day_takes_the_bar_that_starts_at_23(self):
        index = pd.date_range("2024-01-01", periods=24 * 5, freq="h", tz="UTC")
        prices = pd.Series(np.arange(1.0, 121.0), index)
        found = sample(prices)
        assert found.prices.tolist() == [24.0, 48.0, 72.0, 96.0, 120.0]
        assert found.prices.index.equals(days(5).as_unit("ns"))
        assert found.offset_hours == (0.0, 0.0)
        assert found.n_given == 120

    def test_an_unfinished_day_has_no_price(self):
        index = pd.date_range("2024-01-01", periods=24 * 3 - 1, freq="h", tz="UTC")
        assert len(sample(random_prices(5, index)).prices) == 2

    def test_a_day_without_its_last_bar_has_no_price(self):
        index = pd.date_range("2024-01-01", periods=24 * 4, freq="h", tz="UTC").delete(47)
        assert [d.day for d in sample(random_prices(5, index)).prices.index] == [1, 3, 4]

    def test_hours_stay_hours_when_asked_for(self):
        index = pd.date_range("2024-01-01", periods=30, freq="h", tz="UTC")
        assert sample(random_prices(6, index), "hourly").prices.index.equals(index.as_unit("ns"))


class TestCleaning:
    def test_no_price_is_dropped_and_counted(self):
        prices = random_prices(7, days(10))
        prices.iloc[[0, 4, 9]] = np.nan
        found = sample(prices)
        assert (found.n_given, found.n_missing, len(found.prices)) == (10, 3, 7)
        assert not found.prices.isna().any()

    def test_missing_in_a_nullable_series(self):
        prices = random_prices(7, days(10)).astype("Float64")
        prices.iloc[3] = pd.NA
        assert sample(prices).n_missing == 1

    def test_equal_duplicates_are_counted_once(self):
        prices = random_prices(8, days(10))
        found = sample(pd.concat([prices, prices.iloc[[2, 5, 5]]]))
        assert found.n_duplicates == 3
        assert not found.was_sorted
        np.testing.assert_array_equal(found.prices, prices)

    def test_a_duplicate_without_a_price_is_only_missing(self):
        prices = random_prices(8, days(10))
        doubled = pd.concat([prices, pd.Series([np.nan], prices.index[[3]])])
        found = sample(doubled)
        assert (found.n_missing, found.n_duplicates, len(found.prices)) == (1, 0, 10)

    def test_different_duplicates_are_an_error(self):
        prices = random_prices(8, days(10))
        with pytest.raises(InputError, match="two prices for 2024-01-04 00:00 UTC") as caught:
            sample(pd.concat([prices, prices.iloc[[3]] + 1]).sort_index(kind="stable"))
        check_error(caught, parameter="asset_prices", names=f"{prices.iloc[3]:g}")

    def test_rows_out_of_order_are_sorted_and_said(self):
        prices = random_prices(9, days(10))
        found = sample(prices.iloc[np.random.default_rng(1).permutation(10)])
        assert not found.was_sorted
        assert found.prices.index.equals(prices.index.as_unit("ns"))
        np.testing.assert_array_equal(found.prices, prices)
        assert sample(prices).was_sorted

    def test_the_input_is_left_as_it_was(self):
        prices = random_prices(9, days(10)).iloc[::-1]
        before = prices.copy()
        sample(prices)
        pd.testing.assert_series_equal(prices, before)

    @pytest.mark.parametrize("bad", [0.0, -1.5, np.inf, -np.inf])
    def test_prices_that_are_none(self, bad):
        prices = random_prices(10, days(10))
        prices.iloc[6] = bad
        with pytest.raises(InputError, match="2024-01-07 00:00 UTC") as caught:
            sample(prices)
        check_error(caught, parameter="asset_prices", names=f"{bad:g}")

    def test_all_missing_is_empty(self):
        found = sample(random_prices(10, days(10)) * np.nan)
        assert (found.n_missing, len(found.prices), found.offset_hours) == (10, 0, (0.0, 0.0))

    def test_one_known_price_counts_as_daily(self):
        prices = random_prices(10, days(3))
        prices.iloc[1:] = np.nan
        assert len(sample(prices).prices) == 1


class TestUnusable:
    def test_naive_times(self):
        with pytest.raises(InputError, match="without a zone") as caught:
            sample(random_prices(1, days(10)).tz_localize(None))
        check_error(caught, parameter="asset_prices", names="asset_prices")
        assert "tz_localize" in caught.value.remedy

    @pytest.mark.parametrize("given", [[1.0, 2.0], np.ones(3), pd.Series([1.0, 2.0]), None, "prices"])
    def test_no_series_with_dates(self, given):
        with pytest.raises(InputError, match="not a Series with dates") as caught:
            sample(given)
        check_error(caught, parameter="asset_prices")

    @pytest.mark.parametrize("n", [0, 1])
    def test_too_few_rows(self, n):
        with pytest.raises(InputError) as caught:
            sample(random_prices(1, days(5)).iloc[:n])
        check_error(caught, parameter="asset_prices", names=n)

    def test_daily_bars_hold_no_hourly_returns(self):
        with pytest.raises(InputError, match="every 24 hours") as caught:
            sample(random_prices(1, days(10)), "hourly")
        check_error(caught, parameter="interval")

    @pytest.mark.parametrize("interval", ["hourly", "daily"])
    def test_weekly_bars_hold_no_daily_returns(self, interval):
        weeks = pd.date_range("2024-01-01", periods=10, freq="7D", tz="UTC")
        with pytest.raises(InputError, match="every 168 hours") as caught:
            sample(random_prices(1, weeks), interval)
        check_error(caught, parameter="interval")

    def test_weekly_bars_hold_weekly_returns(self):
        # Allowed are "bars no longer than the return interval", and these are not longer.
        weeks = pd.date_range("2024-01-01", periods=10, freq="7D", tz="UTC")
        assert len(sample(random_prices(1, weeks), "weekly").prices) == 10

    def test_two_bars_for_one_day(self):
        stamps = days(6).append(days(1, "2024-01-03") + 3 * HOUR).sort_values()
        with pytest.raises(InputError, match="two bars for 2024-01-03 00:00 UTC") as caught:
            sample(random_prices(1, stamps))
        check_error(caught, parameter="asset_prices", names=caught.value.value[:10])

    def test_a_row_without_a_time(self):
        stamps = pd.Series(days(10))
        stamps.iloc[4] = pd.NaT
        with pytest.raises(InputError) as caught:
            sample(random_prices(1, days(10)).set_axis(pd.DatetimeIndex(stamps)))
        check_error(caught, parameter="asset_prices")

    def test_text_is_no_price(self):
        text = pd.Series(["101.5", "n/a", "99"], index=days(3), dtype=object)
        with pytest.raises(InputError) as caught:
            sample(text)
        check_error(caught, parameter="asset_prices", names="101.5")


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_bar_length_is_the_usual_distance(unit):
    assert bar_length(days(10).as_unit(unit)) == DAY
    with_weekends = days(20).as_unit(unit)
    assert bar_length(with_weekends[with_weekends.day_of_week < 5]) == DAY
    assert bar_length(pd.date_range("2024-01-01", periods=9, freq="h", tz="UTC", unit=unit)) == HOUR
