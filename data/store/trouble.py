"""What kept the store from writing, in words.

No text of an error says where the store lies, since pages show it to whoever they are served to; the command
line and a page that is served to this machine alone add it.
"""

from __future__ import annotations

import errno
from typing import Final

from data.errors import FullStoreError, MissingStoreError, StoreError, UnwritableStoreError

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_ALLOWED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}
_GONE: Final = {errno.ENOENT, errno.ENOTDIR, errno.ESTALE}


def write_trouble(error: OSError, store: str) -> StoreError:
    """What kept the store from writing, by the number that the system gives it."""
    if error.errno in _NO_ROOM:
        return FullStoreError(
            "there is no room left for the store",
            parameter="store",
            value=store,
            allowed="a disk with free space",
            remedy="Free some space and fetch again; everything that was stored before is kept.",
        )
    if error.errno in _NOT_ALLOWED:
        return UnwritableStoreError(
            f"the store cannot be written: {said(error)}",
            parameter="store",
            value=store,
            allowed="a folder that this program may write",
            remedy="What is stored can still be read. To fetch, allow writing there, or set HEDGING_STORE "
            "to another folder.",
        )
    if error.errno in _GONE:
        return MissingStoreError(
            "the folder of the store has gone while it was in use",
            parameter="store",
            value=store,
            allowed="a folder that stays",
            remedy="Put it back, or fetch again.",
        )
    return StoreError(
        f"the store could not be written: {said(error)}",
        parameter="store",
        value=store,
        allowed="a disk that works",
        remedy="Check the disk and fetch again; everything that was stored before is kept.",
    )


def said(error: OSError) -> str:
    """The system's own words."""
    return error.strerror or type(error).__name__
