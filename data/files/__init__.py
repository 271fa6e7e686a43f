"""Prices out of files: CSV, Parquet and Arrow, from a folder or handed in by the user."""

from data.files.folder import FolderSource, UploadedFiles
from data.files.names import KNOWN_SUFFIXES
from data.files.parsed import ReadOptions
from data.files.reader import ReadFile, read_prices
from data.files.source import FileSource

__all__ = [
    "KNOWN_SUFFIXES",
    "FileSource",
    "FolderSource",
    "ReadFile",
    "ReadOptions",
    "UploadedFiles",
    "read_prices",
]
