"""Pseudonyms: the same value has one digest, which nobody without the key can tell."""

from hypothesis import given
from hypothesis import strategies as st

from streams.catalogue import Family
from streams.windows.admission import Admission
from streams.windows.labels import LONGEST, Labels
from streams.windows.pseudonyms import Pseudonyms

KEY = "sixteen letters!"
ANA = Pseudonyms(frozenset({"clerk"}), KEY)
FAMILY = Family("f", ("clerk", "hub"), ((), ("clerk",)))


def test_a_digest_is_that_of_hmac() -> None:
    """`printf clerk=ana | openssl dgst -sha256 -hmac 'sixteen letters!'`, its first 16 digits."""
    assert ANA.of("clerk", "ana") == "8a8c0759f2f28275"


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_values_are_told_apart(one: str, other: str) -> None:
    assert (ANA.of("clerk", one) == ANA.of("clerk", other)) is (one == other)


def test_another_key_gives_other_digests_and_another_fingerprint() -> None:
    other = Pseudonyms(ANA.dimensions, KEY + "?")
    assert other.of("clerk", "ana") != ANA.of("clerk", "ana")
    assert other.fingerprint != ANA.fingerprint
    assert KEY not in ANA.fingerprint


def test_only_what_is_named_is_replaced_and_before_it_is_remembered() -> None:
    remembered: dict[str, Admission] = {}
    labels = Labels(10, remembered.__setitem__, ANA)
    digest = ANA.of("clerk", "ana")
    assert labels(FAMILY, ("ana", "north"), 0) == ((digest, "north"), True)
    assert labels(FAMILY, (None, None), 0) == (("unknown", "unknown"), True)
    assert labels(FAMILY, ("x" * (LONGEST + 1), "north"), 0) == (("other", "north"), True)
    assert list(remembered) == [f"clerk|{digest}", "hub|north"]
