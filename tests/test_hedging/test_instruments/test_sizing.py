"""From beta to an order: formula, rounding in decimals, what the exchange refuses, intervals."""

from __future__ import annotations

import math
import re
from dataclasses import replace
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
from hedging.instruments.contracts import InverseContract
from hedging.instruments.sizing import size_inverse_hedge
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


class TestOverride:
    def test_sizes_the_order_and_keeps_the_estimate_beside_it(self):
        found = estimate()
        plain = size_hedge(1e5, found, FINE, 100.0)
        plan = size_hedge(1e5, found, FINE, 100.0, beta_override=1.0)
        assert (plain.beta_source, plan.beta_source) == ("estimate", "override")
        assert plan.beta == 1.0
        assert plan.contracts_exact == pytest.approx(-1000.0, rel=SAME_FORMULA)
        assert plan.estimate is plain.estimate is found
        # A number set by hand has no sampling error; what the data would order stays on show.
        assert (plan.contracts_low, plan.contracts_high, plan.contracts_standard_error) == (None,) * 3
        assert plan.estimate_contracts_low == plain.contracts_low == plain.estimate_contracts_low
        assert plan.estimate_contracts_high == plain.contracts_high
        expected = (1.0 - found.beta) / found.beta_standard_error
        assert plan.override_distance == pytest.approx(expected, rel=SAME_FORMULA)
        assert plain.override_distance is None

    def test_a_number_by_hand_is_an_override_without_anything_to_hold_it_against(self):
        plan = size_hedge(1e5, 1.0, FINE, 100.0)
        assert (plan.beta_source, plan.estimate, plan.override_distance) == ("override", None, None)
        assert (plan.estimate_contracts_low, plan.estimate_contracts_high) == (None, None)

    def test_an_exact_line_has_no_distance(self):
        exact = replace(estimate(), beta_standard_error=0.0)
        assert size_hedge(1e5, exact, FINE, 100.0, beta_override=1.0).override_distance is None

    @QUICK
    @given(seed=st.integers(0, 500), override=BETAS, target=st.floats(-1.0, 1.0))
    def test_what_rounding_loses_is_the_difference_of_two_variances(self, seed, override, target):
        assume(abs(override - target) > 0.1)
        found = estimate(seed)
        plan = size_hedge(1e4, found, WHOLE, 700.0, beta_override=override, beta_target=target)
        share = (found.benchmark_volatility / found.asset_volatility) ** 2
        # Variance per V^2 with h contracts: what is left of beta squared, times s_f^2.
        left = [found.beta + float(n) * 700.0 / 1e4 for n in (plan.contracts_exact, plan.contracts)]
        expected = share * (left[1] ** 2 - left[0] ** 2)
        assert plan.effectiveness_lost_by_rounding == pytest.approx(expected, abs=1e-9)

    @pytest.mark.parametrize("override", [math.nan, math.inf, 1001.0, "1"], ids=repr)
    def test_an_override_must_be_a_beta(self, override):
        with pytest.raises(InputError) as caught:
            size_hedge(1e5, estimate(), FINE, 100.0, beta_override=override)
        check_error(caught, parameter="beta_override", names=override)


class TestRoundingFraction:
    def test_the_nearest_step_may_hedge_twice_as_much(self):
        plan = size_hedge(5_100, 1.0, WHOLE, 10_000)  # 0.51 contracts, rounded to 1
        assert plan.contracts == -1
        assert plan.rounding_fraction == pytest.approx(0.49 / 0.51, rel=SAME_FORMULA)
        assert size_hedge(20_000, 1.0, WHOLE, 10_000).rounding_fraction == 0.0
        assert size_hedge(20_000, 1.0, WHOLE, 10_000, beta_target=1.0).rounding_fraction == 0.0

    @QUICK
    @given(position=POSITIONS, beta=BETAS, price=PRICES, step=STEPS)
    def test_never_above_one_and_consistent_with_the_order(self, position, beta, price, step):
        contract = LinearContract("X", quantity_step=step)
        try:
            plan = size_hedge(position, beta, contract, price)
        except NoHedgeError:
            return
        assert 0.0 <= plan.rounding_fraction <= 1.0
        distance = abs(float(plan.contracts) - plan.contracts_exact)
        assert plan.rounding_fraction * abs(plan.contracts_exact) == pytest.approx(
            distance, abs=ROUNDING_NOISE * abs(plan.contracts_exact)
        )


class TestPriceOfAUnitOrACoin:
    PEPE = LinearContract("1000PEPEUSDT", coins_per_unit=Decimal(1000))

    def test_either_price_gives_the_same_order(self):
        unit = size_hedge(1_000, 1.2, self.PEPE, 0.012)
        coin = size_hedge(1_000, 1.2, self.PEPE, 0.000012, price_per="coin")
        assert unit.contracts == coin.contracts == -100_000
        assert coin.price_usd == pytest.approx(0.012, rel=SAME_FORMULA)

    def test_an_unknown_choice(self):
        with pytest.raises(InputError) as caught:
            size_hedge(1_000, 1.2, self.PEPE, 0.012, price_per="lot")
        check_error(caught, parameter="price_per")


class TestInverse:
    BTCUSD = InverseContract("BTCUSD_PERP", contract_size=Decimal(100))
    DOLLAR = InverseContract("BTCUSD", quantity_step=Decimal("0.00000001"))

    def test_without_margin_in_coins(self):
        plan = size_hedge(10_000, 1.3, self.BTCUSD, 65_000)
        assert plan.contracts == -130
        assert plan.hedge_notional_usd == -13_000
        assert plan.quantity == Decimal("-0.2")
        assert plan.margin_exposure_usd == 0.0

    def test_margin_is_itself_long(self):
        # H = 1.3 x 10,000 = 13,000; M P0 = 0.1 x 65,000 = 6,500: 195 contracts of 100.
        plan = size_inverse_hedge(10_000, 1.3, self.BTCUSD, 65_000, margin_coins=0.1)
        assert plan.contracts == -195
        assert plan.margin_exposure_usd == 6_500
        assert plan.residual_beta_usd == pytest.approx(0.0, abs=1e-8)

    def test_no_margin_is_the_plain_hedge(self):
        found = estimate()
        plain = size_hedge(1e4, found, self.BTCUSD, 65_000, beta_target=0.2)
        margined = size_inverse_hedge(1e4, found, self.BTCUSD, 65_000, margin_coins=0, beta_target=0.2)
        assert (plain.contracts, plain.contracts_low) == (margined.contracts, margined.contracts_low)

    @QUICK
    @given(
        position=POSITIONS,
        beta=BETAS,
        target=st.floats(-2.0, 2.0),
        price=st.floats(10.0, 1e5),
        share=st.floats(0.0, 2.0),
    )
    def test_the_delta_is_the_target_and_stays_constant_in_coins(self, position, beta, target, price, share):
        margin = share * abs(position) / price
        exposure = (beta - target) * position + margin * price
        assume(abs(exposure) > 1.0)
        plan = size_inverse_hedge(position, beta, self.DOLLAR, price, margin_coins=margin, beta_target=target)
        scale = (abs(beta) + abs(target) + share) * abs(position)
        delta = beta * position + margin * price + plan.contracts_exact
        assert delta == pytest.approx(target * position, abs=1e-11 * scale)
        assert plan.residual_beta_usd == pytest.approx(0.0, abs=1e-8 + 1e-11 * scale)

        # P&L in USD of margin and contract for a move r is exactly linear: -(beta - target) V r.
        def worth_usd(at):
            return (margin + plan.contracts_exact * (1 / price - 1 / at)) * at

        for move in (-0.5, 0.01, 0.7):
            gained = worth_usd(price * (1 + move)) - worth_usd(price)
            assert gained == pytest.approx(-(beta - target) * position * move, abs=1e-10 * scale)

    def test_the_interval_moves_with_the_margin(self):
        found = estimate()
        plan = size_inverse_hedge(1e4, found, self.DOLLAR, 65_000, margin_coins=0.1)
        assert plan.contracts_low < plan.contracts_exact < plan.contracts_high
        assert plan.contracts_high == pytest.approx(-(found.beta_low * 1e4 + 6_500), rel=SAME_FORMULA)

    def test_below_the_smallest_order(self):
        with pytest.raises(NoHedgeError) as caught:
            size_inverse_hedge(10, 1.0, self.BTCUSD, 65_000, margin_coins=1e-5)
        check_error(caught, parameter="position_usd", names="smaller contract")

    @pytest.mark.parametrize("margin", [-0.1, math.nan, 1e9, "1"], ids=repr)
    def test_unusable_margin(self, margin):
        with pytest.raises(InputError) as caught:
            size_inverse_hedge(1e4, 1.0, self.BTCUSD, 65_000, margin_coins=margin)
        check_error(caught, parameter="margin_coins", names=margin)

    @pytest.mark.parametrize("contract", [BTC, None], ids=["linear", "none"])
    def test_only_inverse_contracts(self, contract):
        with pytest.raises(InputError) as caught:
            size_inverse_hedge(1e4, 1.0, contract, 65_000, margin_coins=0.1)
        assert caught.value.parameter == "contract"
