"""Records that can't be used: kept whole, with where they were and why."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from streams import moments
from streams.errors import Refused
from streams.events import OURS


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


def dead_letter(topic: str, partition: int, record: Record, refused: Refused) -> bytes:
    """The event that tells of a record that was refused; bytes are in base64."""
    place = f"{topic}/{partition}/{record.offset}"
    key = None if record.key is None else record.key.decode(errors="replace")
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
                "headers": [[name, _base64(value)] for name, value in record.headers or ()],
                "key": key,
                "key_base64": _base64(record.key),
                "value_base64": _base64(record.value),
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

    @property
    def place(self) -> str:
        """Where the record was: it tells one letter from another."""
        return f"{self.topic}/{self.partition}/{self.offset}"

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


def read_letter(value: bytes) -> Letter:
    return _decode(value).data


_decode = msgspec.json.Decoder(_Read).decode


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)


def _base64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()
