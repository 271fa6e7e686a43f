"""Files of funding rates, as exchanges and bots export them."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from data.coins import coin_of
from data.errors import FileFormatError, UnknownSymbolError
from data.files.names import TEXT_SUFFIXES, is_funding_file, listed, shown, suffix_of
from data.files.parsed import ParsedFile, ReadOptions, read_head
from data.files.source import FileEntry, FileSource
from data.files.text import HEAD_BYTES
from data.perpetuals import PerpetualHistory

# Compared without case, spaces and signs; earlier ones are preferred.
_RATES: Final = ("fundingrate", "lastfundingrate", "realizedrate", "funding", "rate")
_BOT_COLUMN: Final = "open"  # where bots that keep candles of everything put the rate
_MARK: Final = re.compile(r"[-_. ]*(\d+[hm])?[-_. ]*funding.*$", re.IGNORECASE)
_LARGEST_RATE: Final = 1.0


def read_funding(content: bytes, *, file_name: str, symbol: str) -> PerpetualHistory:
    """Funding rates of one file.

    Parameters
    ----------
    content : bytes
        CSV, Parquet or Feather with a column of times and one of rates per charge as fractions.
    file_name : str
        Its ending tells the format.
    symbol : str
        What the rates are of.

    Returns
    -------
    PerpetualHistory
        Without prices.

    Raises
    ------
    DataError
        The file cannot be read, has no column of rates, or a rate is none.
    """
    file = shown(file_name)
    is_text = suffix_of(file_name) in TEXT_SUFFIXES
    head = read_head(content[:HEAD_BYTES] if is_text else content, file_name=file_name)
    column = _rate_column(head.names, file_name)
    parsed = ParsedFile.read(content, file_name=file_name, options=ReadOptions(price_column=column))
    rates = parsed.values(parsed.symbols[0])
    rates = rates[rates.notna()]
    wrong = ~(np.abs(rates.to_numpy()) < _LARGEST_RATE)
    if rates.empty or wrong.any():
        first = "nothing" if rates.empty else f"{rates[wrong].iloc[0]:g}"
        raise FileFormatError(
            f"the file {file} has {first} where a funding rate should be",
            parameter="funding file",
            value=first,
            allowed="rates per charge as fractions of notional, such as 0.0001",
            remedy="Check that the column holds rates and no percentages or prices.",
        )
    return PerpetualHistory(
        symbol=symbol,
        source=f"funding file {file}",
        funding_rates=rates.rename("funding_rate"),
        prices=None,
        simulated=False,
    )


def find_funding(source: FileSource, symbol: str) -> PerpetualHistory | None:
    """Funding of a symbol's coin among the files of a source, None where no file is named after it.

    Raises
    ------
    DataError
        The file cannot be used, or several files claim the same coin.
    """
    coin = coin_of(symbol).name
    mine = [entry for entry in source.entries() if _is_of(entry, coin)]
    if not mine:
        return None
    if len(mine) > 1:
        names = listed(tuple(shown(entry.name) for entry in mine))
        raise FileFormatError(
            f"{len(mine)} files hold funding rates of {coin}: {names}",
            parameter="funding file",
            value=names,
            allowed="one file of funding rates for each coin",
            remedy="Remove all but one of them.",
        )
    return read_funding(source.content(mine[0]), file_name=mine[0].name, symbol=symbol)


def funding_coin(file_name: str) -> str | None:
    """Coin that a funding file is named after, such as BTC for BTCUSDT_funding.csv; None without a pair."""
    if not is_funding_file(file_name):
        return None
    named = _MARK.sub("", file_name[: -len(suffix_of(file_name)) or None]).split("_")[0]
    try:
        coin = coin_of(named).name
    except UnknownSymbolError:
        return None
    return coin if coin != named.strip().upper() else None


def _is_of(entry: FileEntry, coin: str) -> bool:
    if not is_funding_file(entry.name):
        return False
    stem = entry.name[: -len(suffix_of(entry.name)) or None]
    named = _MARK.sub("", stem)
    try:
        return coin in (coin_of(named).name, coin_of(named.split("_")[0]).name)
    except UnknownSymbolError:  # nothing but the word funding
        return False


def _rate_column(names: tuple[str, ...], file_name: str) -> str:
    keys = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in names]
    for wanted in _RATES:
        if wanted in keys:
            return names[keys.index(wanted)]
    if _BOT_COLUMN in keys and is_funding_file(file_name):
        return names[keys.index(_BOT_COLUMN)]
    raise FileFormatError(
        f"the file {shown(file_name)} has no column of funding rates",
        parameter="funding file",
        value=listed(tuple(shown(name) for name in names)),
        allowed="a column named fundingRate, funding_rate or rate",
        remedy="Rename the column, or export the funding history again.",
    )
