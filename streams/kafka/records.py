"""aiokafka's records as its C code makes them, without an object of Python around each."""

from typing import Any

from aiokafka.consumer import fetcher
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
