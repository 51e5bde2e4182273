"""Signatures of the processor's own records."""

import msgspec
import pytest

from streams.signature import Signer

KEY = b"a key that nobody else has"
RECORD = msgspec.json.encode({"source": "/metricland", "data": {"a": 1}})


def test_a_signed_record_is_the_same_event_with_one_more_attribute() -> None:
    signed = Signer(KEY).sign("tickets", RECORD)
    read = msgspec.json.decode(signed)
    assert len(read.pop("signature")) == 32
    assert read == msgspec.json.decode(RECORD)


def test_it_is_verified_by_the_same_key_for_the_same_domain_alone() -> None:
    signed = Signer(KEY).sign("tickets", RECORD)
    assert Signer(KEY).verifies("tickets", signed)
    assert not Signer(KEY).verifies("calls", signed)
    assert not Signer(b"another key").verifies("tickets", signed)


@pytest.mark.parametrize("place", range(0, len(RECORD) + 30, 3))
def test_no_byte_of_it_may_change(place: int) -> None:
    signed = bytearray(Signer(KEY).sign("tickets", RECORD))
    signed[place] ^= 1
    assert not Signer(KEY).verifies("tickets", bytes(signed))


@pytest.mark.parametrize("record", [b"", b"{}", RECORD, b'{"signature":"00"}', b"\xff" * 60])
def test_what_has_no_signature_is_not_verified(record: bytes) -> None:
    assert not Signer(KEY).verifies("tickets", record)


def test_keys_are_told_apart_by_their_fingerprints() -> None:
    assert Signer(KEY).fingerprint == Signer(KEY).fingerprint != Signer(b"another key").fingerprint
