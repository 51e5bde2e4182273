"""The rows of one table in one partition: encoded at rest, objects between checkpoints."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from streams.state.ahead import fetch_ahead
from streams.windows.cells import decoded

V = TypeVar("V")
Write = Callable[[bytes, bytes | None], None]


LIVE = 4_000
"Rows of a table and partition that are kept as objects beyond a checkpoint."


class Rows(Generic[V]):
    """Rows at rest are bytes: small, free for the garbage collector, read back as they were written.

    What is touched is decoded once and stays an object for some checkpoints. An object may be mutated after
    `changed` was told of it. A type may have a method `encoded`, else it is one that msgspec knows.
    """

    def __init__(self, type_: Any) -> None:
        self._rest: dict[str, bytes] = {}
        self._live: dict[str, V] = {}
        self._changed: set[str] = set()
        "Keys of objects that differ from what is at rest."
        self._unwritten: set[str] = set()
        "Keys of rows that have changed since the last `write`."
        self.laid = 0
        "Bytes of those that were laid."
        self._decode: Callable[[bytes], V] = msgspec.msgpack.Decoder(type_, dec_hook=decoded).decode
        self._encode: Callable[[V], bytes] = (
            getattr(type_, "encoded", None) or msgspec.msgpack.Encoder().encode
        )

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

    def ahead(self, keys: list[str]) -> None:
        """These rows are about to be asked for, as far as there are any."""
        fetch_ahead(self._rest, keys)

    def at_rest(self, key: str) -> bytes | None:
        """A row as it is written."""
        if self._changed:
            self._encode_changed()
        return self._rest.get(key)

    def lay(self, key: str, row: bytes) -> None:
        """Put an encoded row to rest: for those who keep objects themselves."""
        self._live.pop(key, None)
        self.laid += len(row)
        if key not in self._unwritten:
            self._unwritten.add(key)
        elif (before := self._rest.get(key)) is not None:
            self.laid -= len(before)
        self._rest[key] = row

    def put(self, key: str, row: V) -> None:
        self._live[key] = row
        self._changed.add(key)

    def changed(self, key: str) -> None:
        self._changed.add(key)

    def delete(self, key: str) -> None:
        self._live.pop(key, None)
        self._rest.pop(key, None)
        self._changed.discard(key)
        self._unwritten.add(key)

    @property
    def touched(self) -> int:
        """How many objects differ from what is at rest."""
        return len(self._changed)

    def write(self, write: Write) -> None:
        """Hand over what has changed since the last time; None is a deletion."""
        self._encode_changed()
        rest = self._rest
        for key in self._unwritten:
            write(key.encode(), rest.get(key))
        if len(self._live) > LIVE:
            self._live = {key: row for key, row in self._live.items() if key in self._unwritten}
        self._unwritten.clear()
        self.laid = 0

    def _encode_changed(self) -> None:
        live, rest, encode = self._live, self._rest, self._encode
        for key in self._changed:
            rest[key] = encode(live[key])
        self._unwritten |= self._changed
        self._changed.clear()

    def restore(self, records: dict[str, bytes | None]) -> None:
        """Take rows back as they were written, in that order; None is a deletion."""
        rest = self._rest
        for key, row in records.items():
            if row is None:
                rest.pop(key, None)
            else:
                rest[key] = row

    def committed(self) -> None:
        """What `write` handed over is committed."""

    def close(self) -> None:
        """These rows are not needed any more."""

    def walk(self) -> Iterator[str]:
        """The keys of all rows that stay there until the end, whatever else comes and goes meanwhile."""
        return iter(list(self))

    def items(self) -> Iterator[tuple[str, V]]:
        """All rows, as `peek` sees them; nothing may change meanwhile."""
        for key in self:
            row = self.peek(key)
            if row is not None:
                yield key, row

    def _new(self) -> list[str]:
        """The keys of rows that were never at rest."""
        return [key for key in self._changed if key not in self._rest]

    def __contains__(self, key: object) -> bool:
        return key in self._live or key in self._rest

    def __iter__(self) -> Iterator[str]:
        yield from self._rest
        yield from self._new()

    def __len__(self) -> int:
        return len(self._rest) + len(self._new())
