"""JSON on the disk in an envelope of format and checksum.

Every format, past and future, keeps the envelope, so that what is damaged and what another version of
this program has written are told apart.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

FORMAT: Final = 1


class NotIntactError(Exception):
    """The bytes are not as they were written."""


class OtherFormatError(Exception):
    """They are, in the format of another version of this program.

    Parameters
    ----------
    written : object
        That format.
    """

    def __init__(self, written: object) -> None:
        self.written = written
        self.is_newer = isinstance(written, int) and written > FORMAT
        super().__init__(str(written))


def sealed(content: object) -> bytes:
    """Content in its envelope."""
    envelope = {"format": FORMAT, "sha256": _checksum(FORMAT, content), "content": content}
    return json.dumps(envelope, indent=1).encode() + b"\n"


def unsealed(raw: bytes) -> Any:
    """The content of an envelope.

    Raises
    ------
    NotIntactError, OtherFormatError
    """
    try:
        envelope = json.loads(raw)
        written, content = envelope["format"], envelope["content"]
        intact = envelope["sha256"] == _checksum(written, content)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotIntactError from error
    if not intact:
        raise NotIntactError
    if written != FORMAT:
        raise OtherFormatError(written)
    return content


def _checksum(written: object, content: object) -> str:
    text = json.dumps([written, content], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
