"""How large a file may be; beyond these it is refused before it is read.

The files are handed in by people, some of them hostile; the limits leave ample room for every
honest file and keep one upload from taking the memory of the whole server.
"""

from __future__ import annotations

from typing import Final

from data.errors import TooLargeError

#: Ten years of one-minute bars with six columns are about 300 MB, ten years of hourly ones 6 MB.
MAX_FILE_BYTES: Final = 64 * 1024 * 1024
#: Hourly bars of 50 instruments over 11 years, in long form.
MAX_ROWS: Final = 5_000_000
#: Enough for one column per listed perpetual of most exchanges.
MAX_COLUMNS: Final = 200
#: Rows times columns: short rows under a wide heading cost memory that the file does not show.
MAX_CELLS: Final = 20_000_000
#: What a compressed file may unpack to. MAX_CELLS of 8 bytes are 160 MB; the rest is room for text.
MAX_UNPACKED_BYTES: Final = 512 * 1024 * 1024
#: One heading row of 200 names of some hundred characters.
MAX_LINE_CHARACTERS: Final = 100_000
#: Files looked at in one folder.
MAX_FILES: Final = 2_000


def check_bytes(count: int, file: str) -> None:
    """Refuse a file of more than :data:`MAX_FILE_BYTES` bytes; ``file`` is its name as shown."""
    if count > MAX_FILE_BYTES:
        raise TooLargeError(
            f"the file {file} has {count / 2**20:,.1f} MiB",
            parameter="file",
            value=count,
            allowed=f"at most {MAX_FILE_BYTES // 2**20} MiB",
            remedy="Split it, or keep only the time and the closing price.",
        )


def check_shape(rows: int, columns: int, file: str) -> None:
    """Refuse a table of more rows, columns or cells than :mod:`data.files.limits` allows."""
    for count, limit, what in (
        (columns, MAX_COLUMNS, "columns"),
        (rows, MAX_ROWS, "rows"),
        (rows * columns, MAX_CELLS, "cells"),
    ):
        if count > limit:
            raise TooLargeError(
                f"the file {file} has {count:,} {what}",
                parameter="file",
                value=count,
                allowed=f"at most {limit:,} {what}",
                remedy="Split it, or keep only the time and the closing price.",
            )


def check_unpacked(count: int, file: str) -> None:
    """Refuse a compressed file that would unpack to more than :data:`MAX_UNPACKED_BYTES`."""
    if count > MAX_UNPACKED_BYTES:
        raise TooLargeError(
            f"the file {file} would unpack to {count / 2**20:,.0f} MiB",
            parameter="file",
            value=count,
            allowed=f"at most {MAX_UNPACKED_BYTES // 2**20} MiB unpacked",
            remedy="Split it, or keep only the time and the closing price.",
        )
