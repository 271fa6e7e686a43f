"""How much to hedge when beta is uncertain, and what beta was on the days that hurt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from hedging._checks import (
    FloatArray,
    Returns,
    finite_values,
    paired_returns,
    require_choice,
    require_number,
    require_observations,
)
from hedging.errors import InputError, NoHedgeError
from hedging.instruments.coin_margin import CoinMargin
from hedging.instruments.contracts import Contract, InverseContract, require_price
from hedging.instruments.plan import LARGEST_BETA, HedgePlan, plan_order

StressSide: TypeAlias = Literal["worst", "largest moves"]

FEWEST_REPLICATIONS = 99  # below that the quartiles themselves are noise
FEWEST_STRESS_DAYS = 5  # a line with three degrees of freedom


@dataclass(frozen=True, eq=False)
class AppetiteHedges:
    """Three orders from one distribution of beta: the less certain beta is, the wider apart.

    Attributes
    ----------
    conservative, central, aggressive : HedgePlan or NoHedgeError
        The smallest, middle and largest order. One that the exchange would not take holds the reason
        instead, so that it does not take the others with it.
    percentiles : tuple of float
        Of the hedged beta, counted in the direction of its median.
    betas : tuple of float
        The beta of each order.
    share_of_other_side : float
        Share of replications that ask for an order on the other side than the median: near 0.5 the
        sign of the hedge itself is unknown.
    n_replications : int
    """

    conservative: HedgePlan | NoHedgeError
    central: HedgePlan | NoHedgeError
    aggressive: HedgePlan | NoHedgeError
    percentiles: tuple[float, float, float]
    betas: tuple[float, float, float]
    share_of_other_side: float
    n_replications: int


@dataclass(frozen=True, eq=False)
class StressReturns:
    """Paired returns of the days on which the benchmark moved most.

    Attributes
    ----------
    asset, benchmark : Series or numpy.ndarray, shape (n_selected,)
        As they were given: a Series keeps its labels.
    selected : numpy.ndarray of bool, shape (n_observations,)
        Which rows they are.
    threshold : float
        Benchmark return ("worst") or its size ("largest moves") at the edge of the selection.
    quantile : float
    side : {"worst", "largest moves"}
    n_selected, n_observations : int
    """

    asset: Returns
    benchmark: Returns
    selected: npt.NDArray[np.bool_]
    threshold: float
    quantile: float
    side: StressSide
    n_selected: int
    n_observations: int


def size_by_appetite(
    position_usd: float,
    bootstrap_betas: Returns,
    contract: Contract,
    price_usd: float,
    *,
    percentiles: tuple[float, float, float] = (25.0, 50.0, 75.0),
    beta_target: float = 0.0,
    coin_margin: CoinMargin | None = None,
) -> AppetiteHedges:
    """Size a conservative, a central and an aggressive hedge from percentiles of beta.

    With ``s`` the sign of the median of ``beta - beta_target``, the beta of each order is
    ``beta_target + s * percentile(s (beta - beta_target))``: conservative always trades least. Where
    the distribution reaches over the target, the conservative order may be on the other side; see
    ``share_of_other_side``.

    Parameters
    ----------
    position_usd : float
        Signed value V, long positive.
    bootstrap_betas : Series or array, shape (n_replications,)
        Beta of each resampled history, for example ``BootstrapBetas.betas``; at least 99.
    contract, price_usd, beta_target
        As :func:`hedging.size_hedge`.
    percentiles : tuple of three floats
        Increasing, from 0 to 100. Quartiles by default: half of the resampled histories lie between
        the conservative and the aggressive order.
    coin_margin : CoinMargin or None
        What is posted behind each order in an inverse contract; every order covers its own coins.
        Without it, and for a contract margined in dollars, no coins are counted.

    Returns
    -------
    AppetiteHedges

    Raises
    ------
    InputError, InsufficientDataError
        Percentiles that do not increase, an unusable beta, fewer than 99 replications, a coin-margined
        short at a leverage of 1.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13 (percentiles).
    """
    betas = finite_values(bootstrap_betas, "bootstrap_betas", largest=LARGEST_BETA)
    require_observations(betas.size, FEWEST_REPLICATIONS, what="percentiles of beta")
    levels = _percentiles(percentiles)
    target = require_number(beta_target, "beta_target", allowed="a finite beta")
    excess = betas - target
    side = -1.0 if float(np.median(excess)) < 0.0 else 1.0
    chosen = [target + side * float(q) for q in np.percentile(side * excess, levels)]

    price = require_price(price_usd, "price_usd")

    def plan(beta: float) -> HedgePlan | NoHedgeError:
        posted = 0.0
        if coin_margin is not None and isinstance(contract, InverseContract):
            posted = coin_margin.value_usd((beta - target) * position_usd)
        try:
            return plan_order(
                position_usd,
                beta,
                contract,
                price,
                source="percentile",
                estimate=None,
                beta_target=target,
                margin_coins=posted / price,
            )
        except NoHedgeError as error:
            return error

    conservative, central, aggressive = chosen
    return AppetiteHedges(
        conservative=plan(conservative),
        central=plan(central),
        aggressive=plan(aggressive),
        percentiles=levels,
        betas=(conservative, central, aggressive),
        share_of_other_side=float((side * excess < 0.0).mean()),
        n_replications=betas.size,
    )


def stress_returns(
    asset_returns: Returns,
    benchmark_returns: Returns,
    *,
    quantile: float = 0.05,
    side: StressSide = "worst",
) -> StressReturns:
    """Keep only the benchmark's worst days (or its largest moves either way), for a stress beta.

    The days are chosen by the BENCHMARK alone. Least squares stays unbiased under a selection by the
    regressor x; a selection by the asset's return y (its own worst days) correlates x with the error
    and bends the line, usually towards 0. So never filter by the asset. The kept days are not
    neighbours in time: estimate with ``covariance="hc3"``, not "hac". "worst" leaves a narrow range
    of x, so the error of beta is large; "largest moves" keeps both tails and is far more precise.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (n,)
        Returns as fractions per period, no NaN.
    quantile : float
        Share of days to keep, above 0 and below 1; rounded down to whole days, ties kept.
    side : {"worst", "largest moves"}
        The lowest benchmark returns, or the largest in size.

    Returns
    -------
    StressReturns

    Raises
    ------
    InputError, InsufficientDataError
        Unusable values, or fewer than 5 days to keep.

    References
    ----------
    Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, chapter 19 (selection on
    the basis of the explanatory variables).
    """
    require_choice(side, "side", get_args(StressSide))
    share = require_number(
        quantile, "quantile", allowed="a fraction above 0 and below 1", valid=lambda q: 0.0 < q < 1.0
    )
    _, x = paired_returns(asset_returns, benchmark_returns)
    severity = -x if side == "worst" else np.abs(x)
    wanted = int(share * x.size + 1e-9)  # 0.29 * 100 is 28.999999999999996
    require_observations(wanted, FEWEST_STRESS_DAYS, what="a stress beta")
    edge = float(np.sort(severity)[-wanted])
    selected = severity >= edge
    return StressReturns(
        asset=asset_returns[selected],
        benchmark=benchmark_returns[selected],
        selected=selected,
        threshold=-edge if side == "worst" else edge,
        quantile=share,
        side=side,
        n_selected=int(selected.sum()),
        n_observations=x.size,
    )


def _percentiles(percentiles: tuple[float, float, float]) -> tuple[float, float, float]:
    levels: FloatArray = finite_values(np.asarray(percentiles), "percentiles")
    if levels.size != 3 or not (0.0 <= levels[0] < levels[1] < levels[2] <= 100.0):
        raise InputError(
            f"percentiles is {percentiles}",
            parameter="percentiles",
            value=percentiles,
            allowed="three increasing numbers from 0 to 100",
            remedy="Use (25, 50, 75).",
        )
    return float(levels[0]), float(levels[1]), float(levels[2])
