"""From beta to an order: formula, rounding in decimals, what the exchange refuses, intervals."""

from __future__ import annotations

import math
import re
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hedging import (
    InputError,
    LinearContract,
    NoHedgeError,
    estimate_beta,
    position_value_usd,
    size_hedge,
)
from tests.test_hedging.examples import BTC, WHOLE, check_error, noisy_pair
from tests.tolerances import CENT, ROUNDING_NOISE, SAME_FORMULA

QUICK = settings(max_examples=100, deadline=None, derandomize=True)
POSITIONS = st.floats(1e3, 1e8) | st.floats(-1e8, -1e3)
BETAS = st.floats(0.05, 5.0) | st.floats(-5.0, -0.05)
PRICES = st.floats(0.5, 1e5)
STEPS = st.sampled_from(["1", "0.1", "0.001", "0.00001", "0.005", "10"]).map(Decimal)
FINE = LinearContract("FINE", quantity_step=Decimal("0.00000001"))


def estimate(seed: int = 1, **options):
    return estimate_beta(*noisy_pair(seed, 90), **options)


class TestByHand:
    def test_a_long_position_is_hedged_short(self):
        plan = size_hedge(10_000, 1.3, BTC, 65_000)
        assert plan.contracts_exact == pytest.approx(-0.2, rel=SAME_FORMULA)
        assert plan.contracts == Decimal("-0.2")
        assert plan.quantity == Decimal("-0.2")
        assert plan.hedge_notional_usd == pytest.approx(-13_000, abs=CENT)
        assert plan.residual_beta_usd == pytest.approx(0.0, abs=1e-9)
        assert (plan.position_usd, plan.beta, plan.beta_target) == (10_000.0, 1.3, 0.0)
        assert (plan.price_usd, plan.contract) == (65_000.0, BTC)
        assert plan.contracts_low is plan.contracts_high is plan.contracts_standard_error is None
        assert plan.effectiveness_lost_by_rounding is None

    def test_contract_size_is_not_forgotten(self):
        okx = LinearContract("BTC-USDT-SWAP", contract_size=Decimal("0.01"), quantity_step=Decimal("0.1"))
        plan = size_hedge(10_000, 1.3, okx, 65_000)
        assert plan.contracts == Decimal(-20)
        assert plan.quantity == Decimal("-0.2")
        assert plan.hedge_notional_usd == pytest.approx(-13_000, abs=CENT)

    def test_what_rounding_leaves(self):
        # 1.4 * 100,000 / 65,000 = 2.1538 contracts; two of them leave 140,000 - 130,000 USD of beta.
        plan = size_hedge(100_000, 1.4, WHOLE, 65_000)
        assert plan.contracts == -2
        assert plan.hedge_notional_usd == -130_000
        assert plan.residual_beta_usd == pytest.approx(10_000, abs=CENT)
        over = size_hedge(100_000, 1.8, WHOLE, 65_000)  # 2.77 contracts, three sold
        assert over.contracts == -3
        assert over.residual_beta_usd == pytest.approx(-15_000, abs=CENT)

    def test_a_negative_beta_is_hedged_long(self):
        assert size_hedge(10_000, -1.3, BTC, 65_000).contracts == Decimal("0.2")

    def test_a_hedge_is_not_capped_at_the_position(self):
        assert size_hedge(10_000, 2.6, BTC, 65_000).hedge_notional_usd == pytest.approx(-26_000)

    def test_towards_a_target(self):
        assert size_hedge(10_000, 1.3, BTC, 65_000, beta_target=0.65).contracts == Decimal("-0.1")
        assert size_hedge(10_000, 1.3, BTC, 65_000, beta_target=1.95).contracts == Decimal("0.1")
        assert size_hedge(10_000, 1.3, BTC, 65_000, beta_target=-1.3).contracts == Decimal("-0.4")

    def test_beta_at_its_target_needs_no_order(self):
        for beta, target in ((0.0, 0.0), (1.5, 1.5), (-0.0, 0.0)):
            plan = size_hedge(10_000, beta, BTC, 65_000, beta_target=target)
            assert plan.contracts == 0
            assert plan.hedge_notional_usd == 0
            assert plan.residual_beta_usd == 0

    def test_no_negative_zero(self):
        plan = size_hedge(10_000, 0.0, BTC, 65_000)
        assert str(plan.contracts) == "0"
        assert math.copysign(1.0, plan.hedge_notional_usd) == 1.0

    def test_an_estimate_brings_its_interval(self):
        found = estimate()
        plan = size_hedge(50_000, found, FINE, 2_000)
        assert plan.beta == found.beta
        assert plan.contracts_low == pytest.approx(-found.beta_high * 25, rel=SAME_FORMULA)
        assert plan.contracts_high == pytest.approx(-found.beta_low * 25, rel=SAME_FORMULA)
        assert plan.contracts_standard_error == pytest.approx(
            found.beta_standard_error * 25, rel=SAME_FORMULA
        )

    def test_effectiveness_lost_by_rounding(self):
        found = estimate()
        plan = size_hedge(100_000, found, WHOLE, 65_000)
        h = -plan.hedge_notional_usd / 100_000
        ratio = (found.benchmark_volatility / found.asset_volatility) ** 2
        expected = ratio * (found.beta - h) ** 2
        assert expected > 1e-5
        assert plan.effectiveness_lost_by_rounding == pytest.approx(expected, rel=1e-9)

    def test_effectiveness_lost_by_rounding_is_that_of_the_streams(self):
        y, x = noisy_pair(1, 90)
        found = estimate_beta(y, x)
        plan = size_hedge(100_000, found, WHOLE, 65_000)
        exact = y - found.beta * x
        rounded = y + plan.hedge_notional_usd / 100_000 * x
        lost = (rounded.var() - exact.var()) / y.var()
        assert plan.effectiveness_lost_by_rounding == pytest.approx(lost, rel=1e-9)

    def test_effectiveness_lost_by_rounding_towards_a_target(self):
        # With benchmark exposure left on purpose, rounding error and exposure do not add in squares.
        y, x = noisy_pair(1, 90)
        found = estimate_beta(y, x)
        plan = size_hedge(100_000, found, WHOLE, 65_000, beta_target=0.5)
        exact = y - (found.beta - 0.5) * x
        rounded = y + plan.hedge_notional_usd / 100_000 * x
        lost = (rounded.var() - exact.var()) / y.var()
        assert plan.effectiveness_lost_by_rounding == pytest.approx(lost, rel=1e-9)


class TestRounding:
    @pytest.mark.parametrize(
        ("exact", "step", "rounded"),
        [
            (0.1 + 0.2, "0.1", "0.3"),
            (0.1 + 0.2, "0.00000001", "0.3"),
            (0.7, "0.1", "0.7"),  # 0.7 / 0.1 is 6.999999999999999 in binary
            (1.1 * 3, "0.1", "3.3"),
            (2.5, "1", "2"),  # a tie goes to the even step
            (3.5, "1", "4"),
            (0.0015, "0.001", "0.002"),
            (0.0025, "0.001", "0.002"),
            (17.49, "5", "15"),
            (17.5, "5", "20"),
            (12.5, "5", "10"),
            (123_456_789.123456, "0.001", "123456789.123"),
            (987_654_321_098.0, "1", "987654321098"),
        ],
    )
    def test_to_the_nearest_step(self, exact, step, rounded):
        contract = LinearContract("X", quantity_step=Decimal(step))
        assert size_hedge(exact, 1.0, contract, 1.0).contracts == -Decimal(rounded)
        assert size_hedge(-exact, 1.0, contract, 1.0).contracts == Decimal(rounded)

    @QUICK
    @given(position=POSITIONS, beta=BETAS, price=PRICES, step=STEPS)
    def test_a_multiple_of_the_step_within_half_a_step(self, position, beta, price, step):
        contract = LinearContract("X", quantity_step=step)
        assume(abs(beta * position / price) > float(step))
        plan = size_hedge(position, beta, contract, price)
        assert Fraction(plan.contracts) % Fraction(step) == 0
        # The exact number is the shortest decimal that stands for the float.
        distance = abs(Fraction(plan.contracts) - Fraction(repr(plan.contracts_exact)))
        assert distance <= Fraction(step) / 2

    def test_the_callers_decimal_settings_do_not_matter(self):
        contract = LinearContract("X", quantity_step=Decimal("0.001"))
        plain = size_hedge(123_456, 1.0, contract, 65.0).contracts
        with localcontext() as context:
            context.prec = 5
            assert size_hedge(123_456, 1.0, contract, 65.0).contracts == plain

    def test_an_order_of_absurd_size_is_an_input_error(self):
        tiny = LinearContract("X", quantity_step=Decimal("0.00000001"))
        with pytest.raises(InputError) as caught:
            size_hedge(1e12, 1.0, tiny, 1e-9)
        check_error(caught)


class TestForAnyOrder:
    @QUICK
    @given(position=POSITIONS, beta=BETAS, price=PRICES, factor=st.floats(1.0, 50.0))
    def test_linear_before_rounding(self, position, beta, price, factor):
        plan = size_hedge(position, beta, FINE, price)
        for scaled, expected in (
            (size_hedge(factor * position, beta, FINE, price), factor),
            (size_hedge(position, factor * beta, FINE, price), factor),
            (size_hedge(position, beta, FINE, factor * price), 1 / factor),
        ):
            assert scaled.contracts_exact == pytest.approx(expected * plan.contracts_exact, rel=SAME_FORMULA)

    @QUICK
    @given(position=POSITIONS, beta=BETAS, price=PRICES, target=st.floats(-2.0, 2.0))
    def test_a_short_position_mirrors_a_long_one(self, position, beta, price, target):
        assume(abs(beta - target) > 0.01)
        long = size_hedge(position, beta, FINE, price, beta_target=target)
        short = size_hedge(-position, beta, FINE, price, beta_target=target)
        assert short.contracts == -long.contracts
        assert short.contracts_exact == -long.contracts_exact
        assert short.hedge_notional_usd == -long.hedge_notional_usd
        assert short.residual_beta_usd == -long.residual_beta_usd

    @QUICK
    @given(seed=st.integers(0, 1000), position=POSITIONS, price=PRICES, target=st.floats(-2.0, 2.0))
    def test_the_interval_holds_the_exact_number(self, seed, position, price, target):
        found = estimate(seed)
        assume(abs(found.beta - target) > 0.01)
        plan = size_hedge(position, found, FINE, price, beta_target=target)
        assert plan.contracts_low < plan.contracts_exact < plan.contracts_high
        mirrored = size_hedge(-position, found, FINE, price, beta_target=target)
        assert (mirrored.contracts_low, mirrored.contracts_high) == (
            -plan.contracts_high,
            -plan.contracts_low,
        )
        width = 2 * found.critical_value * plan.contracts_standard_error
        assert plan.contracts_high - plan.contracts_low == pytest.approx(width, rel=1e-9)

    @QUICK
    @given(position=POSITIONS, beta=BETAS, price=PRICES, target=st.floats(-2.0, 2.0))
    def test_after_the_order_only_rounding_is_left(self, position, beta, price, target):
        assume(abs(beta - target) > 0.01)
        contract = LinearContract("X", quantity_step=Decimal("0.001"))
        assume(abs((beta - target) * position / price) > 0.001)
        plan = size_hedge(position, beta, contract, price, beta_target=target)
        scale = (abs(beta) + abs(target)) * abs(position)
        assert abs(plan.residual_beta_usd) <= 0.0005 * price * (1 + 1e-9) + ROUNDING_NOISE * scale
        total = beta * position + plan.hedge_notional_usd
        assert total == pytest.approx(target * position + plan.residual_beta_usd, abs=ROUNDING_NOISE * scale)


class TestNoHedge:
    def test_below_one_step(self):
        with pytest.raises(NoHedgeError) as caught:
            size_hedge(10, 1.0, BTC, 65_000)
        check_error(caught, parameter="position_usd", names="0.000153846 contracts of BTC-PERP")
        assert caught.value.value == 10.0
        assert caught.value.allowed == "orders of at least 0.001 contracts"
        assert caught.value.remedy == "A position of about $65 or a smaller contract can be hedged."

    @pytest.mark.parametrize(
        "terms",
        [{"minimum_quantity": Decimal("0.01")}, {"minimum_notional_usd": Decimal(650)}],
        ids=["quantity", "notional"],
    )
    def test_below_the_minimum(self, terms):
        contract = LinearContract("X", quantity_step=Decimal("0.001"), **terms)
        with pytest.raises(NoHedgeError, match=r"about \$650 or"):
            size_hedge(500, 1.0, contract, 65_000)
        assert size_hedge(650, 1.0, contract, 65_000).contracts == Decimal("-0.01")
        assert size_hedge(-650, 1.0, contract, 65_000).contracts == Decimal("0.01")

    @pytest.mark.parametrize(
        "terms",
        [
            {"quantity_step": "1"},
            {"quantity_step": "0.001", "minimum_notional_usd": "150"},
            {"quantity_step": "1", "minimum_quantity": "5.1"},
            {"quantity_step": "0.1", "minimum_notional_usd": "0.45"},
            {"quantity_step": "0.003", "minimum_quantity": "0.01"},
            {"contract_size": "0.01", "minimum_notional_usd": "5"},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("price", [1.0, 37.3, 65_000.0])
    @pytest.mark.parametrize("side", [1, -1])
    def test_the_remedy_can_be_followed(self, terms, price, side):
        contract = LinearContract("X", **{name: Decimal(value) for name, value in terms.items()})
        smallest = max(
            contract.minimum_quantity,
            contract.quantity_step,
            contract.minimum_notional_usd / (contract.contract_size * Decimal(str(price))),
        )
        refused = 0
        for share in (0.3, 0.49, 0.7, 0.9, 0.99, 1.01):
            position = side * share * float(smallest) * contract.value_usd(price) / 1.3
            try:
                size_hedge(position, 1.3, contract, price)
            except NoHedgeError as error:
                refused += 1
                named = re.search(r"\$(\d[\d,]*(?:\.\d+)?)", error.remedy)
                assert named is not None
                advised = float(named.group(1).replace(",", ""))
                assert size_hedge(side * advised, 1.3, contract, price).contracts != 0
        assert refused >= 2

    def test_the_message_does_not_contradict_itself(self):
        # Steps of 0.001 and at least 150 USD: the smallest order is 0.003, not 150 / 65,000.
        contract = LinearContract("X", quantity_step=Decimal("0.001"), minimum_notional_usd=Decimal(150))
        with pytest.raises(NoHedgeError) as caught:
            size_hedge(0.0024 * 65_000, 1.0, contract, 65_000)
        step = Decimal("0.001")
        smallest = (Decimal(150) / 65_000 / step).to_integral_value(ROUND_CEILING) * step
        assert caught.value.allowed == f"orders of at least {smallest} contracts"

    @pytest.mark.parametrize(("beta", "target"), [(0.1 + 0.2, 0.3), (1.1 * 3, 3.3), (1e-15, 0.0)])
    def test_rounding_noise_in_beta_is_no_order(self, beta, target):
        assert size_hedge(10_000, beta, BTC, 65_000, beta_target=target).contracts == 0


class TestUnusable:
    @pytest.mark.parametrize(
        "position", [0, 0.0, -0.0, math.nan, math.inf, -math.inf, 1.1e12, -1e13], ids=repr
    )
    def test_positions(self, position):
        with pytest.raises(InputError) as caught:
            size_hedge(position, 1.0, BTC, 65_000)
        check_error(caught, parameter="position_usd", names=position)

    @pytest.mark.parametrize("price", [0.0, -1.0, math.nan, math.inf, -math.inf], ids=repr)
    def test_prices(self, price):
        for call in (
            lambda: size_hedge(1e4, 1.0, BTC, price),
            lambda: position_value_usd(1.0, price),
        ):
            with pytest.raises(InputError) as caught:
                call()
            check_error(caught, parameter="price_usd", names=price)

    @pytest.mark.parametrize("beta", [math.nan, math.inf, -math.inf, 1001.0, -1001.0], ids=repr)
    def test_betas(self, beta):
        with pytest.raises(InputError) as caught:
            size_hedge(1e4, beta, BTC, 65_000)
        check_error(caught, parameter="beta", names=beta)
        with pytest.raises(InputError) as caught:
            size_hedge(1e4, 1.0, BTC, 65_000, beta_target=beta)
        check_error(caught, parameter="beta_target", names=beta)

    @pytest.mark.parametrize("wrong", ["1.5", [1.5]], ids=repr)
    def test_a_wrong_beta_is_named_as_it_was_given(self, wrong):
        with pytest.raises(InputError) as caught:
            size_hedge(1e4, wrong, BTC, 65_000)
        check_error(caught, parameter="beta", names=wrong)

    @pytest.mark.parametrize("wrong", ["65000", None, [1.0]], ids=repr)
    @pytest.mark.parametrize("parameter", ["position_usd", "price_usd"])
    def test_what_is_no_number(self, parameter, wrong):
        arguments = {"position_usd": 1e4, "price_usd": 65_000.0, parameter: wrong}
        with pytest.raises(InputError) as caught:
            size_hedge(beta=1.0, contract=BTC, **arguments)
        assert caught.value.parameter == parameter
        assert str(wrong) in str(caught.value)

    @pytest.mark.parametrize("number", [np.float32(1.5), np.float64(1.5), np.int64(2)], ids=repr)
    def test_numpy_numbers_are_numbers(self, number):
        plain = size_hedge(1e4, float(number), BTC, 65_000).contracts
        assert size_hedge(1e4, number, BTC, 65_000).contracts == plain


class TestPositionValue:
    def test_coins_times_price(self):
        assert position_value_usd(2.5, 100.0) == 250.0
        assert position_value_usd(-3, 20) == -60.0
        assert position_value_usd(0, 20) == 0.0

    @pytest.mark.parametrize("coins", [math.nan, math.inf, "5"], ids=repr)
    def test_coins_must_be_a_number(self, coins):
        with pytest.raises(InputError) as caught:
            position_value_usd(coins, 20.0)
        check_error(caught, parameter="quantity", names=coins)

    def test_a_value_beyond_every_number_is_refused(self):
        with pytest.raises(InputError) as caught:
            position_value_usd(1e300, 1e300)
        check_error(caught)
