"""Records that can't be used: kept whole, with where they were and why."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from itertools import chain
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from streams import moments
from streams.errors import Refused
from streams.events import OURS

AGAIN = "metricland-resubmitted"
"The header of a record that was sent again: the place where it was first refused."

LARGEST = 8 * 2**20
"What a letter holds of a record: as much as an input takes at once by default."

AROUND = 600
"Bytes of a letter around what it holds."

LARGEST_KEY = 2**18
"A key is in it twice, as text and as bytes."


class Record(Protocol):
    """A record as it was consumed; the timestamp is in milliseconds."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Any: ...


def letter_size(record: Record) -> int:
    """Bytes of a record's dead letter, roughly: what is told of it, and its value in base64."""
    size = len(record.value or b"")
    return AROUND + (4 * size // 3 if size <= LARGEST else 0)


def dead_letter(topic: str, partition: int, record: Record, refused: Refused) -> bytes:
    """The event that tells of a record that was refused; bytes are in base64.

    More than fits, which only came through compressed, stays where it is: the letter says where that is.
    """
    place = f"{topic}/{partition}/{record.offset}"
    headers = record.headers or ()
    size = sum(len(each or b"") for each in (record.key, record.value, *chain.from_iterable(headers)))
    whole = size <= LARGEST and len(record.key or b"") <= LARGEST_KEY
    key = record.key.decode(errors="replace") if whole and record.key is not None else None
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "type": "record.refused",
            "source": OURS,
            "id": place,
            "time": moments.text(record.timestamp * 1000),
            "subject": key or place,
            "data": {
                "reason": refused.reason,
                "detail": refused.detail,
                "topic": topic,
                "partition": partition,
                "offset": record.offset,
                "timestamp": record.timestamp,
                "headers": [[name, _base64(value)] for name, value in headers] if whole else [],
                "key": key,
                "key_base64": _base64(record.key) if whole else None,
                "value_base64": _base64(record.value) if whole else None,
                "left_out": 0 if whole else size,
            },
        }
    )


class Letter(Struct, frozen=True):
    """A dead letter as it is read back. The timestamp is in milliseconds."""

    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    timestamp: int
    headers: Sequence[tuple[str, str | None]]
    key_base64: str | None
    value_base64: str | None
    left_out: int = 0
    "Bytes of key, headers and value that were too many for a letter."

    @property
    def place(self) -> str:
        """Where the record was: it tells one letter from another."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def origin(self) -> str:
        """Where the record was first refused, if it was sent again since."""
        marks = (value for name, value in self.record_headers if name == AGAIN and value)
        return next((mark.decode(errors="replace") for mark in marks), self.place)

    @property
    def key(self) -> bytes | None:
        return _bytes(self.key_base64)

    @property
    def value(self) -> bytes | None:
        return _bytes(self.value_base64)

    @property
    def record_headers(self) -> list[tuple[str, bytes | None]]:
        return [(name, _bytes(value)) for name, value in self.headers]


class _Read(Struct):
    data: Letter


def read_letter(value: bytes | None) -> Letter | None:
    """None if that is no dead letter: anyone may write to a topic."""
    try:
        return _decode(value or b"").data
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


_decode = msgspec.json.Decoder(_Read).decode


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)


def _base64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()
