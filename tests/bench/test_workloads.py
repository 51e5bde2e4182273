"""What is measured is real work: no benchmark's event is refused, and each of them is folded."""

from collections.abc import Callable, Iterable
from itertools import islice

import pytest

from agents.catalogue import CATALOGUE
from bench.events import open_tickets, ticket_events
from bench.guard import measure
from bench.live import Lives
from bench.measure import percentile, spread
from bench.memory import Memory
from bench.scrape import many_values

NOW = 1_790_000_000_000_000


def _folded(events: Iterable[tuple[bytes, bytes]]) -> int:
    memory = Memory(CATALOGUE)
    assert memory.take(events) > 0
    assert not memory.partition.refused
    return memory.partition.entities["cx.tickets"].arrived


@pytest.mark.parametrize(
    ("events", "number"),
    [
        (lambda: ticket_events(2_000), 2_000),
        (lambda: open_tickets(500, NOW), 1_000),
        (lambda: many_values(10, NOW), 200),
        (lambda: (event[1:] for event in islice(Lives().events(100), 2_000)), 2_000),
    ],
    ids=["peers", "open", "scrape", "live"],
)
def test_every_event_is_folded(events: Callable[[], Iterable[tuple[bytes, bytes]]], number: int) -> None:
    assert _folded(events()) == number


def test_what_comes_back_becomes_figures() -> None:
    memory = Memory(CATALOGUE)
    memory.take(ticket_events(2_000))
    assert memory.partition.published > 0
    assert not memory.partition.unwritten


def test_an_event_costs_more_than_its_decoding() -> None:
    assert measure(2_000, 1) > 1


def test_a_median_is_told_with_its_spread() -> None:
    assert spread([3.0, 1.0, 2.0]) == "2 (1 to 3)"
    assert spread([1234.5], 1) == "1,234.5"
    assert percentile(range(1, 101), 99) == 99
