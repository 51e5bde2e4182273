"""Which partition a key belongs to: murmur2, as Java's default partitioner has it."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(200_000)
def partition_of(key: bytes, partitions: int) -> int:
    number: int = (murmur2(key) & 0x7FFFFFFF) % partitions
    return number
