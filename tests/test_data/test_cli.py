"""The command line: what it says, what it returns, and that it never falls over."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data import cli
from data.cli import main
from data.cli_options import printable
from data.environment import STORE_VARIABLE
from data.errors import ChangeInputError, NoNetworkError
from data.files import FolderSource
from data.series import PagedSource
from data.store import AnswerKey, open_store
from tests.fakes.paged_source import FakePages, funding_rows, key_of, price_rows
from tests.test_data.store_examples import flip, manifest, parts

ROOT = Path(__file__).parents[2]
NOW = pd.Timestamp("2020-08-28 12:00", tz="UTC")
SOL = "SOL/USDT:USDT"
Run = Callable[..., int]


@pytest.fixture
def source() -> FakePages:
    return FakePages({SOL: price_rows(240), "ETH": price_rows(240, symbol="ETH")}, page_rows=100)


@pytest.fixture
def run(tmp_path: Path, source: FakePages) -> Run:
    def named(name: str) -> PagedSource:
        if name != "fake":
            raise ChangeInputError("no", parameter="source", value=name, allowed="fake", remedy="Choose it.")
        return source

    def run_command(*arguments: str) -> int:
        return main(arguments, store=open_store(str(tmp_path / "store")), source=named, now=NOW)

    return run_command


def test_fetch_list_check_export(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fetch", "--source", "fake", SOL, "ETH") == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "fake SOL/USDT:USDT daily prices: 240 new rows, 240 stored up to 2020-08-27 00:00 UTC",
        "fake ETH daily prices: 240 new rows, 240 stored up to 2020-08-27 00:00 UTC",
    ]
    assert said.err == ""

    assert run("list") == 0
    head, eth, sol = capsys.readouterr().out.splitlines()
    assert head.split() == ["series", "rows", "from", "to", "missing", "fetched", "size", "state"]
    assert eth.startswith("fake ETH daily prices")
    assert sol.split()[4:8] == ["240", "2020-01-01", "00:00", "2020-08-27"]
    assert sol.endswith("good")

    assert run("check") == 0
    assert capsys.readouterr().out == "fake ETH daily prices: good\nfake SOL/USDT:USDT daily prices: good\n"

    target = tmp_path / "sol.csv"
    assert run("export", SOL, "--to", str(target)) == 0
    assert capsys.readouterr().out == f"fake SOL/USDT:USDT daily prices: 240 rows written to {target}\n"
    table = pd.read_csv(target, float_precision="round_trip")
    assert list(table.columns) == ["time_utc", "open", "high", "low", "close", "volume", "source", "symbol"]
    assert table["close"].tolist() == price_rows(240)["close"].tolist()
    assert table["time_utc"].iloc[0] == "2020-01-01T00:00:00Z"
    assert list(tmp_path.glob("*.tmp")) == []


def test_exports_are_read_by_the_program_itself(run: Run, tmp_path: Path) -> None:
    run("fetch", "--source", "fake", "ETH")
    for suffix in ("csv", "parquet"):
        folder = tmp_path / suffix
        folder.mkdir()
        assert run("export", "ETH", "--to", str(folder / f"eth.{suffix}")) == 0
        history = FolderSource(folder).fetch("ETH", interval="daily", now=NOW)
        assert history.prices.tolist() == price_rows(240, symbol="ETH")["close"].tolist()
        assert history.prices.index.tolist() == price_rows(240).index.tolist()


def test_funding_comes_with_the_prices_and_is_exported_by_name(
    run: Run, source: FakePages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Both(FakePages):
        def pages(self, key: Any, *, start: Any, now: Any) -> Any:
            self.rows = {SOL: funding_rows(90) if key.interval is None else price_rows(240)}
            return super().pages(key, start=start, now=now)

    both = Both({})
    store = open_store(str(tmp_path / "both"))
    arguments = ["fetch", "--source", "fake", "--funding", SOL]
    assert main(arguments, store=store, source=lambda _: both, now=NOW) == 0
    assert [info.key for info in store.list()] == [key_of(SOL, None), key_of(SOL)]
    target = tmp_path / "funding.csv"
    assert main(["export", SOL, "--funding", "--to", str(target)], store=store, now=NOW) == 0
    assert (
        pd.read_csv(target, float_precision="round_trip")["rate"].tolist()
        == funding_rows(90)["rate"].tolist()
    )
    assert "fake SOL/USDT:USDT funding: 90 new rows" in capsys.readouterr().out


def test_a_complete_series_is_not_asked_for_again_before_a_bar_can_have_ended(
    run: Run, source: FakePages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source.rows["ETH"] = price_rows(239)
    assert source.rows[SOL].index[-1] + pd.Timedelta(days=2) > NOW  # the next bar is still open
    assert run("fetch", "--source", "fake", SOL, "ETH") == 0
    source.asked.clear()
    capsys.readouterr()
    assert run("fetch", "--source", "fake", SOL, "ETH") == 0
    assert [symbol for symbol, _ in source.asked] == ["ETH"]  # a day of it may have come late
    assert capsys.readouterr().out.splitlines()[0] == (
        "fake SOL/USDT:USDT daily prices: up to date, 240 stored up to 2020-08-27 00:00 UTC"
    )
    for options in (["--since", "2019-12-01"], ["--anew"]):
        source.asked.clear()
        assert run("fetch", "--source", "fake", *options, SOL) == 0
        assert len(source.asked) == 1
    flip(parts(tmp_path / "store")[0])
    source.asked.clear()
    assert run("fetch", "--source", "fake", SOL) == 0
    assert len(source.asked) == 1


def test_since_and_deadline(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fetch", "--source", "fake", "--since", "2020-08-01", "--deadline", "60", "ETH") == 0
    assert "27 new rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "1.8.2020"], "'1.8.2020' is not a day written YYYY-MM-DD"),
        (["--since", "1500-01-01"], "'1500-01-01' is not a day"),
        (["--deadline", "0"], "'0' is not a number of seconds above 0"),
        (["--deadline", "soon"], "'soon' is not a number of seconds"),
        (["--deadline", "nan"], "'nan' is not a number of seconds"),
        (["--interval", "weekly"], "invalid choice: 'weekly'"),
    ],
)
def test_wrong_options_are_said(
    run: Run, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run("fetch", "--source", "fake", *arguments, "ETH")
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_symbol_that_fails_does_not_stop_the_others(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fetch", "--source", "fake", "NONE", SOL) == 1
    said = capsys.readouterr()
    assert "SOL/USDT:USDT daily prices: 240 new rows" in said.out
    assert said.err == (
        "fake NONE daily prices: Fake does not know NONE (allowed: SOL/USDT:USDT, ETH). "
        "Choose one of these.\n"
    )


def test_a_source_that_fails_in_the_middle(
    run: Run, source: FakePages, capsys: pytest.CaptureFixture[str]
) -> None:
    error = NoNetworkError(
        "the exchange cannot be reached", parameter="", value="", allowed="x", remedy="Try again later."
    )
    source.failure = (2, error)
    assert run("fetch", "--source", "fake", SOL) == 1
    said = capsys.readouterr()
    assert "200 new rows, 200 stored up to 2020-07-18" in said.out
    assert "The exchange cannot be reached. Try again later." in said.err
    run("list")
    assert "download not complete" in capsys.readouterr().out
    assert run("check") == 1
    assert "the last download was not complete; fetch again to go on" in capsys.readouterr().out


def test_an_unknown_source_or_an_unusable_symbol_is_one_sentence(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("fetch", "--source", "nowhere", SOL) == 1
    assert capsys.readouterr().err == "No (allowed: fake). Choose it.\n"
    store = open_store(str(tmp_path / "other"))
    for name in ("No Such Place", "../../etc"):
        assert main(["fetch", "--source", name, "X"], store=store, now=NOW) == 1
        assert "There is no source" in capsys.readouterr().err
    assert main(["fetch", "--source", "yahoo", "../etc"], store=store, source=lambda _: FakePages({})) == 1
    assert "cannot be a ticker" in capsys.readouterr().err
    assert store.list() == ()


def test_a_ticker_of_yahoo_is_one_series_however_it_is_typed(tmp_path: Path) -> None:
    store, pages = open_store(str(tmp_path)), FakePages({"BTC-USD": price_rows(10)})
    for typed in ("btc-usd", " BTC-USD "):
        assert main(["fetch", "--source", "yahoo", typed], store=store, source=lambda _: pages, now=NOW) == 0
    assert [info.key.symbol for info in store.list() if info.key] == ["BTC-USD"]


def test_what_the_source_takes_back_is_said_until_it_is_fetched_anew(
    run: Run, source: FakePages, capsys: pytest.CaptureFixture[str]
) -> None:
    source.rows[SOL] = price_rows(239)
    run("fetch", "--source", "fake", SOL)
    changed = price_rows(240)
    changed.iloc[237, 3] *= 1.5
    source.rows[SOL] = changed
    assert run("fetch", "--source", "fake", SOL) == 1
    assert "1 stored number is not what the source gives now, first the close of 2020-08-25 00:00 UTC" in (
        capsys.readouterr().err
    )
    assert run("check", SOL) == 1
    assert "1 number contradicted by the source; fetch with --anew" in capsys.readouterr().out
    assert run("list") == 0
    assert "1 number contradicted by the source" in capsys.readouterr().out
    source.rows[SOL] = price_rows(240)
    assert run("fetch", "--source", "fake", "--anew", SOL) == 0
    assert run("check", SOL) == 0


def test_check_finds_damage_gaps_spikes_and_age(
    run: Run, source: FakePages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = price_rows(240).drop(price_rows(240).index[[50, 51, 52]])
    rows.iloc[100, :4] *= 3
    rows.iloc[150:, :4] *= 4
    source.rows = {SOL: rows, "ETH": price_rows(200), "OLD": price_rows(240)}
    run("fetch", "--source", "fake", SOL, "ETH", "OLD")
    flip(parts(tmp_path / "store", key_of("OLD"))[0])
    capsys.readouterr()
    assert run("check") == 1
    eth, old, sol, look = capsys.readouterr().out.splitlines()
    assert eth == "fake ETH daily prices: stale: the last bar ended 40 days ago"
    assert old.startswith("fake OLD daily prices: What is stored of OLD is damaged: 000001-")
    assert "3 bars missing in 1 gap, the longest between 2020-02-19 and 2020-02-23" in sol
    assert "1 price that jumped and came back with the next bar: 2020-04-13" in sol
    assert look == "  to look at: 1 move of more than 20 usual ones: 2020-06-02"
    assert run("check", "ETH", "NONE") == 1
    said = capsys.readouterr()
    assert said.err == "Nothing is stored of NONE.\n"
    assert len(said.out.splitlines()) == 1


def test_a_series_that_cannot_be_read_at_all_is_listed(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("fetch", "--source", "fake", SOL)
    for path in (*parts(tmp_path / "store"), manifest(tmp_path / "store")):
        flip(path)
    assert run("list") == 0
    assert "damaged: " in capsys.readouterr().out
    assert run("check") == 1
    assert "has changed on the disk" in capsys.readouterr().out


def test_export_refuses_and_says_why(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("fetch", "--source", "fake", SOL, "ETH")
    run("fetch", "--source", "fake", "--interval", "hourly", "ETH")
    capsys.readouterr()
    target = tmp_path / "x.csv"
    assert run("export", "NONE", "--to", str(target)) == 1
    assert "Nothing like this is stored of NONE" in capsys.readouterr().err
    assert run("export", "ETH", "--to", str(target)) == 1
    assert "fake ETH daily prices, fake ETH hourly prices" in capsys.readouterr().err
    assert run("export", "ETH", "--interval", "daily", "--to", str(target)) == 0
    before = target.read_bytes()
    assert run("export", SOL, "--to", str(target)) == 1
    assert "is there already" in capsys.readouterr().err
    assert target.read_bytes() == before
    assert run("export", SOL, "--to", str(target), "--overwrite") == 0
    assert target.read_bytes() != before
    assert run("export", SOL, "--to", str(tmp_path / "x.xlsx")) == 1
    assert "'.xlsx' cannot be written" in capsys.readouterr().err
    assert run("export", SOL, "--to", str(tmp_path / "none" / "x.csv")) == 1
    assert "cannot be written: No such file or directory" in capsys.readouterr().err


def test_a_damaged_series_is_exported_only_on_request(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("fetch", "--source", "fake", SOL)
    flip(parts(tmp_path / "store")[0])
    target = tmp_path / "x.csv"
    assert run("export", SOL, "--to", str(target)) == 1
    assert not target.exists()
    assert run("export", SOL, "--to", str(target), "--despite-damage") == 1
    assert "Not in the file: 000001-" in capsys.readouterr().err
    assert len(pd.read_csv(target)) == 140


HOSTILE = ["=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "\x1b]0;pwned\x07", "a\x00b"]


@pytest.mark.fault(
    "store: symbols that are formulas or commands of a terminal, listed and exported to CSV",
    saw="the symbol as text, behind an apostrophe in the file",
    lost="nothing",
)
def test_hostile_symbols_run_nowhere(run: Run, source: FakePages, tmp_path: Path, capsys: Any) -> None:
    source.rows = {symbol: price_rows(240) for symbol in HOSTILE}
    assert run("fetch", "--source", "fake", *HOSTILE) == 0
    assert run("list") == 0
    assert run("check") == 0
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert "\x00" not in said.out + said.err
    for number, symbol in enumerate(HOSTILE):
        target = tmp_path / f"{number}.csv"
        assert run("export", symbol, "--to", str(target)) == 0
        cells = [line.rsplit(",", 1)[1] for line in target.read_text(encoding="utf-8").splitlines()[1:]]
        assert not any(cell.strip('"').startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert {path.suffix for path in tmp_path.iterdir()} == {"", ".csv"}


def test_printable_text_is_left_alone() -> None:
    assert printable("SOL/USDT:USDT – Ω\n") == "SOL/USDT:USDT – Ω\n"
    assert printable("a\x1b[31m\x07\u202e") == "a?[31m??"


def test_progress_is_written_over_on_a_terminal_and_absent_in_a_log(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, log = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    run("fetch", "--source", "fake", SOL)
    assert (
        "\r\x1b[2Kfake SOL/USDT:USDT daily prices: 200 rows, up to 2020-07-18 00:00\r" in terminal.getvalue()
    )
    monkeypatch.setattr(sys, "stderr", log)
    run("fetch", "--source", "fake", "ETH")
    assert log.getvalue() == ""


def test_interrupting_keeps_what_came(
    run: Run, source: FakePages, capsys: pytest.CaptureFixture[str]
) -> None:
    source.failure = (1, KeyboardInterrupt())  # type: ignore[assignment]
    assert run("fetch", "--source", "fake", SOL) == 130
    assert "Stopped. What came is stored" in capsys.readouterr().err
    source.failure = None
    assert run("fetch", "--source", "fake", SOL) == 0
    assert "140 new rows" in capsys.readouterr().out


def test_an_empty_store_says_how_to_fill_it(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    assert "Nothing is stored in" in capsys.readouterr().out
    assert run("check") == 0


def module(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "data", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_module_itself_runs(tmp_path: Path) -> None:
    done = module("list", **{STORE_VARIABLE: str(tmp_path / "here")})
    assert (done.returncode, done.stderr) == (0, "")
    assert str(tmp_path / "here") in done.stdout
    done = module("list", **{STORE_VARIABLE: "nosuch://user:secret@host/path"})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "The store cannot be reached" in done.stderr
    assert "The store lies in nosuch://host/path." in done.stderr
    assert "secret" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", [[], ["fetch"], ["list"], ["check"], ["export"]])
def test_every_command_has_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    assert "python -m data" in capsys.readouterr().out


def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    """``python -m data list | head -0``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "data", "list"],
        cwd=ROOT,
        env={**os.environ, STORE_VARIABLE: str(tmp_path / "x"), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == ""
    assert process.wait(timeout=60) in (0, cli.STOPPED)


def test_list_shows_kept_contract_terms(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store(str(tmp_path / "store"))
    store.answers.write(AnswerKey("terms", "bybit", "BTC\x1b[2J"), {}, now=NOW)
    store.answers.write(AnswerKey("terms", "okx", "BTC-USDT-SWAP"), {}, now=NOW)
    flip(next((tmp_path / "store" / "answers").glob("terms-okx-*")))
    assert run("list") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith("bybit BTC?[2J contract terms")
    assert "2020-08-28 12:00" in said[1]
    assert said[1].endswith("good")
    assert "damaged: what is kept of the terms is damaged" in said[2]
