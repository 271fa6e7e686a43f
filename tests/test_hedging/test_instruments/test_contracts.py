"""Contract terms: worth of one contract, and terms no exchange could have."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from hedging import InputError, LinearContract
from tests.test_hedging.examples import check_error


def test_contract_size_counts():
    # 0.01 BTC a contract, as OKX has it: 650 USD at 65,000, not 65,000.
    contract = LinearContract("BTC-USDT-SWAP", contract_size=Decimal("0.01"))
    assert contract.value_usd(65_000.0) == 650.0


def test_defaults_are_one_whole_unit():
    contract = LinearContract("X")
    assert (contract.contract_size, contract.quantity_step) == (Decimal(1), Decimal(1))
    assert (contract.minimum_quantity, contract.minimum_notional_usd) == (Decimal(0), Decimal(0))


def test_equal_terms_are_equal_and_cannot_change():
    contract = LinearContract("X", quantity_step=Decimal("0.1"))
    assert contract == LinearContract("X", quantity_step=Decimal("0.10"))
    assert hash(contract) == hash(LinearContract("X", quantity_step=Decimal("0.10")))
    with pytest.raises(FrozenInstanceError):
        contract.name = "Y"


@pytest.mark.parametrize(
    "parameter", ["contract_size", "quantity_step", "minimum_quantity", "minimum_notional_usd"]
)
@pytest.mark.parametrize(
    "value", [Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 0.001, 1, "0.001"], ids=repr
)
def test_terms_no_exchange_could_have(parameter, value):
    with pytest.raises(InputError) as caught:
        LinearContract("X", **{parameter: value})
    check_error(caught, parameter=parameter, names=repr(value))
    assert "Decimal" in caught.value.remedy


@pytest.mark.parametrize("parameter", ["contract_size", "quantity_step"])
def test_zero_is_no_size(parameter):
    with pytest.raises(InputError) as caught:
        LinearContract("X", **{parameter: Decimal(0)})
    check_error(caught, parameter=parameter, names="Decimal('0')")


def test_no_terms_at_all_are_refused():
    with pytest.raises(InputError):
        LinearContract("X", contract_size=None)
