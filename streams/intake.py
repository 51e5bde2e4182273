"""Where an event belongs, and whether the processor will take it: asked before it is sent."""

import msgspec
from msgspec import Struct

from streams.catalogue import Catalogue
from streams.decoding import Decoder
from streams.errors import Refused
from streams.events import Event, Id, type_of


class Placed(Struct, frozen=True):
    """`event` is None for a type that the domain counts and skips."""

    domain: str
    subject: str
    event: Event | None


class _Subject(Struct):
    subject: Id


class Intake:
    def __init__(self, catalogue: Catalogue) -> None:
        domains = {type_: domain.name for domain in catalogue.domains for type_ in domain.types}
        self.types = tuple(type_.name for type_ in domains if not type_.ours)
        self._domains = {type_.name: domain for type_, domain in domains.items()}
        self._kinds = {kind: domain.name for domain in catalogue.domains for kind in domain.kinds}
        self._decoders = {domain.name: Decoder(domain.types) for domain in catalogue.domains}
        self._decode_subject = msgspec.json.Decoder(_Subject).decode

    def place(self, value: bytes) -> Placed:
        """Raises Refused with the reason that the processor would give."""
        type_ = type_of(value)
        if (domain := self._domains.get(type_ or "")) is not None:
            return Placed(domain, *self._decoders[domain].decode(value))
        if type_ and (domain := self._domain_of_kind(type_)) is not None:
            return Placed(domain, self._subject(value), None)
        if type_ is None:
            next(iter(self._decoders.values())).decode(value)  # which says what is wrong with it
        raise Refused("invalid", f"type is {type_!r}, expected one of {', '.join(self.types)}")

    def _domain_of_kind(self, type_: str) -> str | None:
        return next((domain for kind, domain in self._kinds.items() if type_.startswith(kind)), None)

    def _subject(self, value: bytes) -> str:
        try:
            return self._decode_subject(value).subject
        except (msgspec.MsgspecError, ValueError) as error:
            raise Refused("invalid", str(error)) from None
