"""Plain words for spans, statistics and what the alignment did."""

from __future__ import annotations

import pandas as pd

from data.prices import BarInterval, PriceHistory
from hedging import (
    AlignedReturns,
    AlignmentReport,
    BetaEstimate,
    HedgePlan,
    HedgingEffectiveness,
    LagScan,
    LookbackComparison,
    Method,
    annualise,
)
from hedging.plots.formats import (
    beta_text,
    order_range_text,
    percent_text,
    price_text,
    range_text,
    signed,
    stamp_text,
    usd_text,
)
from pages.shared.settings import Settings

UNITS = {"hourly": "hours", "daily": "days", "weekly": "weeks"}
COVARIANCE_WORDS = {
    "nonrobust": "classical standard errors",
    "hc3": "HC3 standard errors",
    "hac": "Newey-West standard errors",
    "state": "the filter's own variance",
    "rank": "ranks of the slopes",
    "bootstrap": "resampled histories",
}
METHOD_WORDS: dict[Method, str] = {
    "ols": "least squares",
    "ewma": "recent days weigh more (half-life 30)",
    "kalman": "Kalman filter, a beta that wanders",
    "huber": "Huber, wild days weigh less",
    "theil_sen": "Theil-Sen, median slope",
    "dimson": "Dimson, leads and lags added",
    "downside": "days on which the benchmark fell",
    "upside": "days on which the benchmark rose",
    "blume": "Blume, a third of the way to 1",
    "bootstrap": "least squares, resampled interval",
}
BAND_WORDS = {
    "window average": "is about the average beta of the window, not about today's",
    "weighted average": "is about the average beta of the window with recent observations weighted up",
    "today": "is about today's beta",
}
SAMPLING_NOISE_HOURS = 0.5
FEW_OBSERVATIONS = 20
# A weekend with a holiday beside it is no reason to warn about daily prices.
STALE_AFTER: dict[BarInterval, pd.Timedelta] = {
    "daily": pd.Timedelta(days=4),
    "hourly": pd.Timedelta(hours=6),
}


def unit_words(settings: Settings, report: AlignmentReport | None = None) -> str:
    """What a lookback counts: days, trading days, weeks or hours."""
    if report is not None and report.calendar == "5-day" and settings.interval == "daily":
        return "trading days"
    return UNITS[settings.interval]


def span_text(lookback: int, settings: Settings, report: AlignmentReport | None = None) -> str:
    """``60 days``."""
    return f"{lookback} {unit_words(settings, report)}"


def beta_help(estimate: BetaEstimate, asset: str, benchmark: str) -> str:
    """What beta says, its formula, and an example with this page's numbers."""
    return (
        f"How many percent {asset} moved, on average, when {benchmark} moved one percent.  \n"
        "`beta = Cov(asset, benchmark) / Var(benchmark)`  \n"
        f"When {benchmark} fell 10.0%, {asset} fell about {percent_text(abs(estimate.beta) * 0.1)}"
        f"{' (it rose)' if estimate.beta < 0 else ''}. "
        f"The interval ({beta_text(estimate.beta_low)} to {beta_text(estimate.beta_high)}, "
        f"{estimate.confidence:.0%}, {COVARIANCE_WORDS[estimate.covariance]}) {BAND_WORDS[estimate.band]}."
    )


def r_squared_help(estimate: BetaEstimate, benchmark: str) -> str:
    """What R2 says."""
    return (
        f"Share of the variance that {benchmark} explains; no hedge with it can remove more here.  \n"
        "`R2 = 1 - sum(residual^2) / sum((asset - mean)^2)`  \n"
        f"Here {percent_text(estimate.r_squared)} is market risk, "
        f"{percent_text(1 - estimate.r_squared)} stays after the hedge."
    )


def residual_help(estimate: BetaEstimate, aligned: AlignedReturns) -> str:
    """What residual volatility says."""
    year = annualise(estimate.residual_volatility, periods_per_year=aligned.periods_per_year)
    return (
        "How much the position still moves when the market part is hedged away.  \n"
        "`sqrt(sum(residual^2) / (n - 2)) * sqrt(periods per year)`  \n"
        f"{percent_text(estimate.residual_volatility)} per period, times the root of "
        f"{aligned.periods_per_year:.4g} periods, is {percent_text(year)} a year."
    )


def observations_help(aligned: AlignedReturns) -> str:
    """What an observation is."""
    return (
        "Pairs of returns over the same span of time that the estimate uses.  \n"
        "`n = lookback`  \n"
        f"{aligned.report.n_returns:,} are available on the {aligned.report.calendar} calendar."
    )


def hedge_help(plan: HedgePlan, note: str) -> str:
    """How the order follows from beta."""
    lost = plan.effectiveness_lost_by_rounding
    cost = f", which leaves {lost:.2g} of the variance unhedged" if lost is not None else ""
    return (
        "The order that cancels the position's market risk, from the interval of beta.  \n"
        f"`{order_formula(plan)}`  \n"
        f"{_excess_words(plan)} times {usd_text(plan.position_usd)}{_margin_words(plan)} over "
        f"{one_contract_words(plan)}, rounded to steps of {plan.contract.quantity_step}. Rounding leaves "
        f"{usd_text(plan.residual_beta_usd)} of benchmark exposure{cost}. {note}"
    )


def order_formula(plan: HedgePlan, exposure: str = "") -> str:
    """How this very order was computed: with its target, its margin in coins and its kind of contract."""
    if not exposure:
        exposure = f"{'(beta - target)' if plan.beta_target else 'beta'} * position"
    if plan.margin_exposure_usd:
        exposure = f"({exposure} + coins of margin)"
    one = "USD of one contract" if plan.contract.kind == "inverse" else "(contract size * price)"
    return f"contracts = -{exposure} / {one}"


def _excess_words(plan: HedgePlan) -> str:
    beta = beta_text(plan.beta)
    return f"{beta} less the target {beta_text(plan.beta_target)}, all" if plan.beta_target else beta


def _margin_words(plan: HedgePlan) -> str:
    return f" and {usd_text(plan.margin_exposure_usd)} of coins" if plan.margin_exposure_usd else ""


def one_contract_words(plan: HedgePlan) -> str:
    """``$60,000 a unit``, ``$100.00 a contract`` of an inverse one."""
    if plan.contract.kind == "inverse":
        return f"{usd_text(float(plan.contract.contract_size))} a contract"
    return f"{price_text(plan.price_usd)} a unit"


def hedge_small_print(plan: HedgePlan) -> str:
    """Interval and notional, beneath the order."""
    interval = order_range_text(plan)
    notional = usd_text(abs(plan.hedge_notional_usd))
    return f"{interval} · {notional} notional" if interval else f"{notional} notional"


def price_help(source: str) -> str:
    """Where the two prices of the strip come from."""
    return f"Last close that both have, from {source}. Times are UTC."


def history_sentences(name: str, history: PriceHistory) -> str:
    """Where a history comes from, its range and what validation changed."""
    notes = " ".join(f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in history.notes)
    return (
        f"{name}: {history.source}, {len(history.prices):,} {history.interval} closes from "
        f"{stamp_text(history.prices.index[0])}, as of {history.as_of:%Y-%m-%d %H:%M} UTC. {notes}"
    )


def alignment_sentences(report: AlignmentReport, asset: str, benchmark: str) -> list[str]:
    """What the join dropped and why, one sentence each."""
    said = [
        f"{report.n_common:,} common instants give {report.n_returns:,} {report.interval} returns on a "
        f"{report.calendar} calendar, annualised with {report.periods_per_year:.4g} periods a year."
    ]
    for name, missing, duplicates, alone, outside in (
        (
            asset,
            report.n_asset_missing,
            report.n_asset_duplicates,
            report.n_asset_only,
            report.n_asset_outside,
        ),
        (
            benchmark,
            report.n_benchmark_missing,
            report.n_benchmark_duplicates,
            report.n_benchmark_only,
            report.n_benchmark_outside,
        ),
    ):
        for count, why in (
            (missing, "without a price"),
            (duplicates, "that repeat another with the same price"),
            (alone, "at instants when the other has no price"),
            (outside, "before the other begins or after it ends"),
        ):
            if count:
                said.append(f"{name}: {count:,} {'row' if count == 1 else 'rows'} dropped {why}.")
    if report.n_off_hours:
        said.append(f"{report.n_off_hours:,} hourly bars that do not end a day were left out.")
    if report.n_inside_week:
        said.append(f"{report.n_inside_week:,} days that do not end a finished week were left out.")
    if report.n_long_spans:
        said.append(
            f"{report.n_long_spans:,} returns span a gap, the longest "
            f"{report.longest_span_hours / 24:.4g} days; nothing was filled."
        )
    return said


def alignment_warnings(aligned: AlignedReturns, lag_scan: object, asset: str, benchmark: str) -> list[str]:
    """Only what should change a decision."""
    report = aligned.report
    warnings = stamp_warnings(report, asset, benchmark)
    if isinstance(lag_scan, LagScan) and lag_scan.is_suspect:
        when = "after" if lag_scan.suspect_lag < 0 else "before"
        correlation = lag_scan.correlations[list(lag_scan.lags).index(lag_scan.suspect_lag)]
        warnings.append(
            f"{asset} also moves {abs(lag_scan.suspect_lag)} {_period(report)} {when} {benchmark} "
            f"(correlation {correlation:.2f}): the closes may be taken at different times, and beta may be "
            "too small."
        )
    return warnings


def stamp_warnings(report: AlignmentReport, asset: str, benchmark: str) -> list[str]:
    """Closes that are not taken at the same time make beta too small."""
    if report.stamp_distance_hours <= SAMPLING_NOISE_HOURS:
        return []
    return [
        f"The daily bars of {asset} and {benchmark} are stamped up to "
        f"{report.stamp_distance_hours:.3g} hours apart, so the closes are not simultaneous and beta "
        "comes out too small. Hourly prices for both avoid it."
    ]


def estimate_warnings(estimate: BetaEstimate, asset: str, benchmark: str) -> list[str]:
    """Reasons not to trade on the estimate as it stands."""
    warnings = []
    if estimate.n_observations < FEW_OBSERVATIONS:
        warnings.append(
            f"{estimate.n_observations} observations are few: one unusual period can decide this beta. "
            "Choose a longer lookback before trading on it."
        )
    if estimate.beta_low <= 0.0 <= estimate.beta_high:
        warnings.append(
            f"The interval of beta includes 0: over this window {asset} is not distinguishable from "
            f"unrelated to {benchmark}, and a hedge may add risk."
        )
    return warnings


def estimate_notes(estimate: BetaEstimate) -> list[str]:
    """What the interval means for the choice of hedge."""
    if estimate.beta_low <= 1.0 <= estimate.beta_high and estimate.beta_low > 0.0:
        return ["The interval includes 1.0: a dollar hedge is not distinguishable from a beta hedge here."]
    return []


def age_warnings(as_of: pd.Timestamp, now: pd.Timestamp, interval: BarInterval) -> list[str]:
    """Prices so old that an order sized on them would be wrong."""
    age = now - as_of
    if age <= STALE_AFTER[interval]:
        return []
    days = age / pd.Timedelta(days=1)
    spoken = f"{days:,.0f} days" if days >= 2 else f"{24 * days:.0f} hours"
    return [
        f"The last price is {spoken} old ({as_of:%Y-%m-%d %H:%M} UTC): load newer prices before "
        "trading on this size."
    ]


def interval_text(estimate: BetaEstimate) -> str:
    """``1.21 to 1.63 (95%)``."""
    span = range_text(beta_text(estimate.beta_low), beta_text(estimate.beta_high))
    return f"{span} ({estimate.confidence:.0%})"


def effect(found: HedgingEffectiveness) -> str:
    """``63%``: no more digits than its interval supports."""
    return _whole_percent(found.effectiveness)


def effect_interval(found: HedgingEffectiveness) -> str:
    """``57% to 68%``."""
    return range_text(_whole_percent(found.low), _whole_percent(found.high))


def _whole_percent(fraction: float) -> str:
    return signed(f"{round(fraction, 2) + 0.0:.0%}")  # adding 0 turns a negative zero into zero


def _period(report: AlignmentReport) -> str:
    return {"hourly": "hour", "daily": "day", "weekly": "week"}[report.interval]


def lookback_sentence(comparison: LookbackComparison, unit: str) -> str:
    """What the comparison of lookbacks means for the choice of one."""
    table = comparison.table
    worst = int(table["effectiveness"].to_numpy().argmin())
    low, high = float(table["effectiveness"].iloc[worst]), float(table["effectiveness"].max())
    return (
        f"All lookbacks over the same {comparison.n_periods:,} periods, {comparison.first:%Y-%m-%d} to "
        f"{comparison.last:%Y-%m-%d}, each hedged by the beta of the day before: between {percent_text(low)} "
        f"(at {table.index[worst]} {unit}) and {percent_text(high)} of the variance removed. The best is "
        "known only by hindsight: where the band of one holds the line of another, they cannot be told apart."
    )
