"""The verdict: what each word takes, its sentences, its false alarms and the simulated decoupling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.simulation import DEFAULT_ASSETS, simulate_market
from hedging.errors import DegenerateDataError, InputError, InsufficientDataError
from hedging.stability.breaks import sup_f_break
from hedging.stability.decoupling import decoupling_verdict
from hedging.stability.hansen import hansen_stability
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import FALSE_ALARMS_OF_60, SAME_FORMULA

QUICK = settings(max_examples=30, deadline=None, derandomize=True)


def history(seed, *, before=1.3, lately=1.3, n=400, recent=90):
    """Fat-tailed returns whose noise is as large as 1.3 times the benchmark."""
    generator = np.random.default_rng(seed)
    x, e = 0.03 * generator.standard_t(4, (2, n))
    return np.where(np.arange(n) < n - recent, before, lately) * x + 1.3 * e, x


class TestVerdicts:
    def test_coupled(self):
        found = decoupling_verdict(*history(1))
        assert found.verdict == "coupled"
        assert found.p_value > 0.01
        assert found.correlation_low < found.correlation < found.correlation_high
        assert (found.n_recent, found.n_before, found.n_searched) == (90, 310, 360)

    def test_weakened(self):
        found = decoupling_verdict(*history(1, before=4.0, lately=1.3))
        assert found.verdict == "weakened"
        assert found.p_value <= 0.01
        assert found.correlation_low > 0.0
        assert found.correlation < found.correlation_before_low

    def test_decoupled(self):
        y, x = history(1, lately=0.0)
        found = decoupling_verdict(pd.Series(y, days(400)), pd.Series(x, days(400)))
        assert found.verdict == "decoupled"
        assert found.correlation_low <= 0.0 <= found.correlation_high
        assert found.hansen.rejected
        assert found.break_search.rejected
        assert abs((found.break_search.break_at - days(400)[310]).days) < 10
        assert found.recent.beta_low < 0.0 < found.recent.beta_high

    def test_never_coupled_is_decoupled(self):
        found = decoupling_verdict(*history(1, before=0.0, lately=0.0))
        assert found.verdict == "decoupled"
        assert found.p_value > 0.01
        assert found.correlation_before_low <= 0.0 <= found.correlation_before_high

    def test_an_inverse_product_is_coupled(self):
        y, x = history(1)
        plain, inverse = decoupling_verdict(y, x), decoupling_verdict(-y, x)
        assert inverse.verdict == "coupled"
        assert inverse.p_value == plain.p_value
        assert inverse.correlation == pytest.approx(-plain.correlation, rel=SAME_FORMULA)
        y, x = history(1, lately=0.0)
        assert decoupling_verdict(-y, x).verdict == "decoupled"

    def test_a_sign_turned_round_is_decoupled(self):
        found = decoupling_verdict(*history(1, lately=-1.3))
        assert found.verdict == "decoupled"
        assert found.correlation_high < 0.0

    def test_a_rise_is_no_decoupling(self):
        assert decoupling_verdict(*history(1, before=0.6, lately=4.0)).verdict == "coupled"

    def test_says_when_too_few_periods_tell_nothing(self):
        y, x = history(2, before=0.4, lately=0.1, n=400, recent=20)
        found = decoupling_verdict(y, x, recent=20)
        assert found.verdict == "coupled"
        assert found.reasons[-1] == (
            "Yet 20 periods are too few to tell the recent correlation from none at all."
        )


class TestReasons:
    def test_made_of_the_numbers(self):
        y, x = history(1, lately=0.0)
        found = decoupling_verdict(pd.Series(y, days(400)), pd.Series(x, days(400)))
        text = " ".join(found.reasons)
        for number in (
            f"the correlation was {found.correlation:.2f} (95% interval",
            f"over the 310 before {found.correlation_before:.2f}.",
            f"explained {100 * found.recent.r_squared:.0f}% of the asset's variance lately",
            f"Beta was {found.recent.beta:.2f}",
            f"probability of {found.p_value:.3f}",
            "finds that beta moved in the last 360 periods",
            f"is at {found.break_search.break_at:%Y-%m-%d}: beta",
        ):
            assert number in text

    def test_without_a_break(self):
        text = " ".join(decoupling_verdict(*history(1)).reasons)
        assert "finds no change of beta" in text
        assert "No single break of the line stands out" in text
        assert "Yet" not in text

    def test_positions_where_there_are_no_dates(self):
        y, x = history(1, lately=0.0)
        found = decoupling_verdict(y, x)
        assert f"is at observation {found.break_search.break_at}: beta" in " ".join(found.reasons)

    def test_evidence_is_that_of_the_other_functions(self):
        y, x = history(3)
        found = decoupling_verdict(y, x, replications=120, seed=5)
        assert found.hansen == hansen_stability(y[-360:], x[-360:], significance=0.01)
        alone = sup_f_break(y[-360:], x[-360:], significance=0.01, replications=120, seed=5)
        assert found.break_search.p_value == alone.p_value
        assert found.correlation == pytest.approx(np.corrcoef(y[-90:], x[-90:])[0, 1], rel=SAME_FORMULA)
        assert found.correlation_before == pytest.approx(
            np.corrcoef(y[:-90], x[:-90])[0, 1], rel=SAME_FORMULA
        )


def test_false_alarms_of_one_look():
    falls = [
        decoupling_verdict(*history(seed, n=200, recent=60), recent=60, significance=0.05, replications=99)
        for seed in range(60)
    ]
    assert np.mean([found.verdict != "coupled" for found in falls]) <= FALSE_ALARMS_OF_60


def test_the_simulated_decoupling():
    # Beta is 0.1 from day 1130 for 120 days; return t ends on day t + 1.
    closes = simulate_market(assets=[DEFAULT_ASSETS[-1]]).prices.iloc[23::24]
    returns = closes.pct_change().iloc[1:]
    asset, benchmark = returns["NEAR-SIM"], returns["BTC-SIM"]
    calm = decoupling_verdict(asset.iloc[:1129], benchmark.iloc[:1129])
    assert calm.verdict == "coupled"
    found = decoupling_verdict(asset.iloc[:1235], benchmark.iloc[:1235])
    assert found.verdict == "decoupled"
    assert abs((found.break_search.break_at - closes.index[1130]).days) <= 10


@QUICK
@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100.0), own=st.floats(0.01, 100.0))
def test_units_change_nothing(seed, scale, own):
    y, x = noisy_pair(seed, 60)
    plain = decoupling_verdict(y, x, recent=20, replications=99)
    changed = decoupling_verdict(own * y, scale * x, recent=20, replications=99)
    assert changed.verdict == plain.verdict
    assert changed.correlation == pytest.approx(plain.correlation, rel=1e-6, abs=1e-9)
    assert 0.0 < plain.p_value <= 1.0


class TestUnusable:
    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("recent", 19),
            ("recent", 60.5),
            ("significance", 0.0),
            ("confidence", 95),
            ("replications", 50),
            ("seed", -1),
        ],
    )
    def test_options(self, option, value):
        with pytest.raises(InputError) as caught:
            decoupling_verdict(*history(1), **{option: value})
        check_error(caught, parameter=option, names=value)

    def test_too_few_samples_for_the_level(self):
        with pytest.raises(InputError, match="can never give") as caught:
            decoupling_verdict(*history(1), significance=0.001, replications=499)
        check_error(caught, parameter="replications", names="999")

    def test_too_short_a_history(self):
        with pytest.raises(InsufficientDataError, match="before the last 90") as caught:
            decoupling_verdict(*history(1, n=179))
        check_error(caught, names=179)

    @pytest.mark.parametrize("which", [0, 1])
    def test_standing_still_lately(self, which):
        pair = list(history(1))
        pair[which][-90:] = 0.0
        with pytest.raises(DegenerateDataError, match="lately did not move") as caught:
            decoupling_verdict(*pair)
        check_error(caught)

    def test_a_multiple_of_the_benchmark_lately(self):
        y, x = history(1)
        y[-90:] = 2.0 * x[-90:]
        with pytest.raises(DegenerateDataError, match="multiple of its benchmark") as caught:
            decoupling_verdict(y, x)
        check_error(caught)

    def test_a_benchmark_that_almost_never_moves(self):
        generator = np.random.default_rng(1)
        y, x = 0.02 * generator.standard_normal(300), np.zeros(300)
        x[[5, 90, 222, 226, 293, 297]] = 0.01, -0.02, 0.02, -0.01, 0.015, 0.01
        with pytest.raises(DegenerateDataError, match="too many resampled") as caught:
            decoupling_verdict(y, x, recent=20)
        check_error(caught, parameter="asset_returns")
