"""The rows of one table in one partition: encoded at rest, objects between checkpoints."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

V = TypeVar("V")
Write = Callable[[bytes, bytes | None], None]


LIVE = 20_000
"Rows of a table and partition that are kept as objects beyond a checkpoint."


class Rows(Generic[V]):
    """Rows at rest are bytes: small, free for the garbage collector, read back as they were written.

    What is touched is decoded once and stays an object for a while, some `most` of them; `write` encodes
    what changed. An object may be mutated after `changed` was told of it.
    """

    def __init__(self, type_: Any, most: int = LIVE) -> None:
        self._most = most
        self._rest: dict[str, bytes] = {}
        self._live: dict[str, V] = {}
        self._changed: set[str] = set()
        self._decode: Callable[[bytes], V] = msgspec.msgpack.Decoder(type_).decode
        self._encode = msgspec.msgpack.Encoder().encode

    def get(self, key: str) -> V | None:
        row = self._live.get(key)
        if row is None and (rest := self._rest.get(key)) is not None:
            row = self._live[key] = self._decode(rest)
        return row

    def peek(self, key: str) -> V | None:
        """Like `get`, for readers that look at many rows: what is at rest stays there."""
        row = self._live.get(key)
        if row is None and (rest := self._rest.get(key)) is not None:
            return self._decode(rest)
        return row

    def put(self, key: str, row: V) -> None:
        self._live[key] = row
        self._changed.add(key)

    def changed(self, key: str) -> None:
        self._changed.add(key)

    def delete(self, key: str) -> None:
        self._live.pop(key, None)
        self._rest.pop(key, None)
        self._changed.add(key)

    def write(self, write: Write) -> None:
        """Encode what has changed since the last time and hand it over; None is a deletion."""
        live, rest, encode = self._live, self._rest, self._encode
        for key in self._changed:
            row = live.get(key)
            if row is None:
                write(key.encode(), None)
            else:
                rest[key] = encoded = encode(row)
                write(key.encode(), encoded)
        if len(live) > self._most:
            self._live = {key: live[key] for key in self._changed if key in live}
        self._changed.clear()

    def restore(self, records: dict[str, bytes]) -> None:
        self._rest.update(records)

    def __contains__(self, key: object) -> bool:
        return key in self._live or key in self._rest

    def __iter__(self) -> Iterator[str]:
        yield from self._rest
        yield from (key for key in list(self._live) if key not in self._rest)

    def __len__(self) -> int:
        return len(self._rest) + sum(key not in self._rest for key in self._live)

    @property
    def bytes_at_rest(self) -> int:
        return sum(map(len, self._rest.values()))
