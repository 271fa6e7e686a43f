"""Which store the environment names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import platformdirs

from data.environment import configured_store
from data.store.files import LocalFiles, StoreFiles
from data.store.remote import RemoteFiles
from data.store.store import Store


def open_store(address: str | None = None) -> Store:
    """The store at an address; nothing is read or written yet.

    Parameters
    ----------
    address : str, optional
        A folder, or an address with a scheme, such as ``"s3://bucket/folder"``, that fsspec reaches. By
        default what ``HEDGING_STORE`` names, or else a folder in the user's data folder.
    """
    named = address or configured_store()
    return Store(_files(named) if named else LocalFiles(_default_folder()))


def _default_folder() -> Path:
    return platformdirs.user_data_path("beta-hedge", appauthor=False) / "store"


def _files(address: str) -> StoreFiles:
    scheme, found, _ = address.partition("://")
    if not found:
        return LocalFiles(address)
    if scheme == "file":
        return LocalFiles(unquote(urlsplit(address).path))
    return RemoteFiles(address)
