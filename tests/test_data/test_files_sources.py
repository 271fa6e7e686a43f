"""Folders and uploaded files as sources: what is listed, read and never touched."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pandas as pd
import pytest

from data.errors import (
    ChangeInputError,
    ConflictingRowsError,
    DataError,
    FileFormatError,
    TooLargeError,
    UnknownSymbolError,
)
from data.files import FileSource, FolderSource, ReadOptions, UploadedFiles, limits
from data.sources import PriceSource

NOW = pd.Timestamp("2026-06-15", tz="UTC")


def table(freq: str = "D", rows: int = 3, first: float = 1.0, columns: str = "close") -> bytes:
    stamps = pd.date_range("2024-01-01", periods=rows, freq=freq, tz="UTC")
    lines = [
        f"{stamp.isoformat()}," + ",".join(str(first + i) for _ in columns.split(","))
        for i, stamp in enumerate(stamps)
    ]
    return "\n".join([f"time,{columns}", *lines, ""]).encode()


FILES = {
    "BTC.csv": table(),
    "BTC_1h.csv": table("h", first=10),
    "wide.csv": table(columns="ETH,SOL"),
    "XRP.txt": table(first=5),
}


@pytest.fixture(params=["folder", "upload"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> FileSource:
    return make(request.param, FILES, tmp_path)


def make(kind: str, files: dict[str, bytes], folder: Path, options: ReadOptions | None = None) -> FileSource:
    chosen = options or ReadOptions()
    if kind == "upload":
        return UploadedFiles(files, options=chosen)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return FolderSource(folder, options=chosen)


def test_symbols_intervals_and_prices(source: FileSource) -> None:
    assert isinstance(source, PriceSource)
    assert source.symbols() == ("BTC", "ETH", "SOL", "XRP")
    assert not source.accepts_any_symbol
    assert source.problems() == ()
    assert source.intervals("BTC") == ("daily", "hourly")
    assert source.intervals("SOL") == ("daily",)
    daily = source.fetch("BTC", interval="daily", now=NOW)
    hourly = source.fetch("BTC", interval="hourly", now=NOW)
    assert daily.prices.tolist() == [1.0, 2.0, 3.0]
    assert hourly.prices.tolist() == [10.0, 11.0, 12.0]
    assert (daily.symbol, daily.interval, hourly.interval) == ("BTC", "daily", "hourly")
    assert daily.source == source.name
    assert source.fetch("SOL", interval="daily", now=NOW).prices.tolist() == [1.0, 2.0, 3.0]
    assert source.columns("BTC") == ("close",)
    assert source.columns("SOL") == ("ETH", "SOL")


def test_names(tmp_path: Path) -> None:
    folder = tmp_path / "my prices"
    assert FolderSource(folder).name == "Files in my prices"
    assert FolderSource(str(folder)).name == "Files in my prices"
    assert UploadedFiles({}).name == "Uploaded files"
    assert UploadedFiles({}).symbols() == ()


@pytest.mark.parametrize(
    "symbol", ["../../etc/passwd", "BTC.csv", "", "wide", "/etc/passwd", "BTC\0", "x" * 9_999, "."]
)
def test_a_symbol_that_is_not_listed_is_unknown(source: FileSource, symbol: str) -> None:
    for call in (source.intervals, source.columns, lambda s: source.fetch(s, interval="daily", now=NOW)):
        with pytest.raises(UnknownSymbolError, match=r"has no symbol") as caught:
            call(symbol)
        assert len(str(caught.value)) < 250


def test_other_interval_is_refused_with_what_there_is(source: FileSource) -> None:
    with pytest.raises(
        ChangeInputError, match=r"has 'XRP' in daily bars, not in hourly bars; allowed: daily"
    ):
        source.fetch("XRP", interval="hourly", now=NOW)


@pytest.mark.parametrize("kind", ["folder", "upload"])
@pytest.mark.parametrize("other", ["BTC_1d.csv", "BTC (1).csv", "BTC.txt", "wide.csv"])
def test_two_files_of_one_symbol_and_interval_are_never_merged(kind: str, other: str, tmp_path: Path) -> None:
    content = table(first=2, columns="BTC,ETH") if other == "wide.csv" else table(first=2)
    both = make(kind, {"BTC.csv": table(), other: content}, tmp_path)
    with pytest.raises(
        ConflictingRowsError, match=r"the files '.*' and '.*' both have daily prices of 'BTC'"
    ):
        both.fetch("BTC", interval="daily", now=NOW)


@pytest.mark.parametrize("kind", ["folder", "upload"])
def test_long_file_lists_the_symbols_in_it(kind: str, tmp_path: Path) -> None:
    days = ("2024-01-01", "2024-01-02")
    text = "date,symbol,close\n" + "".join(f"{d},A/USDT,{i}\n{d},B,{i + 5}\n" for i, d in enumerate(days, 1))
    source = make(kind, {"all of them.csv": text.encode()}, tmp_path)
    assert source.symbols() == ("A/USDT", "B")
    assert source.fetch("A/USDT", interval="daily", now=NOW).prices.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("kind", ["folder", "upload"])
def test_columnar_files_are_listed_and_read(kind: str, tmp_path: Path) -> None:
    stamps = pd.date_range("2024-01-01", periods=3, freq="h", tz="UTC")
    frame = pd.DataFrame({"date": stamps, "close": [1.0, 2.0, 3.0]})
    parquet, feather = io.BytesIO(), io.BytesIO()
    frame.to_parquet(parquet)
    frame.rename(columns={"close": "ETH"}).to_feather(feather)
    source = make(kind, {"BTC.parquet": parquet.getvalue(), "w.feather": feather.getvalue()}, tmp_path)
    assert source.symbols() == ("BTC", "ETH")
    assert source.intervals("ETH") == ("hourly",)
    assert source.fetch("BTC", interval="hourly", now=NOW).prices.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("kind", ["folder", "upload"])
def test_bad_files_do_not_hide_the_good_ones(kind: str, tmp_path: Path) -> None:
    files = {
        "BTC.csv": table(),
        "EMPTY.csv": b"",
        "FTT.csv": table("min", rows=20),
        "NOTES.csv": b"date,open\n2024-01-01,5\n",
        "FAKE.parquet": b"not parquet",
        "<img>.csv": table(),
        "book.xlsx": b"PK\x03\x04",
    }
    source = make(kind, files, tmp_path)
    assert source.symbols() == ("BTC", "EMPTY", "FAKE", "FTT", "NOTES")
    assert source.fetch("BTC", interval="daily", now=NOW).prices.tolist() == [1.0, 2.0, 3.0]
    for symbol, message in (
        ("EMPTY", "is empty"),
        ("FTT", "usually 1 minute apart"),
        ("NOTES", "no column of prices"),
        ("FAKE", "cannot be read as a Parquet"),
    ):
        with pytest.raises(FileFormatError, match=message):
            source.intervals(symbol)
        with pytest.raises(FileFormatError, match=message):
            source.fetch(symbol, interval="daily", now=NOW)
    assert source.columns("NOTES") == ("open",)
    first, second = source.problems()
    assert first.startswith("the file name '<img>' cannot be used as a symbol")
    assert second.startswith("the file 'book.xlsx' is a spreadsheet")


@pytest.mark.parametrize("kind", ["folder", "upload"])
def test_options_reach_every_file(kind: str, tmp_path: Path) -> None:
    files = {"BTC.csv": b"date,close,mid\n01/02/2024,1,2\n02/02/2024,3,4\n", "ETH.csv": table()}
    source = make(kind, files, tmp_path, ReadOptions(price_column="mid", date_order="day_first"))
    history = source.fetch("BTC", interval="daily", now=NOW)
    assert history.prices.tolist() == [2.0, 4.0]
    assert history.prices.index[0] == pd.Timestamp("2024-02-01", tz="UTC")
    with pytest.raises(FileFormatError, match=r"has no column named 'mid'; allowed: one of 'close'"):
        source.fetch("ETH", interval="daily", now=NOW)


def test_uploaded_file_of_unknown_kind_is_told_and_not_ignored() -> None:
    source = UploadedFiles({"prices.json": b"{}"})
    assert source.symbols() == ("prices",)
    with pytest.raises(FileFormatError, match=r"has the ending '.json'"):
        source.intervals("prices")


def test_replaced_upload_is_read_again() -> None:
    files = {"BTC.csv": table()}
    source = UploadedFiles(files)
    assert source.fetch("BTC", interval="daily", now=NOW).prices.tolist() == [1.0, 2.0, 3.0]
    files["BTC.csv"] = table(first=4)
    assert source.fetch("BTC", interval="daily", now=NOW).prices.tolist() == [4.0, 5.0, 6.0]


def test_changed_file_is_read_again(tmp_path: Path) -> None:
    source = make("folder", {"BTC.csv": table()}, tmp_path)
    assert source.fetch("BTC", interval="daily", now=NOW).prices.tolist() == [1.0, 2.0, 3.0]
    (tmp_path / "BTC.csv").write_bytes(table(columns="A,B"))
    assert source.symbols() == ("A", "B")


def test_constructor_does_not_look_at_the_folder(tmp_path: Path) -> None:
    source = FolderSource(tmp_path / "later")
    with pytest.raises(DataError, match=r"the folder 'later' does not exist"):
        source.symbols()
    (tmp_path / "later").mkdir()
    assert source.symbols() == ()


def test_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "BTC.csv").write_bytes(table())
    with pytest.raises(ChangeInputError, match=r"the folder 'BTC.csv' is not a folder"):
        FolderSource(tmp_path / "BTC.csv").symbols()
    with pytest.raises(ChangeInputError, match=r"cannot be read"):
        FolderSource(f"{tmp_path}\0x").symbols()
    with pytest.raises(ChangeInputError, match=r"the folder .* cannot be read|does not exist"):
        FolderSource("x" * 5_000).symbols()


@pytest.mark.fault(
    "folder: a folder or file that may not be read",
    saw="the file 'BTC.csv' may not be read by this program",
    lost="nothing",
)
def test_unreadable_folder_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make("folder", {"BTC.csv": table()}, tmp_path)

    def refused(*_: object, **__: object) -> int:
        raise PermissionError("no")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refused)
        assert source.symbols() == ("BTC",)
        with pytest.raises(FileFormatError, match=r"the file 'BTC.csv' may not be read by this program"):
            source.intervals("BTC")
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refused)
        with pytest.raises(ChangeInputError, match=r"may not be read by this program"):
            source.symbols()


@pytest.mark.fault(
    "folder: links that lead out of the folder, pipes, folders named like files",
    saw="the files that are files; nothing else is read",
    lost="nothing",
)
def test_links_sub_folders_hidden_and_other_files_are_left_alone(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "out"
    (folder / "SUB.csv").mkdir(parents=True)
    (folder / "SUB.csv" / "DEEP.csv").write_bytes(table())
    outside.mkdir()
    (outside / "SECRET.csv").write_bytes(table())
    (folder / "LINK.csv").symlink_to(outside / "SECRET.csv")
    (folder / "LINKED").symlink_to(outside)
    os.mkfifo(folder / "PIPE.csv")
    for name in (".hidden.csv", "~$BTC.csv", "readme.md", "run.py", "data.json", "frame.pkl"):
        (folder / name).write_bytes(table())
    (folder / "BTC.csv").write_bytes(table())
    source = FolderSource(folder)
    assert source.symbols() == ("BTC",)
    assert source.problems() == ()


@pytest.mark.fault(
    "folder: a file becomes a link or a pipe after it was listed",
    saw="the file 'BTC.csv' cannot be read",
    lost="nothing",
)
def test_file_replaced_by_a_link_or_a_pipe_after_listing_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "SECRET.csv").write_bytes(table(first=99))
    source = make("folder", {"BTC.csv": table()}, folder)
    (entry,) = source.entries()
    (folder / "BTC.csv").unlink()
    (folder / "BTC.csv").symlink_to(tmp_path / "SECRET.csv")
    with pytest.raises(FileFormatError, match=r"the file 'BTC.csv' cannot be read"):
        source.content(entry)
    (folder / "BTC.csv").unlink()
    os.mkfifo(folder / "BTC.csv")
    with pytest.raises(FileFormatError, match=r"the file 'BTC.csv' cannot be read"):
        source.content(entry)
    (folder / "BTC.csv").unlink()
    with pytest.raises(FileFormatError, match=r"the file 'BTC.csv' does not exist"):
        source.content(entry)


@pytest.mark.parametrize("kind", ["folder", "upload"])
def test_only_the_beginning_is_read_for_the_listing(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make(kind, FILES, tmp_path)
    asked: list[tuple[str, int | None]] = []
    real = type(source).content

    def counted(self: FileSource, entry: object, limit: int | None = None) -> bytes:
        asked.append((entry.name, limit))
        return real(self, entry, limit)

    monkeypatch.setattr(type(source), "content", counted)
    source.symbols()
    assert [name for name, _ in asked] == sorted(FILES)
    assert all(limit is not None for _, limit in asked)
    asked.clear()
    source.symbols()
    source.fetch("XRP", interval="daily", now=NOW)
    source.intervals("XRP")
    assert asked == [("XRP.txt", None)]


def test_too_many_files_and_too_large_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make("folder", FILES, tmp_path)
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 20)
    with pytest.raises(TooLargeError, match=r"at most 0 MiB"):
        source.fetch("XRP", interval="daily", now=NOW)
    with pytest.raises(TooLargeError, match=r"at most 0 MiB"):
        UploadedFiles(FILES).fetch("XRP", interval="daily", now=NOW)
    monkeypatch.setattr("data.files.folder.MAX_FILES", 3)
    with pytest.raises(TooLargeError, match=r"has 4 files; allowed: at most 3 files"):
        source.symbols()
