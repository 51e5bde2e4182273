"""Dead letters: the whole record, where it was and why it could not be used."""

from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import Refused
from streams.outlets.dead_letters import LARGEST, dead_letter, letter_size


@dataclass(frozen=True)
class Given:
    offset: int = 7
    timestamp: int = 1_793_523_600_123
    key: bytes | None = b"T1"
    value: bytes | None = b"{}"
    headers: Any = ()


def letter(record: Given, refused: Refused | None = None) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.json.decode(
        dead_letter("cx.tickets", 3, record, refused or Refused("bad", "It is."))
    )
    return told


def test_it_says_all() -> None:
    record = Given(headers=(("trace", b"\x00\xff"), ("none", None)))
    assert letter(record, Refused("wrong_key", "the key is not the subject")) == {
        "specversion": "1.0",
        "type": "record.refused",
        "source": "/metricland",
        "id": "cx.tickets/3/7",
        "time": "2026-11-01T09:00:00.123000Z",
        "subject": "T1",
        "data": {
            "reason": "wrong_key",
            "detail": "the key is not the subject",
            "topic": "cx.tickets",
            "partition": 3,
            "offset": 7,
            "timestamp": 1_793_523_600_123,
            "headers": [["trace", "AP8="], ["none", None]],
            "key": "T1",
            "key_base64": "VDE=",
            "value_base64": "e30=",
            "left_out": 0,
        },
    }


def test_a_record_without_key_and_value() -> None:
    data = letter(Given(key=None, value=None))
    assert data["subject"] == "cx.tickets/3/7"
    assert (data["data"]["key"], data["data"]["key_base64"], data["data"]["value_base64"]) == (
        None,
        None,
        None,
    )


def test_what_no_letter_holds_stays_where_it_is() -> None:
    """A batch that was compressed may hold any amount of zeros: no reason for a partition to stand still."""
    data = letter(Given(key=None, value=bytes(LARGEST), headers=[("a", b"b")]))["data"]
    assert (data["value_base64"], data["headers"], data["left_out"]) == (None, [], LARGEST + 2)
    assert (data["topic"], data["partition"], data["offset"]) == ("cx.tickets", 3, 7)


@given(st.binary(), st.none() | st.binary(), st.lists(st.tuples(st.text(), st.none() | st.binary())))
def test_the_original_bytes_are_kept(
    value: bytes, key: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    data = letter(Given(value=value, key=key, headers=headers))["data"]
    assert b64decode(data["value_base64"]) == value
    assert (None if key is None else b64decode(data["key_base64"])) == key
    told = [(name, None if of is None else b64decode(of)) for name, of in data["headers"]]
    assert told == headers


@pytest.mark.parametrize("size", [0, 1, 100_000, LARGEST - 100, LARGEST + 1])
def test_the_size_of_a_letter_is_known_before_it_is_written(size: int) -> None:
    record = Given(value=b"x" * size)
    letter = dead_letter("cx.tickets", 2, record, Refused("not_json", "the value is no JSON"))
    assert abs(letter_size(record) - len(letter)) < 300
