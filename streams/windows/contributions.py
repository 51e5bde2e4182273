"""What travels to the rollup: contributions by series, and how far their sources have come."""

from collections.abc import Sequence
from typing import Any

import msgspec

from streams.windows.leaf import Panes
from streams.windows.vector import Vector, encode_map
from streams.windows.watermarks import Marks

MARK = b"@"
"The key of records that tell a watermark."

AT_ONCE = 512
"Records whose contributions are netted before they are added up, where a checkpoint doesn't come sooner."


class Contributions:
    """Nets those of a series, which come from many partitions: each addition goes into several panes."""

    def __init__(self, application: str) -> None:
        self._application = application
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(tuple[str, dict[int, msgspec.Raw]]).decode
        self._decode_mark = msgspec.msgpack.Decoder(tuple[str, str, int | None, int | None]).decode
        self._ours: bytes = self._encode(application)
        self._head = b"\x92" + self._ours
        self._panes: dict[bytes, Panes] = {}
        self._taken = 0

    def told(self, panes: Panes) -> bytes:
        """A record of contributions to a series."""
        return self._head + encode_map(panes)

    def told_mark(self, source: str, reached: int | None, clock: int | None) -> bytes:
        """A record of how far a source has come."""
        record: bytes = self._encode((self._application, source, reached, clock))
        return record

    def take(self, records: Sequence[Any], marks: Marks) -> bool:
        """Take records; true if there are so many that they should be added up."""
        for record in records:
            value = record.value
            # What another application wrote, before a rebuild, is in its own state.
            if not value.startswith(self._ours, 1):
                continue
            if record.key == MARK:
                _, source, reached, clock = self._decode_mark(value)
                marks.take(source, reached, clock)
            else:
                self._net(record.key, self._decode(value)[1])
        self._taken += len(records)
        return self._taken >= AT_ONCE

    def netted(self) -> dict[bytes, Panes]:
        """Contributions by series; there are none left then."""
        netted, self._panes, self._taken = self._panes, {}, 0
        return netted

    def _net(self, series: bytes, told: dict[int, Any]) -> None:
        panes = self._panes.get(series)
        if panes is None:
            panes = self._panes[series] = {}
        for start, slots in told.items():
            vector = Vector.decode(slots)
            known = panes.get(start)
            if known is None:
                panes[start] = vector
            else:
                known.merge(vector)
