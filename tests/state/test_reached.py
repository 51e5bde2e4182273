"""How far those have come who tell an entity facts: as far as the partition that is furthest behind."""

from typing import Any

from streams.state.reached import reached, register_key, teller
from tests.parcels import Note


def number(key: bytes) -> int:
    return key[-1] % 2


def told(*facts: tuple[str, int | None], domain: str = "pages") -> dict[str, tuple[int, Any]]:
    return {
        register_key(domain, subject, "note"): (1, None if time is None else Note(time, 0, "sad"))
        for subject, time in facts
    }


def test_a_register_tells_whom_it_is_of() -> None:
    for subject in ("P1", "a b 7 c", "ü" * 9, "note"):
        assert teller(register_key("pages", subject, "note")) == ("pages", subject)


def test_the_latest_of_the_partition_that_is_furthest_behind() -> None:
    facts = told(("P1", 50), ("P3", 90), ("P2", 40), ("P4", 30), ("P6", None))
    assert reached(facts, number, 2) == {"pages": 40}


def test_a_domain_of_which_not_all_partitions_have_told_has_reached_nothing() -> None:
    facts = told(("P1", 50), ("P3", 90)) | told(("P2", 5), ("P3", 7), domain="books")
    assert reached(facts, number, 2) == {"books": 5}
