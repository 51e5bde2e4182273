"""What is left of entities that were forgotten: enough to know them again, and what would count twice.

Of each 16 bytes are kept: a digest of its id, and the newest time of what had happened to it. The digest is
keyed: who reads it can't find out the id by trying.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from hashlib import blake2b
from heapq import merge
from typing import NamedTuple

from streams.state.rows import Rows

Run = tuple["array[int]", "array[int]"]
"Sorted digests, and beside them what is kept of each."

ERASED = (1 << 62) - 1
"Instead of a time: the entity was removed with all that was known of it."

SIZE = 16
PAGE = 256
"Entities whose digests share a row."

KEYED = "keyed "
"""Before the number of a page of keyed digests. Former releases wrote plain ones, under the number alone.

They can't read this as a number, and so fail rather than take events of whom they know no more.
"""

RECENT = 4096
"Entities that are looked up in a dict; older ones are in sorted arrays, which are far smaller."


class Trace(NamedTuple):
    """What is left of an entity: its newest time (microseconds), and whether it had events of its own."""

    newest: int
    by_events: bool


class Forgotten:
    """The forgotten entities of one domain in one partition; the rows' keys are `domain|keyed number`.

    Workers that take the partition over must have the same `key`, of at most 64 bytes.
    """

    def __init__(self, domain: str, rows: Rows[bytes], key: bytes) -> None:
        self._domain = domain
        self._rows = rows
        self._start = blake2b(domain.encode(), digest_size=8, key=key, person=b"forgotten")
        self._recent: dict[int, int] = {}
        self._runs: list[Run] = []
        "The longest first; each is less than half as long as the one before it."
        self._page = 0
        self._open = b""

    def add(self, subject: str, trace: Trace) -> None:
        self._add(self._digest(_plain(subject)), trace.newest << 1 | trace.by_events)

    def find(self, subject: str) -> Trace | None:
        """The trace of an entity, of several times that it was forgotten the newest."""
        if not self._recent and not self._runs:
            return None
        digest = self._digest(_plain(subject))
        found = [value for run in self._runs for value in _look_up(run, digest)]
        if (value := self._recent.get(digest)) is not None:
            found.append(value)
        return Trace(max(found) >> 1, any(value & 1 for value in found)) if found else None

    def restore(self) -> None:
        """Read all rows of the domain; those of former releases are replaced."""
        prefix, plain = f"{self._domain}|", list[str]()
        for key in [key for key in self._rows if key.startswith(prefix)]:
            number = key.removeprefix(prefix)
            if not number.startswith(KEYED):
                plain.append(key)
                continue
            row, page = self._rows.peek(key) or b"", int(number.removeprefix(KEYED))
            for digest, value in _entries(row):
                self._learn(int.from_bytes(digest), value)
            if page >= self._page:
                self._page, self._open = page, row
        for key in plain:
            for digest, value in _entries(self._rows.peek(key) or b""):
                self._add(self._digest(digest), value)
            self._rows.delete(key)

    def __len__(self) -> int:
        return len(self._recent) + sum(len(digests) for digests, _ in self._runs)

    def _add(self, digest: int, value: int) -> None:
        if len(self._open) >= SIZE * PAGE:
            self._page, self._open = self._page + 1, b""
        self._open += digest.to_bytes(8) + value.to_bytes(8)
        self._rows.put(f"{self._domain}|{KEYED}{self._page}", self._open)
        self._learn(digest, value)

    def _digest(self, plain: bytes) -> int:
        """Of a plain digest, as that is all that former releases have left."""
        keyed = self._start.copy()
        keyed.update(plain)
        return int.from_bytes(keyed.digest())

    def _learn(self, digest: int, value: int) -> None:
        known = self._recent.get(digest, 0)
        self._recent[digest] = max(value, known) | ((value | known) & 1)
        if len(self._recent) >= RECENT:
            run = sorted(self._recent.items())
            self._recent = {}
            while self._runs and len(self._runs[-1][0]) < 2 * len(run):
                run = list(merge(zip(*self._runs.pop(), strict=True), run))
            self._runs.append((array("Q", [each[0] for each in run]), array("Q", [each[1] for each in run])))


def _plain(subject: str) -> bytes:
    return blake2b(subject.encode(), digest_size=8).digest()


def _entries(row: bytes) -> Iterator[tuple[bytes, int]]:
    """The digests of a page, each with what is kept beside it."""
    for at in range(0, len(row), SIZE):
        yield row[at : at + 8], int.from_bytes(row[at + 8 : at + SIZE])


def _look_up(run: Run, digest: int) -> Iterator[int]:
    """What is kept of a digest, which may be there several times."""
    digests, values = run
    place = bisect_left(digests, digest)
    while place < len(digests) and digests[place] == digest:
        yield values[place]
        place += 1
