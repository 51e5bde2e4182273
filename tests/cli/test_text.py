"""Figures and records as people read them."""

import pytest
from aiokafka import ConsumerRecord

from streams.cli.text import printable, record_json, record_text, value_text


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (None, "ratio", "-"),
        (0.8125, "ratio", "81.2%"),
        (0, "tickets", "0"),
        (12345, "tickets", "12,345"),
        (-33.333, "points", "-33.33"),
        (0.0, "seconds", "0s"),
        (0.25, "seconds", "0.25s"),
        (59.96, "seconds", "60s"),
        (62, "seconds", "1m 2s"),
        (3600, "seconds", "1h"),
        (3 * 86400 + 59, "seconds", "3d"),
        (-3900.0, "seconds", "-1h 5m"),
    ],
)
def test_values(value: float | None, unit: str, told: str) -> None:
    assert value_text(value, unit) == told


def test_nothing_reaches_a_terminal_that_it_would_obey() -> None:
    assert printable("a\x1b[31m\x9b\nö\ud800") == "a\\x1b[31m\\x9b\\nö\\ud800"


def record(value: bytes | None) -> "ConsumerRecord[bytes, bytes | None]":
    at = 1_793_523_600_123
    return ConsumerRecord("cx.t", 1, 42, at, 0, b"T\xff", value, None, 1, len(value or b""), ())


@pytest.mark.parametrize(
    ("value", "text", "json"),
    [
        (b'{"type": "a.b", "data": {"x":  1}}', 'a.b {"x":1}', '{"type":"a.b","data":{"x":1}}'),
        (b"[1,\n2]", "[1,2]", "[1,2]"),
        (b"\x93\x01", "\\x93\\x01", '"\\\\x93\\u0001"'),
        (None, "(tombstone)", "null"),
    ],
)
def test_records(value: bytes | None, text: str, json: str) -> None:
    assert record_text(record(value)) == f"2026-11-01T09:00:00.123000Z 1:42 T\\xff {text}"
    head = (
        '{"topic":"cx.t","partition":1,"offset":42,"timestamp":"2026-11-01T09:00:00.123000Z","key":"T\\\\xff"'
    )
    assert record_json(record(value)) == f'{head},"value":{json}}}'
