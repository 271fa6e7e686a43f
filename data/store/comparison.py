"""What a page says about rows that are stored already, and whether its new rows fit on to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.errors import ContradictionError
from data.series import SeriesKey
from data.store.manifest import Contradiction
from data.store.rows import SAME_PRICE, main_column, same_numbers


@dataclass(frozen=True, eq=False)
class Comparison:
    """A page held against what is stored.

    Attributes
    ----------
    new : pandas.DataFrame
        Rows at instants that are not stored.
    n_already_there : int
    contradictions : tuple of Contradiction
    compared : pandas.DatetimeIndex
        Instants about which the page said something.
    factor : float or None
        The one factor between new and stored closes where they differ: a split or dividend.
    refused : ContradictionError or None
        Why the new rows must not be stored next to the old ones.
    last_differs : bool
        Whether the last row of the page contradicts what is stored.
    """

    new: pd.DataFrame
    n_already_there: int
    contradictions: tuple[Contradiction, ...]
    compared: pd.DatetimeIndex
    factor: float | None
    refused: ContradictionError | None
    last_differs: bool


def compared_with(
    stored: pd.DataFrame, page: pd.DataFrame, key: SeriesKey, *, doubtful_before: bool
) -> Comparison:
    """Hold a page against the rows that are stored of its range.

    New prices are refused where a stored close beside them differs from the page's: the two would be
    on different bases (a split, a dividend, another coin under the same name), and the return between
    them one that never happened. The same holds where none of the stored bars of the range has come
    back. A changed bar further away is reported only, and its stored numbers stay. Funding rates have
    no basis: changed ones are reported only, and a source that no longer goes back so far contradicts
    nothing.

    Parameters
    ----------
    stored : pandas.DataFrame
        Rows stored in the range for which the page claims to be complete.
    page : pandas.DataFrame
        Checked rows, at least one.
    key : SeriesKey
    doubtful_before : bool
        Whether the last row of the page before contradicted what is stored.
    """
    pages, stores = pd.DatetimeIndex(page.index), pd.DatetimeIndex(stored.index)
    common = pages.intersection(stores)
    vanished = stores.difference(pages)
    if key.kind == "funding" and not len(common):
        vanished = vanished[:0]  # exchanges hand out the last months only
    same = same_numbers(stored.loc[common], page.loc[common], key)
    differs = pd.Series(~same[main_column(key)], index=common).reindex(pages, fill_value=False).to_numpy()
    is_new = ~pages.isin(stores)
    factor = _factor(stored, page, pages[differs], key)
    refused = None
    if key.kind == "prices" and is_new.any():
        before = np.concatenate(([doubtful_before], differs[:-1]))
        after = np.concatenate((differs[1:], [False]))
        if (is_new & (before | after)).any():
            refused = _other_basis(key, factor)
        elif len(common) == 0 and len(vanished):
            refused = _nothing_came_back(key, len(vanished))
    return Comparison(
        new=page[is_new],
        n_already_there=len(common),
        contradictions=_contradictions(stored, page, same, vanished, key),
        compared=common.union(vanished),
        factor=factor,
        refused=refused,
        last_differs=bool(differs[-1]) or (doubtful_before and bool(is_new.all())),
    )


def _factor(
    stored: pd.DataFrame, page: pd.DataFrame, where: pd.DatetimeIndex, key: SeriesKey
) -> float | None:
    if key.kind != "prices" or not len(where):
        return None
    ratios = page.loc[where, "close"].to_numpy() / stored.loc[where, "close"].to_numpy()
    usual = float(np.median(ratios))
    return usual if bool((np.abs(ratios / usual - 1) <= SAME_PRICE).all()) else None


def _contradictions(
    stored: pd.DataFrame, page: pd.DataFrame, same: pd.DataFrame, vanished: pd.DatetimeIndex, key: SeriesKey
) -> tuple[Contradiction, ...]:
    found = []
    for row, number in np.argwhere(~same.to_numpy()):
        at, column = same.index[row], str(same.columns[number])
        found.append(Contradiction(at, column, _number(stored, at, column), _number(page, at, column)))
    main = main_column(key)
    found += [Contradiction(at, main, _number(stored, at, main), None) for at in vanished]
    return tuple(sorted(found, key=lambda each: (each.at, each.column)))


def _number(rows: pd.DataFrame, at: pd.Timestamp, column: str) -> float:
    return float(rows[column].to_numpy()[rows.index.get_loc(at)])


def _other_basis(key: SeriesKey, factor: float | None) -> ContradictionError:
    how = (
        f"{factor:.6g} times what is stored, as after a split or dividend"
        if factor is not None
        else "not what is stored"
    )
    return _refusal(key, f"the closes that {key.source} now gives for {key.symbol} are {how}")


def _nothing_came_back(key: SeriesKey, count: int) -> ContradictionError:
    what = "the bar that is" if count == 1 else f"any of the {count:,} bars that are"
    return _refusal(key, f"{key.source} no longer gives {what} stored at the end of {key.symbol}")


def _refusal(key: SeriesKey, problem: str) -> ContradictionError:
    return ContradictionError(
        f"{problem}; no new row was added to it, and what is stored stays",
        parameter="prices",
        value=key.symbol,
        allowed="new bars that fit on to the stored ones",
        remedy="Fetch it anew (--anew); the new history takes the place of the old one when it is complete.",
    )
