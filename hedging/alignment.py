"""Two price series to two return series over the same spans of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from hedging._checks import FloatArray, require_choice
from hedging.errors import InputError, InsufficientDataError
from hedging.sampling import DAY, HOUR, ReturnInterval, SampledPrices, sample_prices

DAYS_PER_YEAR = 365
TRADING_DAYS_PER_YEAR = 252
SATURDAY = 5
WEEKEND_SHARE = 1 / 7  # half of what a seven-day calendar has

# A span this much longer than the usual one is a gap; half a step of slack lets a week cut a day early
# pass. On a five-day calendar nights, weekends and a holiday beside one are no gaps either.
GAP_STEPS = 1.5
LONGEST_CLOSURE_HOURS = 96.0


@dataclass(frozen=True)
class AlignmentReport:
    """What joining the two series kept, dropped and found.

    Attributes
    ----------
    interval : {"hourly", "daily", "weekly"}
        Span of one return.
    calendar : {"7-day", "5-day"}
        Days on which both have prices.
    periods_per_year : float
        To annualise with: 365 or 252 days, 365/7 weeks, or hours.
    n_asset_rows, n_benchmark_rows : int
        Rows given.
    n_common : int
        Instants at which both have a price.
    n_returns : int
        Returns taken from them.
    n_asset_missing, n_benchmark_missing : int
        Rows without a price.
    n_asset_duplicates, n_benchmark_duplicates : int
        Repeated rows with an equal price.
    n_asset_only, n_benchmark_only : int
        Instants inside the common range where only this one has a price.
    n_asset_outside, n_benchmark_outside : int
        Instants before or after the common range.
    n_off_hours : int
        Hourly bars that are not a day's last when days or weeks are asked for, both series.
    n_inside_week : int
        Common days that are not a week's last when weeks are asked for.
    n_long_spans : int
        Returns over a gap: more than 1.5 usual steps, and on a five-day calendar more than 96 hours
        (nights, weekends and a holiday beside one are no gaps there).
    longest_span_hours : float
        The longest time between two neighbouring common instants.
    stamp_distance_hours : float
        Largest distance between the stamps of one label: closes this far apart are not simultaneous.
    was_sorted : bool
        False when one of the inputs was not in order of time.
    log_returns : bool
        Whether returns are logarithmic.
    """

    interval: ReturnInterval
    calendar: Literal["7-day", "5-day"]
    periods_per_year: float
    n_asset_rows: int
    n_benchmark_rows: int
    n_common: int
    n_returns: int
    n_asset_missing: int
    n_benchmark_missing: int
    n_asset_duplicates: int
    n_benchmark_duplicates: int
    n_asset_only: int
    n_benchmark_only: int
    n_asset_outside: int
    n_benchmark_outside: int
    n_off_hours: int
    n_inside_week: int
    n_long_spans: int
    longest_span_hours: float
    stamp_distance_hours: float
    was_sorted: bool
    log_returns: bool


@dataclass(frozen=True, eq=False)
class AlignedReturns:
    """Returns of asset and benchmark over the same spans.

    Attributes
    ----------
    asset, benchmark : pandas.Series
        Returns as fractions on one UTC ``DatetimeIndex``, labelled by the bar that ends the span.
    asset_prices, benchmark_prices : pandas.Series
        The prices they were taken from: one row more, at the front.
    report : AlignmentReport
        What was dropped and why.
    """

    asset: pd.Series
    benchmark: pd.Series
    asset_prices: pd.Series
    benchmark_prices: pd.Series
    report: AlignmentReport

    @property
    def periods_per_year(self) -> float:
        """Periods in a year of this calendar and interval."""
        return self.report.periods_per_year

    def part(self, first: int, stop: int) -> AlignedReturns:
        """Periods ``first`` to ``stop - 1`` alone, with their prices; the report stays that of the whole.

        Raises
        ------
        InputError
            No period lies between them.
        """
        if not 0 <= first < stop <= len(self.asset):
            raise InputError(
                f"there is no period from {first} to {stop - 1}",
                parameter="first",
                value=first,
                allowed=f"0 <= first < stop <= {len(self.asset)}",
                remedy="Ask for periods that are there.",
            )
        returns, prices = slice(first, stop), slice(first, stop + 1)
        return replace(
            self,
            asset=self.asset.iloc[returns],
            benchmark=self.benchmark.iloc[returns],
            asset_prices=self.asset_prices.iloc[prices],
            benchmark_prices=self.benchmark_prices.iloc[prices],
        )


def align(
    asset_prices: pd.Series,
    benchmark_prices: pd.Series,
    *,
    interval: ReturnInterval = "daily",
    log_returns: bool = False,
) -> AlignedReturns:
    """Sample both PRICES at common instants, say what was dropped, then take returns.

    ``r_t = P_t / P_{t-1} - 1`` (or its logarithm) over the same two instants for both. Nothing is
    ever filled: where one of the two has no price, the other's price is left out too, and the
    next return spans the gap for both.

    Parameters
    ----------
    asset_prices, benchmark_prices : pandas.Series
        Prices on timezone-aware ``DatetimeIndex``; NaN means no price and is dropped and counted.
    interval : {"hourly", "daily", "weekly"}
        Span of one return. A week is cut at the last day both have in it; an unfinished last week
        is left out.
    log_returns : bool
        Logarithmic instead of simple returns.

    Returns
    -------
    AlignedReturns

    Raises
    ------
    InputError
        A series has no timezone, a price that is not positive, two prices for one instant, or bars
        longer than the interval.
    InsufficientDataError
        Fewer than two common instants.

    References
    ----------
    Scholes and Williams (1977), "Estimating betas from nonsynchronous data".
    """
    require_choice(interval, "interval", ("hourly", "daily", "weekly"))
    asset = sample_prices(asset_prices, name="asset_prices", interval=interval)
    benchmark = sample_prices(benchmark_prices, name="benchmark_prices", interval=interval)
    _require_one_bar_length(asset, benchmark)
    joined = pd.DatetimeIndex(asset.prices.index.intersection(benchmark.prices.index))
    common = _week_ends(joined) if interval == "weekly" else joined
    _require_overlap(asset, benchmark, len(common))

    asset_at = asset.prices.loc[common].rename("asset")
    benchmark_at = benchmark.prices.loc[common].rename("benchmark")
    return AlignedReturns(
        asset=_returns(asset_at, log_returns),
        benchmark=_returns(benchmark_at, log_returns),
        asset_prices=asset_at,
        benchmark_prices=benchmark_at,
        report=_report(asset, benchmark, joined, common, interval, log_returns=log_returns),
    )


def _returns(prices: pd.Series, log_returns: bool) -> pd.Series:
    values = prices.to_numpy()
    ratio = values[1:] / values[:-1]
    return pd.Series(np.log(ratio) if log_returns else ratio - 1.0, index=prices.index[1:], name=prices.name)


def _week_ends(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The last common day of each ISO week; the last week only when it is finished."""
    if days.empty:
        return days
    weekday = pd.Series(days.day_of_week, index=days)
    monday = days - pd.to_timedelta(days.day_of_week, unit="D")
    last = pd.Series(days, index=days).groupby(monday).max()
    # The week ends on the last weekday the calendar ever has: Sunday in crypto, Friday in stocks.
    usual_end = int(weekday.max())
    if last.iloc[-1].day_of_week < usual_end:
        last = last.iloc[:-1]
    return pd.DatetimeIndex(last.to_numpy(), tz="UTC").as_unit("ns")


def _require_one_bar_length(asset: SampledPrices, benchmark: SampledPrices) -> None:
    """A weekly bar stamped at its start closes a week later than the daily bar of that stamp."""
    if asset.has_weekly_bars != benchmark.has_weekly_bars:
        raise InputError(
            "one of the two has weekly bars and the other has not, so their closes are days apart",
            parameter="benchmark_prices",
            value="weekly against daily bars",
            allowed="bars of one length",
            remedy="Use daily prices for both.",
        )


def _require_overlap(asset: SampledPrices, benchmark: SampledPrices, n_common: int) -> None:
    if n_common >= 2:
        return
    raise InsufficientDataError(
        f"asset and benchmark have {n_common} instants in common: the asset has {_range(asset.prices)}, "
        f"the benchmark {_range(benchmark.prices)}",
        parameter="benchmark_prices",
        value=n_common,
        allowed="at least 2 common instants",
        remedy="Choose series that overlap in time and have the same bar length.",
    )


def _range(prices: pd.Series) -> str:
    if prices.empty:
        return "none on this interval"
    return f"{prices.index[0]:%Y-%m-%d} to {prices.index[-1]:%Y-%m-%d}"


def _report(
    asset: SampledPrices,
    benchmark: SampledPrices,
    joined: pd.DatetimeIndex,
    common: pd.DatetimeIndex,
    interval: ReturnInterval,
    *,
    log_returns: bool,
) -> AlignmentReport:
    spans_hours = np.diff(common.asi8) / HOUR.value
    calendar = _calendar(joined)
    asset_inside, asset_outside = _unmatched(asset.prices.index, joined)
    benchmark_inside, benchmark_outside = _unmatched(benchmark.prices.index, joined)
    off_hours = sum(s.n_given - s.n_missing - s.n_duplicates - len(s.prices) for s in (asset, benchmark))
    return AlignmentReport(
        interval=interval,
        calendar=calendar,
        periods_per_year=_periods_per_year(joined, calendar, interval),
        n_asset_rows=asset.n_given,
        n_benchmark_rows=benchmark.n_given,
        n_common=len(common),
        n_returns=len(common) - 1,
        n_asset_missing=asset.n_missing,
        n_benchmark_missing=benchmark.n_missing,
        n_asset_duplicates=asset.n_duplicates,
        n_benchmark_duplicates=benchmark.n_duplicates,
        n_asset_only=asset_inside,
        n_benchmark_only=benchmark_inside,
        n_asset_outside=asset_outside,
        n_benchmark_outside=benchmark_outside,
        n_off_hours=off_hours,
        n_inside_week=len(joined) - len(common),
        n_long_spans=int((spans_hours > _longest_usual_span(spans_hours, calendar, interval)).sum()),
        longest_span_hours=float(spans_hours.max()),
        stamp_distance_hours=float((asset.offsets[joined] - benchmark.offsets[joined]).abs().max()),
        was_sorted=asset.was_sorted and benchmark.was_sorted,
        log_returns=log_returns,
    )


def _calendar(days: pd.DatetimeIndex) -> Literal["7-day", "5-day"]:
    """Seven days a week have 2/7 of their days at weekends; a stray session is no calendar."""
    weekend_share = float((days.day_of_week >= SATURDAY).mean())
    is_short = days[-1] - days[0] < 7 * DAY
    return "7-day" if weekend_share > WEEKEND_SHARE or (is_short and weekend_share > 0) else "5-day"


def _longest_usual_span(spans_hours: FloatArray, calendar: str, interval: ReturnInterval) -> float:
    usual = GAP_STEPS * float(np.median(spans_hours))
    return max(usual, LONGEST_CLOSURE_HOURS) if calendar == "5-day" and interval != "weekly" else usual


def _unmatched(index: pd.Index, joined: pd.DatetimeIndex) -> tuple[int, int]:
    """Labels without a partner: inside the common range, and outside it."""
    outside = int(((index < joined[0]) | (index > joined[-1])).sum())
    return len(index) - len(joined) - outside, outside


def _periods_per_year(joined: pd.DatetimeIndex, calendar: str, interval: ReturnInterval) -> float:
    days = DAYS_PER_YEAR if calendar == "7-day" else TRADING_DAYS_PER_YEAR
    if interval == "daily":
        return float(days)
    if interval == "weekly":
        return DAYS_PER_YEAR / 7
    hours_per_day = float(np.median(pd.Series(1, index=joined).groupby(joined.floor(DAY)).sum()))
    return days * hours_per_day
