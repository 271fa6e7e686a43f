"""Errors of the data package, grouped by what the caller should do.

::

    DataError                       root of everything ``data`` raises on purpose
    ├── TryAgainError               nothing is wrong with the request
    │   ├── NoNetworkError          the source cannot be reached from here
    │   ├── RateLimitedError        the source asks to wait
    │   ├── DeadlineError           the source did not answer in time
    │   └── StoreBusyError          another process is writing this series
    ├── ChangeInputError            the request or the file must change
    │   ├── UnknownSymbolError      the source does not have this symbol
    │   ├── NoDataInRangeError      the symbol exists, without prices in the range asked
    │   ├── FileFormatError         the file cannot be read as prices
    │   │   └── AmbiguousDateError  the dates can be read in two ways
    │   ├── BadPriceError           a price is zero, negative, not finite or absurd
    │   ├── ConflictingRowsError    two different prices for one instant
    │   ├── TooLargeError           the file is larger than what is accepted
    │   └── NotStoredError          nothing is stored of this series
    ├── StoreError                  the place where series are stored must be mended; its rows are safe
    │   ├── UnwritableStoreError    it may be read, but not written
    │   ├── FullStoreError          there is no room left
    │   ├── MissingStoreError       its folder has gone while it was in use
    │   ├── StoreFormatError        it was written by an older or a newer version of this program
    │   ├── DamagedSeriesError      a stored file is not as it was written
    │   └── ContradictionError      the source now says something else than what is stored
    └── SourceAnswerError           the source answered something that cannot be understood
"""

from __future__ import annotations

from hedging.errors import ExplainedError


class DataError(ExplainedError):
    """Root of every error that ``data`` raises on purpose."""


class TryAgainError(DataError):
    """Nothing is wrong with the request; try again later or use another source."""


class NoNetworkError(TryAgainError):
    """The source cannot be reached from this machine."""


class RateLimitedError(TryAgainError):
    """The source refuses to answer for a while."""


class DeadlineError(TryAgainError):
    """The source did not answer before the deadline."""


class StoreBusyError(TryAgainError):
    """Another process or thread is writing this series."""


class ChangeInputError(DataError):
    """The request or the file must change before it can work."""


class UnknownSymbolError(ChangeInputError):
    """The source does not know this symbol."""


class NoDataInRangeError(ChangeInputError):
    """The symbol exists but has no prices in the range that was asked for."""


class FileFormatError(ChangeInputError):
    """The file cannot be read as a table of prices."""


class AmbiguousDateError(FileFormatError):
    """The dates can be read day first or month first, and nothing decides which."""


class BadPriceError(ChangeInputError):
    """A price is zero, negative, not finite or outside any plausible range."""


class ConflictingRowsError(ChangeInputError):
    """One instant has two different prices."""


class TooLargeError(ChangeInputError):
    """The input is larger than what is accepted."""


class NotStoredError(ChangeInputError):
    """Nothing is stored of this series."""


class StoreError(DataError):
    """The store must be mended before it can do this; what is stored stays as it is."""


class UnwritableStoreError(StoreError):
    """The store may be read, but not written."""


class FullStoreError(StoreError):
    """There is no room left where the store lies."""


class MissingStoreError(StoreError):
    """The folder of the store has gone while it was in use."""


class StoreFormatError(StoreError):
    """The series was written by an older or a newer version of this program."""


class DamagedSeriesError(StoreError):
    """A stored file is not as it was written."""


class ContradictionError(StoreError):
    """The source now says something else than what is stored, so that new rows do not fit on."""


class SourceAnswerError(DataError):
    """The source answered, but not with something that can be understood."""
