"""The rows of one table in one partition that are at rest in a store beside memory."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from streams.state.rows import Rows, Write

if TYPE_CHECKING:
    from streams.state.disk import Store

V = TypeVar("V")

PAGE = 1_000
"Rows that a walk reads at once."

UNCOUNTED = -1


class StoredRows(Rows[V]):
    """The store has all rows as they were at the last checkpoint that has committed, never others.

    What was looked at or changed since then is near: in memory, as `Rows` has all of them. A row is brought
    near first, and then it is as there.
    """

    def __init__(self, type_: Any, store: "Store") -> None:
        super().__init__(type_)
        self.store = store
        self._near: set[str] = set()
        "Keys that need not be asked for in the store: the row is at hand, or there is none."
        self._flight: dict[str, bytes | None] = {}
        "What was written, and is not known to be committed."
        self._size = UNCOUNTED

    def get(self, key: str) -> V | None:
        if key not in self._live:
            self._bring(key)
        return super().get(key)

    def peek(self, key: str) -> V | None:
        if key in self._live or key in self._near:
            return super().peek(key)
        row = self.store.get(key.encode())
        return None if row is None else self._decode(row)

    def ahead(self, keys: list[str]) -> None:
        """Together, which costs less than one after the other."""
        if far := [key for key in dict.fromkeys(keys) if key not in self._near]:
            found = self.store.get_many([key.encode() for key in far])
            self._near.update(far)
            self._rest.update((key, row) for key, row in zip(far, found, strict=True) if row is not None)
        super().ahead(keys)

    def at_rest(self, key: str) -> bytes | None:
        self._bring(key)
        return super().at_rest(key)

    def lay(self, key: str, row: bytes) -> None:
        self._expect(key)
        super().lay(key, row)

    def put(self, key: str, row: V) -> None:
        self._expect(key)
        super().put(key, row)

    def changed(self, key: str) -> None:
        self._bring(key)
        super().changed(key)

    def delete(self, key: str) -> None:
        self._bring(key)
        if self._size != UNCOUNTED and self._has(key):
            self._size -= 1
        super().delete(key)

    def write(self, write: Write) -> None:
        self._encode_changed()
        flight, rest = self._flight, self._rest
        for key in self._unwritten:
            flight[key] = rest.get(key)
        super().write(write)

    def committed(self) -> None:
        """To the store with what was written; what is as it is there need not be near."""
        if self._flight:
            self.store.write(self._flight)
            self._flight = {}
        ahead = self._unwritten | self._changed
        self._near &= ahead
        self._rest = {key: row for key, row in self._rest.items() if key in ahead}

    def restore(self, records: dict[str, bytes | None]) -> None:
        self.store.write(records)
        self._size = UNCOUNTED

    def close(self) -> None:
        self.store.close()

    def walk(self) -> Iterator[str]:
        """In pieces: keys of all rows may be more than fit into memory."""
        for key, _ in self._walk():
            yield key

    def items(self) -> Iterator[tuple[str, V]]:
        for key, rest in self._walk():
            row = self.peek(key) if rest is None else self._decode(rest)
            if row is not None:
                yield key, row

    def _walk(self) -> Iterator[tuple[str, bytes | None]]:
        """What is near first, then what is at rest, with its row."""
        near = set(self._near)
        for key in [key for key in near if self._has(key)]:
            yield key, None
        start = b""
        while page := self.store.page(start, PAGE):
            start = page[-1][0] + b"\0"
            for at, row in page:
                key = at.decode()
                if key not in near and (key not in self._near or self._has(key)):
                    yield key, row

    def _bring(self, key: str) -> None:
        if key not in self._near:
            self._near.add(key)
            row = self.store.get(key.encode())
            if row is not None:
                self._rest[key] = row

    def _expect(self, key: str) -> None:
        """A row is about to be there."""
        self._bring(key)
        if self._size != UNCOUNTED and not self._has(key):
            self._size += 1

    def _has(self, key: str) -> bool:
        """Of what is near."""
        return key in self._rest or key in self._changed

    def __contains__(self, key: object) -> bool:
        assert isinstance(key, str)
        self._bring(key)
        return self._has(key)

    def __iter__(self) -> Iterator[str]:
        return self.walk()

    def __len__(self) -> int:
        if self._size == UNCOUNTED:
            self._size = 0
            for _ in self._walk():
                self._size += 1
        return self._size
