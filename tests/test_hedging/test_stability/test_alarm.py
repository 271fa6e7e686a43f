"""The alarm of a break rests on two tests, and CUSUM of squares never raises it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hedging import InsufficientDataError, break_alarm, cusum_of_squares, hansen_stability, sup_f_break
from hedging.stability import alarm as module
from tests.test_hedging.examples import check_error, days
from tests.test_hedging.test_stability.test_breaks import stepped
from tests.tolerances import FALSE_ALARMS_OF_60


def wandering(seed: int, n: int = 300):
    """A beta that goes up and comes back: no single date splits it."""
    generator = np.random.default_rng(seed)
    x, e = 0.03 * generator.standard_t(5, (2, n))
    return (1.2 + 0.9 * np.sin(np.linspace(0, 2 * np.pi, n))) * x + 0.5 * e, x


def test_it_is_the_three_tests():
    y, x = stepped(1)
    series = pd.Series(y, index=days(250)), pd.Series(x, index=days(250))
    found = break_alarm(*series)
    search = sup_f_break(*series, significance=0.01, replications=499)
    assert (found.search.statistic, found.search.p_value) == (search.statistic, search.p_value)
    assert found.hansen == hansen_stability(*series, significance=0.01)
    assert found.cusum.statistic == cusum_of_squares(*series, significance=0.01).statistic
    assert found.n_observations == 250


def test_a_step_is_found_with_its_date_and_betas():
    y, x = stepped(2)
    found = break_alarm(pd.Series(y, index=days(250)), pd.Series(x, index=days(250)))
    assert found.verdict == "broke"
    assert abs((found.search.break_at - days(250)[150]).days) <= 10
    said = found.reasons[0]
    assert f"{found.search.break_at:%Y-%m-%d}" in said
    assert f"{found.search.beta_before:.2f} before" in said


def test_a_beta_that_goes_and_comes_back_has_moved():
    verdicts = [break_alarm(*wandering(seed), replications=199).verdict for seed in range(10)]
    assert "quiet" not in verdicts


def test_false_alarms():
    raised = 0
    for seed in range(60):
        y, x = stepped(seed, n=120, beta=(1.3, 1.3))
        raised += break_alarm(y, x, replications=99).verdict != "quiet"
    assert raised / 60 <= FALSE_ALARMS_OF_60


@pytest.mark.parametrize("rejected", [True, False])
def test_cusum_never_decides(rejected, monkeypatch):
    y, x = stepped(3, beta=(1.3, 1.3))
    real = cusum_of_squares(y, x)
    monkeypatch.setattr(module, "cusum_of_squares", lambda *_, **__: replace(real, rejected=rejected))
    found = break_alarm(y, x)
    assert found.verdict == "quiet"
    assert ("leaves its band" in found.reasons[2]) == rejected
    assert ("volatility" if rejected else "no proof") in found.reasons[2]


def test_too_short():
    y, x = stepped(4, n=39)
    with pytest.raises(InsufficientDataError) as caught:
        break_alarm(y, x)
    check_error(caught)
