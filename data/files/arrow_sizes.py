"""How much an Arrow stream would unpack to, read from its headers without unpacking it.

Arrow stores in front of every compressed buffer the size that it unpacks to; the reader of pyarrow
allocates that much unasked, so that a small hostile file could take all memory. The place of the
buffers is in each message's FlatBuffers header (https://arrow.apache.org/docs/format/Columnar.html,
section "Serialization and Interprocess Communication"; tables Message, RecordBatch,
DictionaryBatch, Buffer).
"""

from __future__ import annotations

import struct
from typing import Final

import pyarrow as pa

_MESSAGE_HEADER: Final = 2
_BATCH_LENGTH, _BATCH_BUFFERS, _BATCH_COMPRESSION = 0, 2, 3
_DICTIONARY_DATA: Final = 1


def unpacked_size(stream: bytes) -> tuple[int, int]:
    """Rows and bytes of all record batches and dictionaries of an Arrow stream, unpacked.

    Parameters
    ----------
    stream : bytes
        An Arrow IPC stream; what follows its end marker is not looked at.

    Raises
    ------
    pyarrow.ArrowInvalid, OSError
        It is no Arrow stream.
    ValueError
        A header points outside of itself, or a size is negative.
    """
    rows = size = 0
    messages = pa.ipc.MessageReader.open_stream(pa.BufferReader(stream))
    while True:
        try:
            message = messages.read_next_message()
        except StopIteration:
            return rows, size
        if message.type not in ("record batch", "dictionary"):
            continue
        header = message.metadata.to_pybytes()
        body = message.body.to_pybytes() if message.body is not None else b""
        try:
            length, unpacked = _batch(header, body, is_dictionary=message.type == "dictionary")
        except (struct.error, IndexError) as error:
            raise ValueError("a header of the Arrow stream points outside of itself") from error
        rows += length if message.type == "record batch" else 0
        size += unpacked


def _batch(header: bytes, body: bytes, *, is_dictionary: bool) -> tuple[int, int]:
    (root,) = struct.unpack_from("<I", header, 0)
    batch = _child(header, root, _MESSAGE_HEADER)
    if is_dictionary:
        batch = _child(header, batch, _DICTIONARY_DATA)
    at = _field(header, batch, _BATCH_LENGTH)
    (length,) = struct.unpack_from("<q", header, at) if at else (0,)
    compressed = _field(header, batch, _BATCH_COMPRESSION) != 0
    at = _field(header, batch, _BATCH_BUFFERS)
    if not at:
        return _natural(length), 0
    vector = at + struct.unpack_from("<I", header, at)[0]
    (count,) = struct.unpack_from("<I", header, vector)
    size = 0
    for i in range(count):
        offset, stored = struct.unpack_from("<qq", header, vector + 4 + 16 * i)
        size += _unpacked(body, _natural(offset), _natural(stored), compressed)
    return _natural(length), size


def _unpacked(body: bytes, offset: int, stored: int, compressed: bool) -> int:
    if not compressed or stored == 0:
        return stored
    (size,) = struct.unpack_from("<q", body, offset)
    return stored if size == -1 else _natural(size)  # -1: this buffer was left as it is


def _field(data: bytes, table: int, number: int) -> int:
    """Position of a field of a FlatBuffers table, 0 when it is left out."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    if vtable < 0:
        raise ValueError("a header of the Arrow stream points outside of itself")
    (vtable_size,) = struct.unpack_from("<H", data, vtable)
    slot = 4 + 2 * number
    if slot + 2 > vtable_size:
        return 0
    (offset,) = struct.unpack_from("<H", data, vtable + slot)
    return table + offset if offset else 0


def _child(data: bytes, table: int, number: int) -> int:
    at = _field(data, table, number)
    if not at:
        raise ValueError("a message of the Arrow stream has no content")
    position: int = at + struct.unpack_from("<I", data, at)[0]
    return position


def _natural(value: int) -> int:
    if value < 0:
        raise ValueError("a size in the Arrow stream is negative")
    return value
