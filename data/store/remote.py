"""A store at any address that fsspec reaches: a bucket, a share, memory."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from data.errors import ChangeInputError, DataError, StoreError
from data.store.files import StoreFiles
from data.store.locks import local_lock
from data.store.names import MANIFEST


class RemoteFiles(StoreFiles):
    """Files behind an fsspec file system.

    There are no locks at such an address. A lock on this machine keeps its own processes apart;
    that no other machine writes the same series at the same time is up to whoever shares the
    address. What happens if one does: parts never have the same name and are never removed or merged
    here, and a manifest is replaced as a whole, so nothing is torn; the manifest written last wins, and
    rows that only the other one names are asked for again by the next download.

    Parameters
    ----------
    address : str
        E.g. ``"s3://bucket/folder"``. A name and password in it are never shown.
    """

    exclusive = False

    def __init__(self, address: str) -> None:
        self._address = address
        parts = urlsplit(address)
        self.shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        self._system: Any = None
        self._root = ""

    def read(self, path: str) -> bytes:
        """All bytes of one file."""
        with self._asking("read"):
            content: bytes = self._opened().cat_file(self._path(path))
            return content

    def size(self, path: str) -> int | None:
        """Length of one file in bytes; None where there is none."""
        try:
            with self._asking("read"):
                return int(self._opened().info(self._path(path))["size"] or 0)
        except FileNotFoundError:
            return None

    def write(self, path: str, content: bytes) -> None:
        """Write to a temporary name, then move: an object store copies whole objects."""
        system, target = self._opened(), self._path(path)
        folder = target.rpartition("/")[0]
        temporary = f"{folder}/{secrets.token_hex(8)}.tmp"
        with self._asking("written", missing_is_trouble=True):
            system.makedirs(folder, exist_ok=True)
            system.pipe_file(temporary, content)
            try:
                system.mv(temporary, target)
            except BaseException:
                with suppress(Exception):
                    system.rm_file(temporary)
                raise

    def names(self, folder: str) -> tuple[str, ...]:
        """Names of what is in a folder, in order; none where there is no such folder."""
        try:
            with self._asking("listed"):
                found = self._opened().ls(self._path(folder), detail=False)
        except FileNotFoundError:
            return ()
        return tuple(sorted(name.rstrip("/").rpartition("/")[2] for name in found))

    def move(self, path: str, to: str) -> None:
        """Move, or copy and remove where that is all there is."""
        system, target = self._opened(), self._path(to)
        with self._asking("written", missing_is_trouble=True):
            system.makedirs(target.rpartition("/")[0], exist_ok=True)
            system.mv(self._path(path), target)

    def age_days(self, path: str) -> float | None:
        """Not known: every kind of address tells it in its own way."""
        return None

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError), self._asking("written"):
            self._opened().rm_file(self._path(path))

    def remove_folder(self, folder: str) -> None:
        """Remove all the rest, then the list: parts without one would be taken for those of a lost one."""
        for name in self.names(folder):
            if name != MANIFEST:
                self._remove_tree(f"{folder}/{name}")
        self._remove_tree(folder)

    def sweep(self, folder: str) -> None:
        """Leave everything: a temporary file may be another machine's, still being written."""

    @contextmanager
    def lock(self, folder: str, *, wait_seconds: float) -> Iterator[None]:
        """Hold a lock of this machine."""
        locks = platformdirs.user_cache_path("beta-hedge", appauthor=False) / "locks"
        with local_lock(locks, folder, wait_seconds=wait_seconds, files=self):
            yield

    def _remove_tree(self, path: str) -> None:
        with suppress(FileNotFoundError), self._asking("written"):
            self._opened().rm(self._path(path), recursive=True)

    def _path(self, path: str) -> str:
        return f"{self._root}/{path}".rstrip("/")

    def _opened(self) -> Any:
        if self._system is None:
            try:
                from fsspec.core import url_to_fs

                # What another machine has written must not be hidden by a listing kept from before.
                self._system, root = url_to_fs(self._address, use_listings_cache=False)
            except (ImportError, ValueError) as error:
                raise ChangeInputError(
                    f"the store cannot be reached: {type(error).__name__}",
                    parameter="HEDGING_STORE",
                    value=self.shown,
                    allowed="a folder, or an address of a kind that fsspec knows",
                    remedy="Install fsspec and what it needs for this address (s3fs for s3://).",
                ) from error
            self._root = root.rstrip("/")
        return self._system

    @contextmanager
    def _asking(self, what: str, *, missing_is_trouble: bool = False) -> Iterator[None]:
        """Every file system has errors of its own, and their words may hold the address with its password."""
        try:
            yield
        except FileNotFoundError:
            if not missing_is_trouble:
                raise
            raise self._trouble(what, "FileNotFoundError") from None
        except DataError:
            raise
        except Exception as error:
            raise self._trouble(what, type(error).__name__) from error

    def _trouble(self, what: str, kind: str) -> StoreError:
        return StoreError(
            f"the store could not be {what}: {kind}",
            parameter="HEDGING_STORE",
            value=self.shown,
            allowed="an address that answers and that this program may use",
            remedy="Check the address, the access to it and the network; everything stored before is kept.",
        )
