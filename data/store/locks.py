"""One writer at a time: locks as files of this machine, and none left of what is not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from data.errors import StoreBusyError, StoreError
from data.store.names import ANSWERS
from data.store.trouble import write_trouble

if TYPE_CHECKING:
    from data.store.files import StoreFiles

LOCK: Final = ".lock"
_MOST_SWEPT: Final = 200


@contextmanager
def local_lock(locks: Path, folder: str, *, wait_seconds: float, files: StoreFiles) -> Iterator[None]:
    """Hold the file lock of a folder of ``files``; raises as :meth:`StoreFiles.lock`.

    The lock's file goes with the folder. It is removed while it is held, and a lock on a file that has been
    removed is none: filelock looks at the number of its names once it has it, and begins again.
    """
    path = locks / f"{folder.rpartition('/')[2]}{LOCK}"
    lock = FileLock(path, timeout=wait_seconds, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreBusyError(
            "another process is fetching this series at the moment",
            parameter="store",
            value=files.shown,
            allowed="one writer at a time for each series",
            remedy="Wait until it is done; what it fetches will be there for everyone.",
        ) from None
    except OSError as error:
        raise write_trouble(error, files.shown) from error
    try:
        yield
    finally:
        # Where the system has no such locks, the file itself is the lock and filelock removes it.
        if type(lock) is FileLock and not is_there(files, folder):
            with suppress(OSError):
                path.unlink()
        lock.release()


def is_there(files: StoreFiles, folder: str) -> bool:
    """Whether a folder has anything in it, as far as can be seen."""
    try:
        return bool(files.names(folder))
    except StoreError:
        return True


def sweep_locks(locks: Path, *, beside: str, files: StoreFiles) -> None:
    """Remove locks that nobody holds and whose folder is not there: their writers were killed.

    Parameters
    ----------
    locks : Path
    beside : str
        Another folder of the same kind.
    files : StoreFiles
    """
    parent, left = beside.rpartition("/")[0], 0
    if not parent:
        return
    with suppress(OSError):
        for name in os.listdir(locks):
            folder = f"{parent}/{name.removesuffix(LOCK)}"
            if not name.endswith(LOCK) or name == f"{ANSWERS}{LOCK}" or is_there(files, folder):
                continue
            held = local_lock(locks, folder, wait_seconds=0, files=files)
            with suppress(StoreError, StoreBusyError), held:
                left += 1
            if left >= _MOST_SWEPT:
                return
