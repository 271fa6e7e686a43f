"""Commands and options of the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from data.environment import STORE_VARIABLE
from data.exporting import EXPORT_SUFFIXES
from data.registry import SOURCE_NAMES


def option_parser() -> argparse.ArgumentParser:
    """Parser of the whole command line; what it gives names its command in ``command``."""
    parser = argparse.ArgumentParser(
        prog="python -m data",
        description="Fetch prices and funding into the store, and look after what is there.",
        epilog=f"The store lies in your data folder; {STORE_VARIABLE} names another folder or an address.",
    )
    commands = parser.add_subparsers(required=True, dest="command", metavar="fetch|list|check|export")

    fetch = commands.add_parser("fetch", help="store what a source has and the store has not")
    names = ", ".join(SOURCE_NAMES)
    fetch.add_argument("--source", required=True, help=f"{names}, or another exchange that ccxt knows")
    fetch.add_argument("--interval", choices=("daily", "hourly"), default="daily", help="default: daily")
    fetch.add_argument("--funding", action="store_true", help="the history of funding rates as well")
    fetch.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help="first day wanted (default: all)")
    fetch.add_argument(
        "--anew",
        action="store_true",
        help="download from scratch; takes the place of what is stored once it is complete",
    )
    fetch.add_argument(
        "--deadline", type=_seconds, metavar="SECONDS", help="longest time for each series (default: none)"
    )
    fetch.add_argument("symbols", nargs="+", metavar="SYMBOL", help="as the source spells it")

    commands.add_parser("list", help="what is stored")

    check = commands.add_parser(
        "check", help="checksums, gaps, repeated rows, outliers, age; exit code 1 when something is wrong"
    )
    check.add_argument("symbols", nargs="*", metavar="SYMBOL", help="default: everything stored")

    export = commands.add_parser("export", help="write one series to a file")
    export.add_argument("symbol", metavar="SYMBOL")
    export.add_argument("--to", required=True, type=Path, metavar="FILE", help=" or ".join(EXPORT_SUFFIXES))
    export.add_argument("--source", help="where the symbol is stored from several sources")
    export.add_argument("--interval", choices=("daily", "hourly"), help="where both are stored")
    export.add_argument("--funding", action="store_true", help="funding rates in place of prices")
    export.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    export.add_argument(
        "--despite-damage", action="store_true", help="what can still be read of a damaged series"
    )
    return parser


def printable(text: str) -> str:
    """Text without what a terminal would take for a command; symbols come from strangers."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in text)


def _day(text: str) -> pd.Timestamp:
    try:
        return pd.Timestamp(pd.to_datetime(text, format="%Y-%m-%d", utc=True)).as_unit("ns")
    except ValueError:  # also a day before 1677 or after 2262
        raise argparse.ArgumentTypeError(f"{printable(text)!r} is not a day written YYYY-MM-DD") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{printable(text)!r} is not a number of seconds above 0")
    return seconds
