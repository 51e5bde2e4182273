"""Records' values into events: what breaks a rule is refused, with the reason."""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from streams import moments
from streams.errors import Refused
from streams.events import EARLIEST, LATEST, LONGEST_ID, OURS, Event, EventType, Wire


class Decoder:
    """Turns a record's value into (subject, event); anything that breaks a rule raises Refused."""

    def __init__(self, types: tuple[EventType, ...]) -> None:
        self.names = tuple(type_.name for type_ in types)
        wires = tuple(_wire_class(type_.name, type_.data) for type_ in types)
        self._ranks = {wire: rank for rank, wire in enumerate(wires)}
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(_union(wires)).decode
        self._ours = tuple(type_.ours for type_ in types)
        self._checks = tuple(type_.check for type_ in types)

    def decode(self, value: bytes) -> tuple[str, Event]:
        try:
            wire = self._decode(value)
            if not value.isascii():
                value.decode()
            at = moments.parse(wire.time)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._refusal(value, error) from None
        if not (wire.id.isascii() and wire.subject.isascii()):
            _check_bytes(wire)
        rank = self._ranks[type(wire)]
        if (wire.source == OURS) is not self._ours[rank]:
            raise Refused("reserved", f"source {OURS!r} and its types are the processor's own", alone=True)
        check = self._checks[rank]
        if check is not None:
            check(wire.data)
        if at < EARLIEST:
            raise Refused("too_late", f"time is {wire.time!r}, expected 1970 or later")
        if at >= LATEST:
            raise Refused("in_future", f"time is {wire.time!r}, expected a year before 9999")
        return wire.subject, Event(at, wire.sequence, rank, wire.source, wire.id, wire.data)

    def _refusal(self, value: bytes, error: Exception) -> Refused:
        if isinstance(error, RecursionError):
            return Refused("not_json", "nested too deeply")
        if isinstance(error, UnicodeDecodeError) or not _is_utf8(value):
            return Refused("not_utf8", "the record is not UTF-8")
        if isinstance(error, msgspec.ValidationError):
            return Refused("invalid", str(error))
        if isinstance(error, msgspec.DecodeError):
            return Refused("not_json", str(error))
        return Refused("invalid", f"{error} - at `$.time`")


@cache
def _wire_class(name: str, type_: type[Struct]) -> type[Wire]:
    """Made once: a struct's class is never given back, and partitions come and go."""
    required = any(field.required for field in msgspec.structs.fields(type_))
    data = msgspec.field() if required else msgspec.field(default_factory=type_)
    class_: Any = msgspec.defstruct(
        name.replace(".", "_"),
        [("data", type_, data)],
        bases=(Wire,),
        tag=name,
        kw_only=True,
        gc=False,
    )
    wire: type[Wire] = class_
    return wire


def _union(classes: tuple[type[Wire], ...]) -> Any:
    union: Any = classes[0]
    for class_ in classes[1:]:
        union = union | class_
    return union


def _check_bytes(wire: Wire) -> None:
    for name, text in (("id", wire.id), ("subject", wire.subject)):
        if (size := len(text.encode())) > LONGEST_ID:
            raise Refused("invalid", f"{name} has {size} bytes, expected at most {LONGEST_ID}")


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
