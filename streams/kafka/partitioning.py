"""Which partition a key belongs to: as Java's default partitioner has it."""

from streams.kafka.murmur import murmur2


def partition_of(key: bytes, partitions: int) -> int:
    return (murmur2(key) & 0x7FFFFFFF) % partitions
