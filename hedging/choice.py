"""Which lookback or estimator hedged best out of sample, and is the difference more than noise?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from hedging._checks import (
    FloatArray,
    finite_values,
    require_choice,
    require_fraction,
    require_movement,
    require_observations,
    require_time_forward,
    require_window,
)
from hedging.errors import InputError
from hedging.estimators.regression import bartlett_sum, newey_west_lags

Loss = Literal["variance", "second_moment"]
FEWEST_PERIODS = 30
# Losses that differ by less than this share of their size are one strategy under two names.
SAME_LOSSES = 1e-12


@dataclass(frozen=True, eq=False)
class OutOfSampleComparison:
    """Candidates over the same periods, and which of them noise alone could have put first.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each candidate, smallest variance first: ``variance`` (unit of the input squared),
        ``effectiveness`` (1 - variance over that of ``unhedged``; only when one is named),
        ``mcs_p_value`` and ``in_confidence_set``.
    best : str
        The candidate with the smallest loss.
    confidence_set : tuple of str
        Candidates that cannot be told from the best, the best first.
    distinguishable : bool
        Whether the best is alone in the set.
    verdict : str
        One or two sentences.
    unhedged, reference : str or None
        The columns named so.
    superiority_p_value : float or None
        Of the test that no candidate beats ``reference``; None without one.
    loss : {"variance", "second_moment"}
    confidence : float
        Level of the confidence set, a fraction.
    block_length : int
        Mean length of a bootstrap block in periods.
    n_observations : int
    """

    table: pd.DataFrame
    best: str
    confidence_set: tuple[str, ...]
    distinguishable: bool
    verdict: str
    unhedged: str | None
    reference: str | None
    superiority_p_value: float | None
    loss: Loss
    confidence: float
    block_length: int
    n_observations: int


def compare_out_of_sample(
    pnl: pd.DataFrame,
    *,
    unhedged: str | None = None,
    reference: str | None = None,
    loss: Loss = "variance",
    confidence: float = 0.95,
    replications: int = 999,
    block_length: int | None = None,
    seed: int = 0,
) -> OutOfSampleComparison:
    """Compare hedges by their P&L and say which differences are more than noise.

    Loss of a period: ``(p_t - mean p)^2``, whose average is the variance that a hedge is there to
    remove, or ``p_t^2`` ("second_moment"), which also counts a steady drain. The model confidence set
    (range statistic, stationary bootstrap) holds the best candidate with probability ``confidence``
    and every other that the data cannot tell from it. ``superiority_p_value`` is Hansen's test that NO
    candidate has a smaller expected loss than ``reference``, allowing for how many were tried.

    The P&L must be walk-forward already: hedges of each period from data before it. Choosing the best
    lookback on these periods and quoting its effectiveness on them flatters; the set says how
    arbitrary the choice was. Fat tails make variances hard to tell apart: expect large sets.
    Of equal candidates with Student-t tails (4 degrees of freedom) a nominal 95 % left one out in 5 to 7 %
    of samples and called one of four the only best in under 1 %.

    Parameters
    ----------
    pnl : pandas.DataFrame, shape (n, k)
        P&L in USD or returns per period, a column for each candidate, the same periods for all, no
        NaN; n at least 30, k at least 2. ``unhedged`` is a candidate like any other.
    unhedged : str, optional
        Column that effectiveness is measured against.
    reference : str, optional
        Column that the others must beat, such as the lookback in use.
    loss : {"variance", "second_moment"}
    confidence : float
        Level of the set as a fraction.
    replications : int
        Bootstrap samples, at least 99.
    block_length : int, optional
        Mean length of a block in periods; by default the longest of Politis and White's for the
        candidates' loss differences.
    seed : int
        Of the bootstrap: the same seed gives the same answer.

    Returns
    -------
    OutOfSampleComparison

    Raises
    ------
    InputError, InsufficientDataError, DegenerateDataError
        Fewer than two columns, repeated or unknown names, unusable values, too few periods, or an
        unhedged P&L that does not move.

    References
    ----------
    Hansen, Lunde and Nason (2011), "The model confidence set", Econometrica 79; Hansen (2005), "A test
    for superior predictive ability"; Patton, Politis and White (2009) for the length; as ``arch``
    computes them.
    """
    require_choice(loss, "loss", ("variance", "second_moment"))
    require_fraction(confidence, "confidence")
    require_window(replications, smallest=99, parameter="replications")
    require_window(seed, smallest=0, parameter="seed")
    values = _checked_columns(pnl)
    for parameter, name in (("unhedged", unhedged), ("reference", reference)):
        if name is not None:
            require_choice(name, parameter, list(pnl.columns))
    if unhedged is not None:
        require_movement(values[:, pnl.columns.get_loc(unhedged)], name=f"pnl[{unhedged!r}]")
    if block_length is not None:
        require_window(block_length, smallest=1, available=len(values), parameter="block_length")

    deviations = values - values.mean(axis=0) if loss == "variance" else values
    losses = deviations**2
    groups = _same_strategies(losses)
    length = block_length or _block_length(losses[:, sorted(set(groups))])
    p_values = _confidence_p_values(losses, groups, (confidence, length, replications, seed))
    superiority = None
    if reference is not None:
        position = int(np.flatnonzero(pnl.columns == reference)[0])
        superiority = _superiority(losses, groups, position, (length, replications, seed))
    table = _table(pnl.columns, values, losses, p_values, unhedged=unhedged, confidence=confidence)
    chosen = tuple(str(name) for name in table.index[table["in_confidence_set"]])
    return OutOfSampleComparison(
        table=table,
        best=str(table.index[0]),
        confidence_set=chosen,
        distinguishable=len(chosen) == 1,
        verdict=_verdict(chosen, reference, superiority, loss=loss, confidence=confidence),
        unhedged=unhedged,
        reference=reference,
        superiority_p_value=superiority,
        loss=loss,
        confidence=float(confidence),
        block_length=int(length),
        n_observations=len(values),
    )


def _checked_columns(pnl: pd.DataFrame) -> FloatArray:
    names = list(pnl.columns)
    if len(names) < 2 or len(set(names)) < len(names) or not all(isinstance(name, str) for name in names):
        raise InputError(
            f"pnl has the columns {names}",
            parameter="pnl",
            value=len(names),
            allowed="two or more columns with different names, each a text",
            remedy="Give every candidate a column with a name such as '60 days'.",
        )
    require_time_forward(pnl.index, "pnl")
    columns = [finite_values(pnl[name], f"pnl[{name!r}]") for name in names]
    require_observations(len(pnl), FEWEST_PERIODS, what="a comparison of candidates")
    return np.column_stack(columns)


def _same_strategies(losses: FloatArray) -> list[int]:
    """For each column the first column with the same losses: arch divides by their difference."""
    limit = SAME_LOSSES * float(losses.max())
    groups: list[int] = []
    for column in range(losses.shape[1]):
        same = (first for first in set(groups) if np.abs(losses[:, first] - losses[:, column]).max() <= limit)
        groups.append(next(same, column))
    return groups


def _block_length(losses: FloatArray) -> int:
    from arch.bootstrap import optimal_block_length

    if losses.shape[1] == 1:
        return 1
    relative = losses - losses.mean(axis=1, keepdims=True)
    moving = relative[:, np.ptp(relative, axis=0) > 0.0]
    return math.ceil(max(1.0, float(optimal_block_length(moving)["stationary"].max())))


def _confidence_p_values(
    losses: FloatArray, groups: list[int], settings: tuple[float, int, int, int]
) -> FloatArray:
    """Largest level at which each column is left out of the confidence set."""
    from arch.bootstrap import MCS

    confidence, length, replications, seed = settings
    different = sorted(set(groups))
    if len(different) == 1:
        return np.ones(losses.shape[1])
    mcs = MCS(losses[:, different], 1.0 - confidence, replications, length, "R", seed=seed)
    mcs.compute()
    found = mcs.pvalues["Pvalue"]
    return np.array([float(found.loc[different.index(group)]) for group in groups])


def _superiority(
    losses: FloatArray, groups: list[int], reference: int, settings: tuple[int, int, int]
) -> float:
    """Consistent p-value of the test that no column beats the reference."""
    from arch.bootstrap import SPA

    length, replications, seed = settings
    others = [column for column in sorted(set(groups)) if column != groups[reference]]
    if not others:
        return 1.0
    gains = losses[:, [reference]] - losses[:, others]
    # arch compares plain averages; over their standard errors a noisy candidate cannot drown the rest.
    deviations = gains - gains.mean(axis=0)
    lags = newey_west_lags(len(gains))
    spread = [math.sqrt(float(bartlett_sum(one[:, None], lags)[0, 0]) / one.size) for one in deviations.T]
    spa = SPA(np.zeros(len(gains)), -gains / spread, length, replications, seed=seed)
    spa.compute()
    return float(spa.pvalues["consistent"])


def _table(
    names: pd.Index,
    values: FloatArray,
    losses: FloatArray,
    p_values: FloatArray,
    *,
    unhedged: str | None,
    confidence: float,
) -> pd.DataFrame:
    variance = values.var(axis=0, ddof=1)
    table = pd.DataFrame({"variance": variance}, index=pd.Index(names, name="candidate"))
    if unhedged is not None:
        table["effectiveness"] = 1.0 - variance / float(table["variance"].loc[unhedged])
    table["mcs_p_value"] = p_values
    table["in_confidence_set"] = p_values > 1.0 - confidence
    return table.iloc[np.argsort(losses.mean(axis=0), kind="stable")]


def _verdict(
    chosen: Sequence[str],
    reference: str | None,
    superiority: float | None,
    *,
    loss: Loss,
    confidence: float,
) -> str:
    best, *others = chosen
    what = "left the least variance" if loss == "variance" else "left the smallest mean square"
    if others:
        first = f"{best} {what}, but {_listed(others)} cannot be told from it."
    else:
        first = f"{best} {what}, and no other candidate comes near it at {100 * confidence:g}% confidence."
    if superiority is None:
        return first
    beaten = superiority <= 1.0 - confidence
    answer = "at least one beats" if beaten else "none is shown to beat"
    return f"{first} Of the others {answer} {reference} (p {superiority:.3f})."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
