"""Coins posted behind an order are exposure, which the order covers as well."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging.errors import InputError
from hedging.instruments.coin_margin import CoinMargin
from tests.test_hedging.examples import check_error

QUICK = settings(max_examples=50, deadline=None, derandomize=True)


def test_a_short_by_hand():
    assert CoinMargin(2.0).value_usd(1_000.0) == 1_000.0  # an order of 2,000: half of it is its margin
    assert CoinMargin(5.0, 100.0).value_usd(1_000.0) == pytest.approx(375.0)  # 1,375 / 5 + 100


def test_a_long_by_hand():
    assert CoinMargin(4.0).value_usd(-1_000.0) == 200.0  # an order of 800 and its coins are 1,000


@QUICK
@given(exposure=st.floats(-1e6, 1e6), leverage=st.floats(1.5, 100.0), extra=st.floats(0.0, 1e5))
def test_margin_is_the_order_over_its_leverage_and_what_is_added(exposure, leverage, extra):
    posted = CoinMargin(leverage, extra).value_usd(exposure)
    order = exposure + posted
    assert posted == pytest.approx(abs(order) / leverage + extra, rel=1e-9, abs=1e-6)


def test_what_cannot_be_posted():
    with pytest.raises(InputError) as caught:
        CoinMargin(1.0).value_usd(1.0)
    check_error(caught, parameter="leverage")
    assert CoinMargin(1.0).value_usd(-1.0) == 0.5
    for wrong in (0.5, float("nan"), 2_000.0):
        with pytest.raises(InputError):
            CoinMargin(wrong)
    with pytest.raises(InputError):
        CoinMargin(2.0, -1.0)
