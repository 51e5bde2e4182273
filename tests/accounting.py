"""Where each record went: nothing is lost and nothing is there twice, by the logs and the state alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from streams.catalogue import Catalogue, Domain
from streams.errors import Refused
from streams.events import OURS, Event
from streams.intake import Intake
from streams.state.record import Entity


class Account(NamedTuple):
    produced: int
    accepted: int
    "Events that entities have in their state."
    duplicates: int
    refused: int
    "Dead letters."
    skipped: int
    "Of types that are counted, and no more."
    erased: int
    "Of entities that were removed with all that was known of them."

    def check(self) -> None:
        assert sum(self) == 2 * self.produced, self


def account(
    catalogue: Catalogue,
    produced: Iterable[bytes | None],
    rows: Mapping[str, Iterable[bytes | None]],
    letters: int,
) -> Account:
    """Of input records (those of the processor itself are left out), and the rows of each domain's table."""
    intake, known, number, again, skipped = Intake(catalogue), defaultdict[Any, dict[Any, Any]](dict), 0, 0, 0
    for value in produced:
        if value is not None and b'"source":"%b"' % OURS.encode() in value:
            continue
        number += 1
        try:
            placed = intake.place(value or b"")
        except Refused:
            continue
        if placed.event is None:
            skipped += 1
            continue
        entity, name = known[placed.domain, placed.subject], (placed.event.source, placed.event.id)
        again += name in entity
        entity.setdefault(name, placed.event)
    accepted = sum(
        _events(row, catalogue.domain(name).state) for name, found in rows.items() for row in found if row
    )
    erased = sum(
        len(events) for (name, _), events in known.items() if _is_erased(catalogue.domain(name), events)
    )
    return Account(number, accepted, again, letters, skipped, erased)


def _is_erased(domain: Domain, events: Mapping[Any, Event]) -> bool:
    return any(domain.types[event.rank].erases for event in events.values())


def _events(row: bytes, state: Any) -> int:
    entity = msgspec.msgpack.decode(row, type=Entity[state])
    assert entity.floor is None, "it had more events than are kept"
    return entity.count
