"""Faust tables whose rows are kept by partition and written by checkpoints."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import faust
from faust.stores.memory import Store
from faust.streams import current_event

from streams.state.rows import Rows
from streams.state.stored import StoredRows

if TYPE_CHECKING:
    from streams.state.disk import Disk


class RowStore(Store):
    """Faust's view (`table[key]`, `items()`) on the rows of the owned partitions."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.parts: dict[int, Rows[Any]] = {}

    def _rows(self, key: str) -> Rows[Any] | None:
        event = current_event()
        if event is not None:
            return self.parts.get(event.message.partition)
        return next((rows for rows in self.parts.values() if key in rows), None)

    def __getitem__(self, key: str) -> Any:
        rows = self._rows(key)
        row = rows.get(key) if rows is not None else None
        if row is None:
            raise KeyError(key)
        return row

    def __setitem__(self, key: str, value: Any) -> None:
        rows = self._rows(key)
        if rows is None:
            raise KeyError(f"{key!r} belongs to no partition of this worker")
        rows.put(key, value)

    def __delitem__(self, key: str) -> None:
        if (rows := self._rows(key)) is None or key not in rows:
            raise KeyError(key)
        rows.delete(key)

    def __contains__(self, key: object) -> bool:
        return any(key in rows for rows in self.parts.values())

    def __iter__(self) -> Iterator[str]:
        return (key for rows in self.parts.values() for key in rows)

    def __len__(self) -> int:
        return sum(map(len, self.parts.values()))

    async def on_recovery_completed(self, active_tps: Any, standby_tps: Any) -> None:
        """Opening has recovered everything."""


class Table(faust.Table):
    """A plain Faust table; its changes wait for the checkpoint, and recovery takes whole partitions."""

    row_type: Any = None
    disk: "Disk | None" = None
    "Where rows are at rest, unless it is in memory."

    def _new_store(self) -> RowStore:
        return RowStore("rows://", self.app, self, table_name=self.name, loop=self.loop)

    def on_key_set(self, key: Any, value: Any) -> None:
        """The rows remember what changed; Faust would send it to the changelog at once."""

    def on_key_del(self, key: Any) -> None:
        """As `on_key_set`."""

    def open(self, number: int) -> Rows[Any]:
        """Fresh rows for a partition that this worker has come to own."""
        rows = self._fresh(f"{self.name}-{number}")
        self.data.parts[number] = rows
        return rows

    def drop(self, number: int) -> None:
        rows = self.data.parts.pop(number, None)
        if rows is not None:
            rows.close()

    def _fresh(self, name: str) -> Rows[Any]:
        if self.disk is None:
            return Rows(self.row_type)
        return StoredRows(self.row_type, self.disk.open(name))
