"""Ranking of contracts: each cost by hand, and the unknown last."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging.errors import InputError
from hedging.instruments.contracts import InverseContract, LinearContract
from hedging.instruments.ranking import InstrumentCandidate, rank_instruments
from tests.test_hedging.examples import check_error
from tests.tolerances import SAME_FORMULA

QUICK = settings(max_examples=30, deadline=None, derandomize=True)
NOTIONAL = -100_000.0
COMMON = {"holding_days": 36.5, "daily_volatility_fraction": 0.02}


def candidate(name="A", *, fee="0.0005", turnover=1e9, carry=0.1, basis=0.001):
    contract = LinearContract(name, taker_fee_fraction=None if fee is None else Decimal(fee))
    return InstrumentCandidate("Somewhere", contract, turnover, carry, basis)


class TestByHand:
    def test_every_component(self):
        (row,) = rank_instruments([candidate()], NOTIONAL, **COMMON)
        assert row.fees_usd == pytest.approx(100.0, rel=SAME_FORMULA)  # 2 x 5 bp
        # 2 x 2 % x sqrt(1e5 / 1e9) x 100,000 = 0.04 x 0.01 x 100,000
        assert row.slippage_usd == pytest.approx(40.0, rel=SAME_FORMULA)
        assert row.carry_usd == pytest.approx(-1_000.0, rel=SAME_FORMULA)  # a short earns 10 % a year
        assert row.cost_usd == pytest.approx(-860.0, rel=SAME_FORMULA)
        assert row.basis_risk_usd == pytest.approx(100.0 * math.sqrt(36.5), rel=SAME_FORMULA)
        assert row.total_usd == pytest.approx(row.cost_usd + row.basis_risk_usd, rel=SAME_FORMULA)
        assert row.participation_fraction == pytest.approx(1e-4, rel=SAME_FORMULA)
        assert (row.rank, row.liquidity_rank, row.cost_rank, row.basis_risk_rank) == (1, 1, 1, 1)
        assert row.unknown == ()
        assert any("earns 1,000.00 USD" in reason for reason in row.reasons)

    def test_a_long_hedge_pays_what_a_short_one_earns(self):
        (short,) = rank_instruments([candidate()], NOTIONAL, **COMMON)
        (long,) = rank_instruments([candidate()], -NOTIONAL, **COMMON)
        assert long.carry_usd == -short.carry_usd
        assert (long.fees_usd, long.slippage_usd) == (short.fees_usd, short.slippage_usd)
        assert any("costs 1,000.00 USD" in reason for reason in long.reasons)

    def test_weight_and_impact(self):
        (row,) = rank_instruments(
            [candidate()], NOTIONAL, impact_coefficient=0.5, basis_risk_weight=0.0, **COMMON
        )
        assert row.slippage_usd == pytest.approx(20.0, rel=SAME_FORMULA)
        assert row.total_usd == row.cost_usd

    def test_a_large_share_of_the_turnover_is_said(self):
        (row,) = rank_instruments([candidate(turnover=1e6)], NOTIONAL, **COMMON)
        assert any("large for this market" in reason for reason in row.reasons)


class TestOrder:
    def test_by_total_with_the_unknown_last(self):
        rows = rank_instruments(
            [
                candidate("none", fee=None, turnover=None, carry=None, basis=None),
                candidate("no turnover", turnover=None, carry=5.0),
                candidate("dear", fee="0.005"),
                candidate("cheap"),
            ],
            NOTIONAL,
            **COMMON,
        )
        assert [row.candidate.contract.name for row in rows] == ["cheap", "dear", "no turnover", "none"]
        assert [row.rank for row in rows] == [1, 2, 3, 4]
        unknown = rows[2]
        assert unknown.unknown == ("turnover_usd_daily",)
        assert (unknown.slippage_usd, unknown.cost_usd, unknown.total_usd) == (None, None, None)
        assert (unknown.participation_fraction, unknown.liquidity_rank, unknown.cost_rank) == (None,) * 3
        assert "turnover usd daily" in unknown.reasons[0]
        assert len(rows[3].unknown) == 4
        assert len(rows[3].reasons) == 1

    def test_ranks_of_their_own(self):
        rows = rank_instruments(
            [candidate("deep", turnover=1e10, basis=0.01), candidate("thin", turnover=1e7, basis=0.0005)],
            NOTIONAL,
            **COMMON,
        )
        by_name = {row.candidate.contract.name: row for row in rows}
        assert (by_name["deep"].liquidity_rank, by_name["deep"].basis_risk_rank) == (1, 2)
        assert (by_name["thin"].liquidity_rank, by_name["thin"].basis_risk_rank) == (2, 1)
        assert by_name["deep"].cost_rank == 1

    def test_equals_keep_their_order_and_share_a_place(self):
        rows = rank_instruments([candidate("A"), candidate("B")], NOTIONAL, **COMMON)
        assert [row.candidate.contract.name for row in rows] == ["A", "B"]
        assert [row.cost_rank for row in rows] == [1, 1]

    def test_inverse_contracts_too(self):
        contract = InverseContract("BTCUSD", taker_fee_fraction=Decimal("0.0005"))
        (row,) = rank_instruments([InstrumentCandidate("X", contract, 1e9, 0.0, 0.0)], NOTIONAL, **COMMON)
        assert row.basis_risk_usd == 0.0
        assert row.carry_usd == 0.0

    @QUICK
    @given(
        fees=st.lists(st.sampled_from(["0.0001", "0.0005", "0.002"]), min_size=2, max_size=5),
        seed=st.permutations(range(5)),
    )
    def test_the_order_of_the_input_does_not_matter(self, fees, seed):
        each = [candidate(f"{i}", fee=fee, turnover=1e8 * (i + 1)) for i, fee in enumerate(fees)]
        shuffled = [each[i] for i in seed if i < len(each)]
        totals = [row.total_usd for row in rank_instruments(each, NOTIONAL, **COMMON)]
        assert totals == sorted(totals)
        assert totals == [row.total_usd for row in rank_instruments(shuffled, NOTIONAL, **COMMON)]


class TestUnusable:
    @pytest.mark.parametrize(
        ("changes", "parameter"),
        [
            ({"hedge_notional_usd": 0.0}, "hedge_notional_usd"),
            ({"holding_days": 0.0}, "holding_days"),
            ({"daily_volatility_fraction": 0.0}, "daily_volatility_fraction"),
            ({"impact_coefficient": -1.0}, "impact_coefficient"),
            ({"basis_risk_weight": math.nan}, "basis_risk_weight"),
            ({"candidates": []}, "candidates"),
        ],
    )
    def test_arguments(self, changes, parameter):
        full = {"candidates": [candidate()], "hedge_notional_usd": NOTIONAL, **COMMON, **changes}
        with pytest.raises(InputError) as caught:
            rank_instruments(**full)
        check_error(caught, parameter=parameter)

    @pytest.mark.parametrize(
        ("changes", "parameter"),
        [
            ({"turnover": 0.0}, "turnover_usd_daily"),
            ({"turnover": -1.0}, "turnover_usd_daily"),
            ({"carry": math.inf}, "carry_annual_fraction"),
            ({"basis": -0.1}, "basis_volatility_daily_fraction"),
        ],
    )
    def test_candidates(self, changes, parameter):
        with pytest.raises(InputError) as caught:
            candidate(**changes)
        check_error(caught, parameter=parameter)
