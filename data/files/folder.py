"""Files as sources of prices: a folder of this machine, or files handed in through the browser."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from data.errors import ChangeInputError, FileFormatError, TooLargeError
from data.files.limits import MAX_FILE_BYTES, MAX_FILES, check_bytes
from data.files.names import EXCEL_SUFFIXES, KNOWN_SUFFIXES, shown, suffix_of
from data.files.parsed import DEFAULT_OPTIONS, ReadOptions
from data.files.source import FileEntry, FileSource


class FolderSource(FileSource):
    """The files of one folder, without its sub-folders.

    Parameters
    ----------
    folder : str or pathlib.Path
        Looked at when symbols or prices are asked for. Symbolic links in it are left out, so that
        nothing outside of it is ever read.
    options : ReadOptions
        How to read every file.
    """

    def __init__(self, folder: str | Path, *, options: ReadOptions = DEFAULT_OPTIONS) -> None:
        super().__init__(options)
        self.folder = Path(folder)
        self.name = f"Files in {self.folder.name or self.folder}"

    @property
    def _place(self) -> str:
        return f"the folder {shown(self.folder.name or self.folder)}"

    def entries(self) -> list[FileEntry]:
        """Regular files of the folder, ordered by name; raises when it cannot be listed."""
        try:
            with os.scandir(self.folder) as items:
                found = [
                    FileEntry(item.name, (about.st_size, about.st_mtime_ns))
                    for item in items
                    if _looks_like_prices(item.name)
                    and item.is_file(follow_symlinks=False)
                    and (about := item.stat(follow_symlinks=False))
                ]
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            raise ChangeInputError(
                f"{self._place} {_why(error)}",
                parameter="folder",
                value=shown(self.folder, 200),
                allowed="a folder of price files that this program may read",
                remedy="Choose another folder in the page's data settings.",
            ) from error
        if len(found) > MAX_FILES:
            raise TooLargeError(
                f"{self._place} has {len(found):,} files",
                parameter="folder",
                value=len(found),
                allowed=f"at most {MAX_FILES:,} files",
                remedy="Move some of them to another folder.",
            )
        return sorted(found)

    def content(self, entry: FileEntry, limit: int | None = None) -> bytes:
        """The bytes of one listed file; raises when it cannot be read or has grown too large."""
        # The file may have been replaced since it was listed: no link is followed here either, and
        # O_NONBLOCK keeps a pipe of that name from waiting for a writer.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        flags |= getattr(os, "O_BINARY", 0)
        try:
            with open(os.open(self.folder / entry.name, flags), "rb") as stream:
                about = os.fstat(stream.fileno())
                if not stat.S_ISREG(about.st_mode):
                    raise OSError("not a regular file")
                if limit is not None:
                    return stream.read(limit)
                check_bytes(about.st_size, shown(entry.name))
                content = stream.read(MAX_FILE_BYTES + 1)  # it may have grown since it was listed
        except OSError as error:
            raise FileFormatError(
                f"the file {shown(entry.name)} {_why(error)}",
                parameter="file",
                value=shown(entry.name),
                allowed="a regular file that this program may read",
                remedy="Check the file and its permissions.",
            ) from error
        check_bytes(len(content), shown(entry.name))
        return content


class UploadedFiles(FileSource):
    """Files handed in through the browser and kept in the session.

    Parameters
    ----------
    files : mapping of str to bytes
        Content by file name. Names are only ever compared, never used as a path.
    options : ReadOptions
        How to read every file.
    """

    name = "Uploaded files"

    def __init__(self, files: Mapping[str, bytes], *, options: ReadOptions = DEFAULT_OPTIONS) -> None:
        super().__init__(options)
        self.files = files

    @property
    def _place(self) -> str:
        return "the uploaded files" if self.files else "the empty list of uploaded files"

    def entries(self) -> list[FileEntry]:
        """Every file that was handed in, ordered by name."""
        # All of them, whatever their ending: a file that someone handed in is refused, not ignored.
        return sorted(FileEntry(name, (len(content), hash(content))) for name, content in self.files.items())

    def content(self, entry: FileEntry, limit: int | None = None) -> bytes:
        """The bytes of one file that was handed in."""
        content = self.files[entry.name]
        if limit is None:
            check_bytes(len(content), shown(entry.name))
            return content
        return content[:limit]


def _looks_like_prices(name: str) -> bool:
    return not name.startswith((".", "~$")) and suffix_of(name) in (*KNOWN_SUFFIXES, *EXCEL_SUFFIXES)


def _why(error: Exception) -> str:
    reasons = {
        FileNotFoundError: "does not exist",
        NotADirectoryError: "is not a folder",
        PermissionError: "may not be read by this program",
    }
    return next((text for kind, text in reasons.items() if isinstance(error, kind)), "cannot be read")
