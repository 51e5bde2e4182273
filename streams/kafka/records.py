"""aiokafka's records as its C code makes them, without an object of Python around each."""

from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.producer.message_accumulator import BatchBuilder
from faust.types.tuples import TP


class PlainRecords(fetcher.PartitionRecords):
    """Hands over a fetch's records as they were unpacked: offset, timestamp, key, value and headers.

    aiokafka wraps each into a frozen dataclass of eleven fields, which costs more than all else that it
    does with a record.
    """

    def _consumer_record(self, tp: TP, record: Any) -> Any:
        return record


def fetch_plain_records() -> None:
    """For all consumers of this process; aiokafka has no setting for it."""
    fetcher.PartitionRecords = PlainRecords


class RecordBatch:
    """A record batch that is filled without the metadata that aiokafka keeps for each record."""

    def __init__(self, builder: BatchBuilder) -> None:
        self.builder = builder
        self._append = builder._builder.append

    def add(self, key: bytes | None, value: bytes | None) -> bool:
        """False where the record doesn't fit in any more."""
        if self._append(self.builder._relative_offset, None, key, value, []) is None:
            return False
        self.builder._relative_offset += 1
        return True
