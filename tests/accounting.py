"""Where each record went: accepted + duplicates + refused + skipped = produced, by logs and state alone."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from streams.catalogue import Catalogue
from streams.errors import Refused
from streams.events import OURS
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

    def check(self) -> None:
        assert self.accepted + self.duplicates + self.refused + self.skipped == self.produced, self


def account(
    catalogue: Catalogue,
    produced: Iterable[bytes | None],
    rows: Mapping[str, Iterable[bytes | None]],
    letters: int,
) -> Account:
    """Of input records (those of the processor itself are left out), and the rows of each domain's table."""
    intake, known, number, again, skipped = Intake(catalogue), set[tuple[str, ...]](), 0, 0, 0
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
        name = (placed.domain, placed.subject, placed.event.source, placed.event.id)
        again += name in known
        known.add(name)
    accepted = sum(
        _events(row, catalogue.domain(name).state) for name, found in rows.items() for row in found if row
    )
    return Account(number, accepted, again, letters, skipped)


def _events(row: bytes, state: Any) -> int:
    entity = msgspec.msgpack.decode(row, type=Entity[state])
    assert entity.floor is None, "it had more events than are kept"
    return entity.count
