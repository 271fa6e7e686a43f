"""Names of sources."""

from __future__ import annotations

import pytest

from data.errors import ChangeInputError, UnknownSymbolError
from data.registry import SOURCE_NAMES, paged_source, stored_symbol


@pytest.mark.parametrize("name", SOURCE_NAMES)
def test_every_name_on_offer_is_a_source_of_that_name(name: str) -> None:
    assert paged_source(name).name == name


@pytest.mark.parametrize("name", ["", "Yahoo Finance", "../x", "binance;", "x" * 40, "ｂｉｎａｎｃｅ"])
def test_what_cannot_be_a_source_is_refused(name: str) -> None:
    with pytest.raises(ChangeInputError, match="there is no source"):
        paged_source(name)


def test_symbols_are_stored_as_the_source_spells_them() -> None:
    assert stored_symbol("yahoo", " btc-usd ") == "BTC-USD"
    assert stored_symbol("binance", " SOL/USDT:USDT ") == "SOL/USDT:USDT"
    with pytest.raises(UnknownSymbolError):
        stored_symbol("yahoo", "../x")
