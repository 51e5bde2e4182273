"""A worker stops before it fills the dead letters; a few bad records never stop it."""

from types import SimpleNamespace
from typing import Any

import pytest

from streams.errors import TooManyRefused
from streams.state.refusals import SPAN, Bounds, Refusals


def take(refusals: Refusals, first: int, pattern: str) -> int:
    """Records by a letter each, x for a refused one; the offset after them."""
    records: list[Any] = [SimpleNamespace(offset=first + place) for place in range(len(pattern))]
    refused = [(first + place, "invalid: no id") for place, letter in enumerate(pattern) if letter == "x"]
    refusals.took(records, refused)
    return first + len(pattern)


def test_a_run_over_several_batches_is_told_with_its_place() -> None:
    refusals = Refusals("cx.tickets/2", Bounds(run=3))
    end = take(refusals, 10, "..xx")
    end = take(refusals, end, "x")
    with pytest.raises(TooManyRefused) as told:
        take(refusals, end, "x.")
    assert str(told.value) == (
        "cx.tickets/2: 4 records in a row could not be used, the last at offset 15 (invalid: no id). "
        "Nothing is lost: mend what is wrong, or set dead_letters.run to let them go to the dead letters"
    )


def test_a_good_record_ends_a_run() -> None:
    refusals = Refusals("cx.tickets/0", Bounds(run=3))
    end = take(refusals, 0, "xxx.xxx")
    end = take(refusals, end, ".")
    end = take(refusals, end, "xxx")
    take(refusals, end, "")
    take(refusals, end, ".xx.xxx")


def test_a_share_of_the_last_records() -> None:
    refusals, end = Refusals("cx.tickets/0", Bounds(run=0, share=0.1)), 0
    for _ in range(3):
        end = take(refusals, end, "x........." * (SPAN // 10))
    with pytest.raises(TooManyRefused, match=r"1,001 of the last 2,001 records could not be used.*share"):
        take(refusals, end, "x." * (SPAN // 10 + 1))


def test_batches_make_no_difference_to_the_share() -> None:
    """A third of 30,000 is a third, also where one fetch brings them all."""
    one, many, end = Refusals("cx.tickets/0", Bounds(run=0)), Refusals("cx.tickets/0", Bounds(run=0)), 0
    take(one, 0, "x.." * SPAN + "....")
    for _ in range(SPAN):
        end = take(many, end, "x..")
    take(many, end, "....")
    assert one.count == many.count


def test_no_bounds() -> None:
    take(Refusals("cx.tickets/0", Bounds(run=0, share=1)), 0, "x" * 3 * SPAN)
