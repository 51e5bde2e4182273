"""A cell as it is kept."""

import msgspec
from msgspec import Struct

from streams.windows.vector import Vector, encode_map

_encode = msgspec.msgpack.Encoder().encode


class Cell(Struct, array_like=True):
    """All metrics of a family in one pane of one series, and how often each was published."""

    parts: dict[int, Vector]
    "By the number of the metric in its family."
    revisions: dict[int, int] = {}

    def encoded(self) -> bytes:
        """As MessagePack has it."""
        return b"\x92" + encode_map(self.parts) + _encode(self.revisions)
