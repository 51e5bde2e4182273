"""Records that can't be used: kept whole, with where they were and why."""

from base64 import b64encode
from typing import Any, Protocol

import msgspec

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


def _base64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()
