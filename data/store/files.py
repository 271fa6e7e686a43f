"""Where the bytes of a store lie: one port, and the folder of this machine behind it.

Paths are relative, with ``/`` between the steps, and made by :mod:`data.store.names` alone.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final

from data.errors import StoreError
from data.store.locks import is_there, local_lock, sweep_locks
from data.store.trouble import said, write_trouble

_TEMPORARY: Final = ".tmp"


class StoreFiles(ABC):
    """What the store needs of a place for files.

    Attributes
    ----------
    shown : str
        The place as people are told of it; holds no password.
    exclusive : bool
        Whether :meth:`lock` keeps every other process out. Only then are left-overs of other
        writers removed and small parts merged.
    """

    shown: str
    exclusive: bool

    @abstractmethod
    def read(self, path: str) -> bytes:
        """All bytes of one file.

        Raises
        ------
        FileNotFoundError
            There is no such file.
        StoreError
            It is there and cannot be read.
        """

    @abstractmethod
    def size(self, path: str) -> int | None:
        """Length of one file in bytes; None where there is none."""

    @abstractmethod
    def write(self, path: str, content: bytes) -> None:
        """Put a file in place whole: whoever reads sees all of it, or what was there before.

        Raises
        ------
        StoreError
            It could not be written; what was there before is there still.
        """

    @abstractmethod
    def names(self, folder: str) -> tuple[str, ...]:
        """Names of what is in a folder, in order; none where there is no such folder."""

    @abstractmethod
    def move(self, path: str, to: str) -> None:
        """Give a file another path, in a folder that is made for it."""

    @abstractmethod
    def age_days(self, path: str) -> float | None:
        """Days since a file was written or moved; None where that is not known."""

    @abstractmethod
    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""

    @abstractmethod
    def remove_folder(self, folder: str) -> None:
        """Take a folder out of sight at once, then remove it with all that is in it."""

    @abstractmethod
    def sweep(self, folder: str) -> None:
        """Remove what writers that were killed have left half written in a folder."""

    @abstractmethod
    def lock(self, folder: str, *, wait_seconds: float) -> AbstractContextManager[None]:
        """Hold the one lock of a folder; of a folder that is not there afterwards, none is left.

        Raises
        ------
        StoreBusyError
            Another process or thread held it all the time.
        StoreError
            Locks cannot be made here.
        """


class LocalFiles(StoreFiles):
    """A folder of this machine. Every file is on the disk, not only in its cache, when a write returns."""

    exclusive = True

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser().absolute()
        home = Path.home()
        inside = self.folder != home and self.folder.is_relative_to(home)
        self.shown = f"~/{self.folder.relative_to(home).as_posix()}" if inside else str(self.folder)

    def read(self, path: str) -> bytes:
        """All bytes of one file."""
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(path) from None
        except OSError as error:
            raise StoreError(
                f"the file {path} of the store cannot be read: {said(error)}",
                parameter="store",
                value=self.shown,
                allowed="a folder that this program may read",
                remedy="Check the disk and the permissions of this folder.",
            ) from error

    def size(self, path: str) -> int | None:
        """Length of one file in bytes; None where there is none."""
        try:
            return (self.folder / path).stat().st_size
        except OSError:
            return None

    def write(self, path: str, content: bytes) -> None:
        """Write to a temporary name, bring it to the disk, rename."""
        target = self.folder / path
        temporary = target.parent / f"{secrets.token_hex(8)}{_TEMPORARY}"
        with self._writing():
            target.parent.mkdir(parents=self.folder.is_dir(), exist_ok=True)
            try:
                with temporary.open("xb") as file:
                    self._fill(file.fileno(), content)
                os.replace(temporary, target)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink()
                raise
            _to_disk(target.parent)

    def _fill(self, descriptor: int, content: bytes) -> None:
        """The one place where bytes go to the disk; tests put a full disk here."""
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)

    def names(self, folder: str) -> tuple[str, ...]:
        """Names of what is in a folder, in order; none where there is no such folder."""
        try:
            return tuple(sorted(os.listdir(self.folder / folder)))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise StoreError(
                f"the store cannot be listed: {said(error)}",
                parameter="store",
                value=self.shown,
                allowed="a folder that this program may read",
                remedy="Check the permissions of this folder.",
            ) from error

    def move(self, path: str, to: str) -> None:
        """Rename, within the store."""
        target = self.folder / to
        with self._writing():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(self.folder / path, target)
            os.utime(target)
            _to_disk(target.parent)

    def age_days(self, path: str) -> float | None:
        """Days since a file was written or moved; None where that is not known."""
        try:
            return max(0.0, (time.time() - (self.folder / path).stat().st_mtime) / 86_400)
        except OSError:
            return None

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        with self._writing():
            (self.folder / path).unlink(missing_ok=True)

    def remove_folder(self, folder: str) -> None:
        """Rename it into the trash, then empty the trash."""
        trash = self.folder / "trash"
        with self._writing():
            trash.mkdir(exist_ok=True)
            os.replace(self.folder / folder, trash / secrets.token_hex(8))
        # What cannot be removed now, a file that is open on Windows say, goes next time.
        for left in trash.iterdir():
            shutil.rmtree(left, ignore_errors=True)

    def sweep(self, folder: str) -> None:
        """Remove temporary files; with the lock held, nobody is writing them any more."""
        for name in self.names(folder):
            if name.endswith(_TEMPORARY):
                self.remove(f"{folder}/{name}")

    @contextmanager
    def lock(self, folder: str, *, wait_seconds: float) -> Iterator[None]:
        """Hold a file lock; the system lets go of it when the process ends, however it ends."""
        locks = self.folder / "locks"
        with self._writing():
            locks.mkdir(parents=True, exist_ok=True)
        try:
            with local_lock(locks, folder, wait_seconds=wait_seconds, files=self):
                yield
        finally:
            if not is_there(self, folder):
                # Whoever asks for symbols that do not exist pays for the sweeping.
                sweep_locks(locks, beside=folder, files=self)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise write_trouble(error, self.shown) from error


def _to_disk(folder: Path) -> None:
    """Bring a rename to the disk; Windows has no such call for folders and does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
