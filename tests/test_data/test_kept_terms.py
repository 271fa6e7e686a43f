"""Terms of contracts outlive the connection: kept whole, checked on every read, told when damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import DamagedSeriesError, DataError, StoreFormatError, TooLargeError, UnwritableStoreError
from data.exchanges import USUAL_EXCHANGES
from data.kept_terms import ExchangeTerms, ask_terms, kept_terms
from data.store import AnswerKey, Store, answers, open_store
from data.store.envelope import sealed
from tests.fakes.exchange_server import ExchangeServer, Fault
from tests.test_data.exchange_examples import NOW, exchange_of
from tests.test_data.store_examples import flip, ordinary_user

SYMBOLS = {"binance": "BTCUSDT", "bybit": "BTCUSDT", "okx": "BTC-USDT-SWAP"}
Saw = Callable[[object], None]


def asked(store: Store, exchange_id: str = "bybit", *, now: pd.Timestamp = NOW) -> ExchangeTerms:
    return ask_terms(exchange_of(exchange_id), SYMBOLS[exchange_id], price_usd=1e5, store=store, now=now)


def kept_file(folder: Path) -> Path:
    return next((folder / "answers").glob("terms-*.json"))


def rewritten(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """The file as somebody who knows its checksum would write it."""
    content = json.loads(path.read_bytes())["content"]
    change(content)
    path.write_bytes(sealed(content))


@pytest.mark.fault(
    "exchange: contract terms asked for, then out of reach",
    saw="the terms kept from the last time, with their day",
    lost="nothing",
)
@pytest.mark.parametrize("exchange_id", USUAL_EXCHANGES)
def test_terms_are_there_again_without_the_exchange(
    exchanges: ExchangeServer, tmp_path: Path, exchange_id: str
) -> None:
    said = asked(open_store(str(tmp_path)), exchange_id)
    found = kept_terms(open_store(str(tmp_path)), exchange_id, SYMBOLS[exchange_id])
    assert found is not None
    assert (found.terms, found.fetched_at, found.not_kept) == (said.terms, NOW, None)
    if isinstance(said.tiers, DataError):
        assert exchange_id == "binance"
        assert isinstance(found.tiers, DataError)
        assert found.tiers.problem == said.tiers.problem
    else:
        assert found.tiers == said.tiers


def test_nothing_kept_is_none_and_writes_nothing(tmp_path: Path) -> None:
    assert kept_terms(open_store(str(tmp_path / "store")), "bybit", "BTCUSDT") is None
    assert not (tmp_path / "store").exists()


def test_the_newest_answer_takes_the_place_of_the_one_before(
    exchanges: ExchangeServer, tmp_path: Path
) -> None:
    store = open_store(str(tmp_path))
    asked(store)
    asked(store, now=NOW + pd.Timedelta(days=1))
    assert [info.fetched_at for info in store.answers.list("terms")] == [NOW + pd.Timedelta(days=1)]


@pytest.mark.fault(
    "store: kept contract terms are damaged",
    saw="what is kept of the terms of BTCUSDT… is damaged: …; allowed: files exactly as they were written. "
    "Ask for them again; the damaged file is set aside, not deleted.",
    lost="nothing: the exchange is asked again",
)
@pytest.mark.parametrize("at", [0, 40, None, -3])
def test_a_damaged_file_is_said_and_set_aside(
    exchanges: ExchangeServer, tmp_path: Path, saw: Saw, at: int | None
) -> None:
    store = open_store(str(tmp_path))
    said = asked(store)
    flip(kept_file(tmp_path), at)
    assert store.answers.list("terms")[0].damage is not None
    with pytest.raises(DamagedSeriesError) as caught:
        kept_terms(store, "bybit", "BTCUSDT")
    saw(caught.value)
    assert len(list((tmp_path / "answers" / "set-aside").iterdir())) == 1
    assert kept_terms(store, "bybit", "BTCUSDT") is None
    assert asked(store).not_kept is None
    again = kept_terms(store, "bybit", "BTCUSDT")
    assert again is not None
    assert again.terms == said.terms


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["answer"]["terms"].update(contract_size="0"),
        lambda content: content["answer"]["terms"].update(contract_size="NaN"),
        lambda content: content["answer"]["terms"].update(contract_size=1),
        lambda content: content["answer"]["terms"].update(quantity_step="1e-400"),
        lambda content: content["answer"]["terms"].update(taker_fee="0.5"),
        lambda content: content["answer"]["terms"].update(kind="sideways"),
        lambda content: content["answer"]["terms"].update(as_of="yesterday"),
        lambda content: content["answer"]["terms"].update(symbol="x" * 5_000),
        lambda content: content["answer"]["terms"].update(unverified_fields=["<script>"]),
        lambda content: content["answer"]["terms"].pop("multiplier"),
        lambda content: content["answer"]["tiers"]["tiers"]["rows"][0].__setitem__(2, 10**400),
        lambda content: content["answer"]["tiers"]["tiers"]["rows"][0].__setitem__(2, 1.5),
        lambda content: content["answer"]["tiers"]["tiers"].update(rows=[]),
        lambda content: content["answer"]["tiers"].update(status="perhaps"),
        lambda content: content.update(answer=None),
        lambda content: content.update(fetched_at="NaT"),
        lambda content: content.update(fetched_at=7),
        lambda content: content.update(key=["terms", "okx", "BTCUSDT"]),
        lambda content: content.update(key=["prices", "bybit", "BTCUSDT"]),
    ],
)
def test_terms_that_no_exchange_said_are_refused(
    exchanges: ExchangeServer, tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    """The checksum is right; the numbers still pass the checks of a contract or are not used."""
    store = open_store(str(tmp_path))
    asked(store)
    rewritten(kept_file(tmp_path), change)
    with pytest.raises(DamagedSeriesError):
        kept_terms(store, "bybit", "BTCUSDT")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.lists(st.integers(0, 30), min_size=1, max_size=6), value=json_values)
def test_any_file_gives_terms_or_a_named_error(
    tmp_path_factory: pytest.TempPathFactory, where: list[int], value: Any
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any-terms"
    store, key = open_store(str(folder)), AnswerKey("terms", "bybit", "BTCUSDT")
    plain: Any = json.loads(json.dumps(EXAMPLE))
    inside, last = plain, None
    for step in where:
        names = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        last = (inside, names[step % len(names)])
        following = inside[last[1]]
        if not isinstance(following, dict | list) or not following:
            break
        inside = following
    assert last is not None
    last[0][last[1]] = value
    store.answers.write(key, plain, now=NOW)
    try:
        found = kept_terms(store, "bybit", "BTCUSDT")
    except DataError:
        return
    assert found is not None
    assert found.terms.contract().contract_size > 0


EXAMPLE = {
    "terms": {
        "exchange": "Bybit", "symbol": "BTCUSDT", "coin": "BTC", "kind": "linear", "settlement": "USDT",
        "expiry": "perpetual", "multiplier": "1", "contract_size": "1", "quantity_step": "0.001",
        "minimum_quantity": "0.001", "minimum_notional_usd": "5", "price_step": "0.1",
        "funding_interval_hours": "8", "taker_fee": "0.00055", "maker_fee": "0.0002", "as_of": "2025-07-10",
        "provenance": "Bybit through ccxt", "status": "verified", "unverified_fields": ["taker_fee"],
    },
    "tiers": {
        "exchange": "Bybit", "symbol": "BTCUSDT", "coin": "BTC", "as_of": "2025-07-10",
        "tiers": {"unit": "usd", "rows": [[0, 2e6, 0.005, 0, 100], [2e6, None, 0.01, 1e4, 50]]},
        "provenance": "Bybit through ccxt", "status": "verified", "unverified_fields": [],
    },
    "no_tiers": None,
}  # fmt: skip


def test_the_example_is_good_and_an_open_end_is_endless(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    store.answers.write(AnswerKey("terms", "bybit", "BTCUSDT"), EXAMPLE, now=NOW)
    found = kept_terms(store, "bybit", "BTCUSDT")
    assert found is not None
    assert not isinstance(found.tiers, DataError)
    assert found.tiers.tiers.tiers[-1].cap == float("inf")


@pytest.mark.fault(
    "store: contract terms in a store that may only be read",
    saw="the exchange's answer, and that it is not kept: the store cannot be written: …",
    lost="nothing: what was kept before is shown",
)
def test_a_read_only_store_shows_and_does_not_keep(
    exchanges: ExchangeServer, tmp_path: Path, saw: Saw
) -> None:
    before = asked(open_store(str(tmp_path)))
    with ordinary_user(tmp_path) as folder:
        store = open_store(str(folder))
        said = asked(store, now=NOW + pd.Timedelta(days=1))
        assert isinstance(said.not_kept, UnwritableStoreError)
        saw(f"the exchange's answer, and that it is not kept: {said.not_kept.problem}")
        found = kept_terms(store, "bybit", "BTCUSDT")
    assert found is not None
    assert (found.terms, found.fetched_at) == (before.terms, NOW)


def test_tiers_that_fail_for_a_moment_stay_those_of_before(exchanges: ExchangeServer, tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    first = asked(store)
    exchanges.faults.append(Fault("server error", on="/risk-limit"))
    later = asked(store, now=NOW + pd.Timedelta(days=1))
    assert later.tiers == first.tiers
    assert later.terms == replace(first.terms, as_of=(NOW + pd.Timedelta(days=1)).date())


def test_a_newer_format_is_left_as_it_is(exchanges: ExchangeServer, tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    asked(store)
    path = kept_file(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("data.store.envelope.FORMAT", 2)
        path.write_bytes(sealed({"another": "shape"}))
    before = path.read_bytes()
    with pytest.raises(StoreFormatError, match="format 2, that of a newer version"):
        kept_terms(store, "bybit", "BTCUSDT")
    assert isinstance(asked(store).not_kept, StoreFormatError)
    assert path.read_bytes() == before


def test_the_number_and_the_length_of_answers_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST_ANSWERS", 3)
    monkeypatch.setattr(answers, "MOST_SET_ASIDE", 2)
    store = open_store(str(tmp_path))
    keys = [AnswerKey("terms", "bybit", name) for name in ("D", "C", "B", "A", "../../E")]
    for number, key in enumerate(keys):
        store.answers.write(key, number, now=NOW + pd.Timedelta(hours=number))
    kept = {info.key.subject for info in store.answers.list("terms") if info.key is not None}
    assert kept == {"B", "A", "../../E"}
    assert not (tmp_path.parent / "E").exists()
    with pytest.raises(TooLargeError):
        store.answers.write(keys[-1], "x" * answers.MOST_BYTES, now=NOW)
    assert store.answers.read(keys[-1]) is not None
    for _ in range(5):
        flip(tmp_path / "answers" / keys[-1].file)
        store.answers.write(keys[-1], 7, now=NOW)
    assert len(list((tmp_path / "answers" / "set-aside").iterdir())) == 2
    (tmp_path / "answers" / keys[-1].file).write_bytes(b" " * (answers.MOST_BYTES + 1))
    with pytest.raises(DamagedSeriesError):
        store.answers.read(keys[-1])
