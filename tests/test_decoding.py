"""CloudEvents on the wire: what is read, what is turned away and with which reason."""

import gc
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.decoding import Decoder
from streams.errors import Refused
from streams.events import Order, Wire, envelope, type_of
from streams.optional import given as given_
from tests.parcels import PAGES, PARCELS, event

DECODER = Decoder(PARCELS.types)
RANKS = {type_.name: rank for rank, type_ in enumerate(PARCELS.types)}
SENT = event("parcel.sent", "09:00", size="L")


def encoded(told: dict[str, Any]) -> bytes:
    return msgspec.json.encode(told)


def reason(value: bytes) -> str:
    with pytest.raises(Refused) as refused:
        DECODER.decode(value)
    assert refused.value.detail
    return refused.value.reason


def test_an_event_is_read() -> None:
    subject, read = DECODER.decode(encoded({**SENT, "sequence": 3}))
    assert subject == "P1"
    assert (read.time, read.sequence, read.rank) == (1_793_610_000_000_000, 3, 0)
    assert (read.source, read.id) == ("/post", SENT["id"])
    assert (read.data.size, read.data.weight) == ("L", 1)


def test_what_is_not_named_is_ignored() -> None:
    more = {"traceparent": "00-1", "datacontenttype": "application/json", "queue": [1, {"a": None}]}
    told = {**SENT, **more, "data": {"size": "L", "colour": "red", "Size": 7}}
    assert DECODER.decode(encoded(told)) == DECODER.decode(encoded(SENT))


@pytest.mark.parametrize(
    ("data", "size"), [({}, None), ({"size": None}, None), ({"size": ""}, None), ({"size": "S"}, "S")]
)
def test_absent_cleared_and_given_fields(data: dict[str, Any], size: str | None) -> None:
    _, read = DECODER.decode(encoded({**SENT, "data": data}))
    assert given_(read.data.size) == size


def test_data_may_be_absent_where_nothing_in_it_is_required() -> None:
    told = {name: value for name, value in event("parcel.delivered", "09:00").items() if name != "data"}
    assert DECODER.decode(encoded(told))[0] == "P1"
    told = {name: value for name, value in event("parcel.moved", "09:00", hub="A").items() if name != "data"}
    assert reason(encoded(told)) == "invalid"


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time", "subject"])
def test_a_missing_attribute(name: str) -> None:
    assert reason(encoded({key: value for key, value in SENT.items() if key != name})) == "invalid"


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time", "subject"])
@pytest.mark.parametrize("value", [None, 5, "", True, [], {}])
def test_an_attribute_of_a_wrong_type(name: str, value: Any) -> None:
    assert reason(encoded({**SENT, name: value})) == "invalid"


@pytest.mark.parametrize(
    "sequence",
    ["1e3", "1.5", '"1"', "true", "null", "9223372036854775808", "-9223372036854775809", "1" * 400],
)
def test_a_sequence_is_a_64_bit_integer(sequence: str) -> None:
    value = encoded(SENT)[:-1] + f',"sequence":{sequence}}}'.encode()
    assert reason(value) == "invalid"


@pytest.mark.parametrize("sequence", [0, -1, 2**63 - 1, -(2**63)])
def test_sequences_at_the_bounds(sequence: int) -> None:
    assert DECODER.decode(encoded({**SENT, "sequence": sequence}))[1].sequence == sequence


@pytest.mark.parametrize("name", ["id", "subject"])
@pytest.mark.parametrize(
    ("text", "fits"), [("x" * 256, True), ("x" * 257, False), ("ü" * 128, True), ("ü" * 129, False)]
)
def test_ids_have_256_bytes_at_most(name: str, text: str, fits: bool) -> None:
    value = encoded({**SENT, name: text})
    if fits:
        DECODER.decode(value)
    else:
        assert reason(value) == "invalid"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", "not_json"),
        (b"hello", "not_json"),
        (encoded(SENT)[:-1], "not_json"),
        (encoded(SENT) + b"{}", "not_json"),
        (b"\xef\xbb\xbf" + encoded(SENT), "not_json"),
        (b"\x00", "not_json"),
        (b"null", "invalid"),
        (b"[]", "invalid"),
        (b'"text"', "invalid"),
        (b'{"a":NaN}', "not_json"),
        (encoded(SENT).replace(b'"L"', b'"\xff"'), "not_utf8"),
        (encoded(SENT).replace(b'"size":"L"', b'"other":"\xc3"'), "not_utf8"),
        (encoded(SENT).replace(b'"size":"L"', b'"other":"\xed\xa0\x80"'), "not_utf8"),
        (encoded(SENT).replace(b'"size":"L"', b'"other":NaN'), "not_json"),
        (encoded(SENT).replace(b'"size":"L"', b'"other":Infinity'), "not_json"),
        (encoded(SENT).replace(b'"L"', rb'"\ud800"'), "not_json"),
        (encoded(SENT).replace(b'"size":"L"', b'"other":' + b"[" * 100_000 + b"]" * 100_000), "not_json"),
        (b'{"a":' * 100_000, "not_json"),
    ],
)
def test_what_is_no_event(value: bytes, expected: str) -> None:
    assert reason(value) == expected


def test_a_pair_of_surrogates_is_a_letter() -> None:
    subject, _ = DECODER.decode(encoded({**SENT, "subject": "?"}).replace(b'"?"', rb'"\ud83d\ude00"'))
    assert subject == "😀"


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("0001-01-01T00:00:00Z", "too_late"),
        ("1969-12-31T23:59:59.999999Z", "too_late"),
        ("9999-01-01T00:00:00Z", "in_future"),
        ("9999-12-31T23:59:59-23:59", "in_future"),
        ("2016-12-31T23:59:60Z", "invalid"),
        ("2026-11-01", "invalid"),
        ("now", "invalid"),
    ],
)
def test_times_that_are_none(time: str, expected: str) -> None:
    assert reason(encoded({**SENT, "time": time})) == expected


def test_our_source_and_our_types_go_together() -> None:
    fact = {"key": "pages 2 N1note", "version": 1, "fact": None}
    assert reason(encoded({**SENT, "source": "/metricland"})) == "reserved"
    assert reason(encoded({**SENT, "type": "parcel.noted", "data": fact})) == "reserved"
    assert DECODER.decode(encoded({**SENT, "type": "parcel.noted", "data": fact, "source": "/metricland"}))


def test_a_domain_s_check_is_asked() -> None:
    decoder = Decoder(PAGES.types)
    decoder.decode(encoded(event("page.written", "09:00", mood="sad", parcel="P1")))
    with pytest.raises(Refused, match="no_parcel"):
        decoder.decode(encoded(event("page.written", "09:00", mood="sad", parcel="none")))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (encoded(SENT), "parcel.sent"),
        (b'{"type":"weather.changed"}', "weather.changed"),
        (b'{"type":5}', None),
        (b"{}", None),
        (b"[]", None),
        (b"", None),
        (b"\xff", None),
        (b'{"a":' * 100_000, None),
    ],
)
def test_the_type_that_a_record_claims(value: bytes, expected: str | None) -> None:
    assert type_of(value) == expected


@given(
    st.binary(max_size=60)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_anything_is_either_read_or_refused(value: bytes) -> None:
    with pytest.raises(Refused):
        DECODER.decode(value)
    type_of(value)


WORDS = st.sampled_from([*SENT, "data", "size", "weight", "sequence"])
THINGS: Any = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just({}) | st.just([])
)


@given(st.dictionaries(WORDS, THINGS, max_size=4))
def test_an_event_with_anything_in_it_is_either_read_or_refused(changed: dict[str, Any]) -> None:
    value = json.dumps({**SENT, **changed}).encode()
    try:
        DECODER.decode(value)
    except Refused as refused:
        assert refused.reason in ("invalid", "not_json", "too_late", "in_future")


def test_what_we_write_we_read() -> None:
    order = Order(1_793_610_000_123_456, -7, 0, "/metricland", "cx.pages/0/5/ab")
    value = envelope("parcel.noted", "P|ü", order, {"key": "pages 2 N1note", "version": 9, "fact": None})
    subject, read = DECODER.decode(value)
    assert subject == "P|ü"
    assert (read.time, read.sequence, read.source, read.id) == (order.time, -7, "/metricland", order.id)
    assert (read.rank, read.data.version) == (RANKS["parcel.noted"], 9)


def test_decoders_of_the_same_types_share_what_is_never_given_back() -> None:
    """A struct's class stays for ever, and each partition that comes has decoders of its own."""
    Decoder(PARCELS.types)
    before = len(Wire.__subclasses__())
    Decoder(PARCELS.types)
    gc.collect()
    assert len(Wire.__subclasses__()) == before
