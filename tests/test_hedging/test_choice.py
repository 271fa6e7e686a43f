"""The choice of a lookback: ties are called ties, a clear winner stands alone, false claims are rare."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from arch.bootstrap import MCS
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging.choice import compare_out_of_sample
from hedging.errors import DegenerateDataError, InputError, InsufficientDataError
from hedging.performance import hedging_effectiveness
from tests.test_hedging.examples import check_error, days
from tests.tolerances import FALSE_ALARMS_OF_60, SAME_FORMULA

NAMES = ["30 days", "60 days", "90 days", "120 days"]
SLOW = settings(max_examples=30, deadline=None, derandomize=True)


def pnl(seed, n=250, *, sixty=1.0):
    """Fat-tailed P&L in USD of four hedges that share most of it; that of 60 days times ``sixty``."""
    generator = np.random.default_rng(seed)
    values = generator.standard_t(4, n)[:, None] + 0.4 * generator.standard_t(4, (n, 4))
    values[:, 1] *= sixty
    return pd.DataFrame(100 * values, index=days(n), columns=NAMES)


class TestVerdicts:
    def test_equal_candidates_cannot_be_told_apart(self):
        found = compare_out_of_sample(pnl(1))
        assert not found.distinguishable
        assert set(found.confidence_set) == set(NAMES)
        assert found.verdict == (
            f"{found.best} left the least variance, but {found.confidence_set[1]}, {found.confidence_set[2]} "
            f"and {found.confidence_set[3]} cannot be told from it."
        )
        assert found.table.index[0] == found.best == found.confidence_set[0]

    def test_a_clear_winner_stands_alone(self):
        found = compare_out_of_sample(pnl(1, sixty=0.5))
        assert found.distinguishable
        assert found.best == "60 days"
        assert found.confidence_set == ("60 days",)
        assert found.verdict == (
            "60 days left the least variance, and no other candidate comes near it at 95% confidence."
        )
        assert found.table["in_confidence_set"].tolist() == [True, False, False, False]

    def test_one_that_cannot_be_told(self):
        table = pnl(1)[["30 days", "60 days"]].assign(none=lambda frame: 8 * frame["30 days"])
        found = compare_out_of_sample(table, loss="second_moment")
        best, other = found.confidence_set
        assert found.verdict == f"{best} left the smallest mean square, but {other} cannot be told from it."

    def test_no_hedge_may_be_best(self):
        table = pnl(1).assign(unhedged=lambda frame: 0.3 * frame["30 days"])
        found = compare_out_of_sample(table, unhedged="unhedged")
        assert found.best == "unhedged"
        assert (found.table["effectiveness"].iloc[1:] < 0).all()


def test_false_claims():
    chosen = [compare_out_of_sample(pnl(seed), replications=199, seed=seed) for seed in range(60)]
    assert np.mean([len(found.confidence_set) < 4 for found in chosen]) <= FALSE_ALARMS_OF_60
    assert sum(found.distinguishable for found in chosen) <= 1


def test_the_best_is_not_lost():
    kept = [
        "60 days" in compare_out_of_sample(pnl(seed, sixty=0.9), replications=199, seed=seed).confidence_set
        for seed in range(30)
    ]
    assert np.mean(kept) >= 0.9


class TestNumbers:
    def test_variance_and_effectiveness(self):
        table = pnl(2).assign(unhedged=lambda frame: 3 * frame["30 days"] + 50 * frame["90 days"].abs())
        found = compare_out_of_sample(table, unhedged="unhedged")
        assert list(found.table["variance"]) == sorted(found.table["variance"])
        for name in NAMES:
            row = found.table.loc[name]
            assert row["variance"] == pytest.approx(table[name].var(), rel=SAME_FORMULA)
            alone = hedging_effectiveness(table["unhedged"], table[name])
            assert row["effectiveness"] == pytest.approx(alone.effectiveness, rel=SAME_FORMULA)
        assert found.table.loc["unhedged", "effectiveness"] == 0.0
        assert "effectiveness" not in compare_out_of_sample(table).table

    def test_confidence_set_is_archs(self):
        table = pnl(3, sixty=0.85)
        found = compare_out_of_sample(table, block_length=5, replications=300, seed=11, confidence=0.9)
        mcs = MCS((table - table.mean()) ** 2, 0.1, 300, 5, "R", seed=11)
        mcs.compute()
        assert set(found.confidence_set) == set(mcs.included)
        for name in NAMES:
            assert found.table.loc[name, "mcs_p_value"] == mcs.pvalues.loc[name, "Pvalue"]
        assert found.block_length == 5

    def test_second_moment_counts_a_drain(self):
        table = pnl(4)[["30 days", "60 days"]]
        table["drain"] = table["30 days"] * 0.9 - 400
        assert compare_out_of_sample(table).best == "drain"
        assert compare_out_of_sample(table, loss="second_moment").best != "drain"

    def test_blocks_grow_with_dependence(self):
        generator = np.random.default_rng(5)
        regime = np.repeat(generator.uniform(0.2, 3.0, 20), 20)
        values = regime[:, None] * generator.standard_normal((400, 3))
        table = pd.DataFrame(values, columns=["a", "b", "c"])
        clustered = compare_out_of_sample(table, replications=99).block_length
        mixed = table.sample(frac=1.0, random_state=1).reset_index(drop=True)
        assert clustered > compare_out_of_sample(mixed, replications=99).block_length

    def test_the_same_seed_gives_the_same_answer(self):
        first, second = (compare_out_of_sample(pnl(6), reference="90 days", seed=3) for _ in range(2))
        pd.testing.assert_frame_equal(first.table, second.table)
        assert first.superiority_p_value == second.superiority_p_value


class TestReference:
    def test_beaten(self):
        found = compare_out_of_sample(pnl(1, sixty=0.5), reference="90 days")
        assert found.superiority_p_value < 0.05
        assert found.verdict.endswith(
            f"Of the others at least one beats 90 days (p {found.superiority_p_value:.3f})."
        )

    def test_not_beaten(self):
        found = compare_out_of_sample(pnl(1, sixty=0.5), reference="60 days")
        assert found.superiority_p_value > 0.5
        assert "none is shown to beat 60 days" in found.verdict

    def test_none_named(self):
        found = compare_out_of_sample(pnl(1))
        assert found.superiority_p_value is None
        assert found.reference is None

    def test_a_wild_candidate_does_not_hide_a_good_one(self):
        table = pnl(1, sixty=0.8)
        table["wild"] = 30 * np.random.default_rng(1).standard_t(3, len(table)) * table["30 days"].std()
        assert compare_out_of_sample(table, reference="90 days").superiority_p_value < 0.05


class TestOneStrategyUnderTwoNames:
    def test_share_their_place(self):
        table = pnl(7, sixty=0.5).assign(copy=lambda frame: frame["60 days"])
        found = compare_out_of_sample(table, reference="copy")
        assert set(found.confidence_set) == {"60 days", "copy"}
        assert not found.distinguishable
        assert found.superiority_p_value > 0.5

    def test_all_the_same(self):
        one = pnl(7)["30 days"]
        found = compare_out_of_sample(pd.DataFrame({"a": one, "b": one}), reference="a")
        assert found.confidence_set == ("a", "b")
        assert found.table["mcs_p_value"].tolist() == [1.0, 1.0]
        assert found.superiority_p_value == 1.0
        assert found.block_length == 1

    def test_perfect_hedges(self):
        table = pd.DataFrame(
            {"a": np.zeros(40), "b": np.zeros(40), "unhedged": np.r_[np.ones(20), np.zeros(20)]}
        )
        found = compare_out_of_sample(table, unhedged="unhedged", loss="second_moment")
        assert found.confidence_set[:2] == ("a", "b")


@SLOW
@given(seed=st.integers(0, 1000), scale=st.floats(1e-4, 1e4), order=st.permutations(NAMES))
def test_units_and_the_order_of_columns_change_nothing(seed, scale, order):
    table = pnl(seed, 60, sixty=0.8)
    plain = compare_out_of_sample(table, replications=99, reference="30 days")
    changed = compare_out_of_sample(scale * table[order], replications=99, reference="30 days")
    assert changed.confidence_set == plain.confidence_set
    assert changed.superiority_p_value == plain.superiority_p_value
    np.testing.assert_allclose(
        changed.table["mcs_p_value"].loc[NAMES], plain.table["mcs_p_value"].loc[NAMES], rtol=SAME_FORMULA
    )


class TestUnusable:
    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("loss", "mae"),
            ("confidence", 95),
            ("replications", 50),
            ("seed", -1),
            ("unhedged", "none"),
            ("reference", "45 days"),
            ("block_length", 0),
        ],
    )
    def test_options(self, option, value):
        with pytest.raises(InputError) as caught:
            compare_out_of_sample(pnl(1), **{option: value})
        check_error(caught, parameter=option, names=value)

    @pytest.mark.parametrize("names", [["a"], ["a", "a"], ["a", 2]])
    def test_columns(self, names):
        with pytest.raises(InputError) as caught:
            compare_out_of_sample(pd.DataFrame(np.ones((40, len(names))), columns=names))
        check_error(caught, parameter="pnl", names=names)

    def test_too_few(self):
        with pytest.raises(InsufficientDataError) as caught:
            compare_out_of_sample(pnl(1, 29))
        check_error(caught, names=29)

    def test_blocks_longer_than_the_history(self):
        with pytest.raises(InsufficientDataError) as caught:
            compare_out_of_sample(pnl(1, 40), block_length=41)
        check_error(caught, parameter="block_length")

    def test_missing_values(self):
        table = pnl(1)
        table.iloc[3, 2] = np.nan
        with pytest.raises(InputError) as caught:
            compare_out_of_sample(table)
        check_error(caught, parameter="pnl['90 days']", names="position 3")

    def test_time_must_run_forward(self):
        with pytest.raises(InputError) as caught:
            compare_out_of_sample(pnl(1).iloc[::-1])
        check_error(caught, parameter="pnl")

    def test_an_unhedged_that_stands_still(self):
        with pytest.raises(DegenerateDataError) as caught:
            compare_out_of_sample(pnl(1).assign(unhedged=0.0), unhedged="unhedged")
        check_error(caught, parameter="pnl['unhedged']")
