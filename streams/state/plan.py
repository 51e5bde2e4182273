"""What all partitions share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from streams.catalogue import Catalogue
from streams.state.record import Entity
from streams.state.refusals import Bounds
from streams.state.screening import Limits
from streams.windows.admission import Admission
from streams.windows.cell import Cell
from streams.windows.due import Due
from streams.windows.labels import ADMITTED
from streams.windows.panes import PUBLISHED, Calendar, Retention
from streams.windows.pseudonyms import Pseudonyms
from streams.windows.watermarks import Mark

CELLS, MARKS, LABELS, LEVELS, FORGOTTEN = "cells", "marks", "labels", "levels", "forgotten"
"Tables besides those of the domains."

ROLLED_UP = frozenset({CELLS, MARKS, LEVELS})
"Tables that contributions alone change."


@dataclass(frozen=True)
class Plan:
    """The definitions, and the names of topics."""

    catalogue: Catalogue
    version: str
    partitions: int
    application: str
    prefix: str = "cx."
    calendar: Calendar = field(default_factory=Calendar)
    retention: Retention = field(default_factory=Retention)
    limits: Limits = field(default_factory=Limits)
    refusals: Bounds = field(default_factory=Bounds)
    admitted: int = ADMITTED
    pseudonyms: Pseudonyms | None = None
    hidden: frozenset[str] = frozenset()
    "Dimensions that nothing is told by."
    published: tuple[str, ...] = PUBLISHED
    signing_key: bytes = b"known to everybody"
    "What the group signs its own records on input topics with."
    topic_ids: Mapping[str, str] = field(default_factory=dict)
    "Kafka's ids of the topics: a topic that is made anew has another."

    def topic(self, name: str) -> str:
        return self.prefix + name

    def changelog(self, table: str) -> str:
        return changelog(self.application, table)

    @property
    def contributions(self) -> str:
        return self.topic("contributions")

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(self.topic(domain.name) for domain in self.catalogue.domains)

    @property
    def tables(self) -> tuple[str, ...]:
        return tables(self.catalogue)

    def sources(self) -> dict[str, frozenset[str]]:
        """The source partitions of each family's contributions."""
        return {
            family.name: frozenset(
                source_name(domain, number)
                for domain in self.catalogue.sources(family)
                for number in range(self.partitions)
            )
            for family in self.catalogue.families
        }

    @property
    def state_id(self) -> str | None:
        """Which changelogs these are, if that is known."""
        ids = [self.topic_ids.get(self.changelog(table), "") for table in self.tables]
        return blake2b(" ".join(ids).encode(), digest_size=8).hexdigest() if any(ids) else None

    def row_type(self, table: str) -> Any:
        """The type of a table's rows."""
        others: dict[str, Any] = {
            CELLS: Cell,
            MARKS: Mark,
            LABELS: Admission,
            LEVELS: Due,
            FORGOTTEN: bytes,
        }
        return others.get(table) or Entity[self.catalogue.domain(table).state]  # type: ignore[misc]


def tables(catalogue: Catalogue) -> tuple[str, ...]:
    """The names of all tables."""
    return (*(domain.name for domain in catalogue.domains), CELLS, MARKS, LABELS, LEVELS, FORGOTTEN)


def changelog(application: str, table: str) -> str:
    """The topic that a table is written to, as Faust names it."""
    return f"{application}-{table}-changelog"


def source_name(domain: str, number: int) -> str:
    return f"{domain}/{number}"
