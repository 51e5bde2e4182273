"""Erasing an entity: the event that does it, and the topics that may still hold it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from streams import moments
from streams.catalogue import Catalogue
from streams.holding import Events, Letters, Look, Others, Own, Raw
from streams.state.plan import changelog

SOURCE = "/command-line"
"The source of events that a person writes by a command."

DEAD_LETTERS, RAW = "dead-letters", "raw"
"Topics besides those of the domains: what was refused, and what came before it was made into events."


@dataclass(frozen=True)
class Erasure:
    """Which entities can be erased: those of a domain, by an event of this type, which has no data."""

    domain: str
    type: str
    what: str
    "What a user calls such an entity."
    fields: Mapping[str, tuple[str, ...]]
    "By domain, the fields of events' data that hold an id of one."
    states: Mapping[str, tuple[str, ...]]
    "By domain, the fields of states that do."

    def event_id(self, subject: str) -> str:
        """The same each time: an entity is erased once, however often that is written."""
        return f"erase {blake2b(f'{self.type} {subject}'.encode(), digest_size=16).hexdigest()}"

    def event(self, subject: str, at: int) -> bytes:
        """The event that erases an entity, at a time in microseconds."""
        return msgspec.json.encode(
            {
                "specversion": "1.0",
                "id": self.event_id(subject),
                "source": SOURCE,
                "type": self.type,
                "time": moments.text(at),
                "subject": subject,
            }
        )


class Holds(StrEnum):
    """What a topic holds of an entity."""

    EVENTS = "events"
    LETTERS = "dead letters"
    RAW = "raw deliveries"
    OWN_STATE = "its state"
    OTHER_STATES = "states of others"


class Place(NamedTuple):
    """A topic that may hold it."""

    topic: str
    holds: Holds
    look: Look


def places(
    catalogue: Catalogue, erasure: Erasure, subject: str, prefix: str, application: str
) -> Iterator[Place]:
    """All topics that may hold an entity, whether they exist or not.

    The changelog of its own domain is there twice, for its own state and for those of others.
    """
    events = {
        prefix + domain.name: Events(
            domain, domain.name == erasure.domain, erasure.fields.get(domain.name, ()), subject
        )
        for domain in catalogue.domains
    }
    for topic, look in events.items():
        yield Place(topic, Holds.EVENTS, look)
    yield Place(prefix + DEAD_LETTERS, Holds.LETTERS, Letters(events, subject))
    yield Place(prefix + RAW, Holds.RAW, Raw(subject))
    for domain in catalogue.domains:
        topic, own = changelog(application, domain.name), domain.name == erasure.domain
        if own:
            yield Place(topic, Holds.OWN_STATE, Own(subject))
        names, fields = (of.get(domain.name, ()) for of in (erasure.states, erasure.fields))
        yield Place(topic, Holds.OTHER_STATES, Others(domain, own, names, fields, subject))
