"""The only place that knows the inside of yfinance."""

from __future__ import annotations

import logging
import os
import threading
import warnings
from typing import Literal

import pandas as pd
import requests

# Settings of yfinance belong to the process; two first fetches at once would set them half.
_SETTINGS_LOCK = threading.Lock()


def vendor_history(
    symbol: str,
    *,
    session: requests.Session,
    start: pd.Timestamp,
    end: pd.Timestamp,
    interval: Literal["1d", "1h"],
) -> pd.DataFrame:
    """Ask Yahoo for one symbol and return the vendor's frame, on the zone of the exchange.

    ``yfinance.Ticker`` is not used: it shares one connection, behind one lock that is held while
    the network is asked, among all threads of the process, so one hanging request stops every
    other; it keeps wrong answers for the life of the process; and it looks up the zone first, with
    a second request. The same ``history`` on a connection of its own has none of this.

    Parameters
    ----------
    symbol : str
        A checked symbol.
    session : requests.Session
        Sends the request; bounds it in time.
    start, end : pandas.Timestamp
        Range, timezone-aware.
    interval : {"1d", "1h"}
        Length of a bar, as Yahoo spells it.

    Returns
    -------
    pandas.DataFrame
        Columns ``Open``, ``High``, ``Low``, ``Close`` adjusted for splits and dividends, NaN where Yahoo
        has no price, and ``Volume``, 0 also where Yahoo has none.
    """
    from yfinance.data import YfData
    from yfinance.scrapers.history import PriceHistory

    _settle()
    # Calling YfData itself would return the shared connection.
    connection = type.__call__(YfData, session)
    # The vendor keeps up to 64 answers of ranges in the past for the life of the process.
    connection.cache_get = connection.get
    # The zone given here is used for start and end only, and both carry their own.
    history = PriceHistory(connection, symbol, "UTC", session)
    frame: pd.DataFrame = history.history(
        start=start,
        end=end,
        interval=interval,
        auto_adjust=True,
        actions=False,
        keepna=True,
    )
    return frame


def _settle() -> None:
    """Set the process-wide settings of yfinance: real exceptions, no files, no chatter."""
    import yfinance

    with _SETTINGS_LOCK:
        yfinance.config.debug.hide_exceptions = False
        # Below a device no folder can be made, which yfinance takes as "keep no files". Its files
        # are pickled cookies and zones in the home folder, which may be read-only, and two
        # processes can lock each other out of them.
        yfinance.set_tz_cache_location(os.path.join(os.devnull, "yfinance"))
        # Every failure is raised, so a log line would only repeat it.
        logging.getLogger("yfinance").setLevel(logging.CRITICAL)
        # Set for its modules and not around the call: catch_warnings would change the filters of
        # the other threads too.
        warnings.filterwarnings("ignore", category=pd.errors.Pandas4Warning, module=r"yfinance\.")
