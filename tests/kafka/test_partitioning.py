"""Keys go where Java's default partitioner puts them."""

import pytest
from aiokafka.partitioner import murmur2 as aiokafkas
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka import murmur as used
from streams.kafka.partitioning import partition_of
from tests.compiled.reference import reference

python = reference("streams.kafka.murmur")


@given(st.binary(max_size=40))
def test_a_digest_is_the_clients(key: bytes) -> None:
    assert used.murmur2(key) == python.murmur2(key) == aiokafkas(key) % (1 << 32)


@given(st.binary(max_size=40), st.integers(1, 64))
def test_a_partition_is_the_clients(key: bytes, partitions: int) -> None:
    assert partition_of(key, partitions) == (aiokafkas(key) & 0x7FFFFFFF) % partitions


def test_what_is_no_key() -> None:
    with pytest.raises(TypeError):
        used.murmur2("1001")  # type: ignore[arg-type]
