"""The record batches for one partition of a topic."""

from collections.abc import Callable
from typing import Any, final

from streams.errors import BrokerError

NO_HEADERS: list[Any] = []


@final
class Place:
    """Fills batches without the metadata that aiokafka keeps for each record; `create` makes an empty one."""

    def __init__(self, topic: str, create: Callable[[], Any]) -> None:
        self._topic = topic
        self._create = create
        self._full: list[Any] = []
        self._before = 0
        "Records in those that are full."
        self._offset = 0
        self._open: Any = create()
        self._append: Any = self._open._builder.append

    @property
    def records(self) -> int:
        return self._before + self._offset

    def add(self, key: bytes | None, value: bytes | None) -> None:
        if self._append(self._offset, None, key, value, NO_HEADERS) is None:
            self._begin()
            if self._append(0, None, key, value, NO_HEADERS) is None:
                raise BrokerError(f"A record for {self._topic} doesn't fit into a batch (key {key!r}).")
        self._offset += 1

    def closed(self) -> list[Any]:
        self._end()
        return [*self._full, self._open]

    def _begin(self) -> None:
        self._end()
        self._full.append(self._open)
        self._before += self._offset
        self._offset = 0
        self._open = self._create()
        self._append = self._open._builder.append

    def _end(self) -> None:
        self._open._relative_offset = self._offset
        self._open.close()
