"""An entity: the fold of its events in their order, whatever order they arrive in."""

from bisect import bisect
from collections.abc import Callable
from typing import Any, Generic

import msgspec

from streams import moments
from streams.errors import Refused
from streams.events import Event, EventType, Fact, erasing
from streams.state.kept import may_hold
from streams.state.reached import teller
from streams.state.record import CONFLICTING, DUPLICATE, FOLDED, OLD, Entity, Folded, Kept, Outcome, S, State

FOR_EVER = 1 << 62
"Microseconds."


class EntityRunner(Generic[S]):
    """Applies events to the entities of one domain; `keep` and `largest` (bytes) bound their records.

    What comes more than `horizon` (microseconds) after the newest event of a `settled` entity is too late, as
    is what would have settled it so long before what has come already.
    """

    def __init__(
        self,
        state: type[S],
        types: tuple[EventType, ...],
        *,
        keep: int,
        largest: int,
        horizon: int = FOR_EVER,
        settled: Callable[[Any], bool] | None = None,
    ) -> None:
        self._new_state = state
        self._horizon = horizon
        self._settled = settled
        self._folds = tuple(type_.fold for type_ in types)
        self._erasing = erasing(types)
        self._data = tuple(msgspec.msgpack.Decoder(type_.data) for type_ in types)
        self._keep = keep
        self._largest = largest
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode_state = msgspec.msgpack.Decoder(state).decode
        self._decode_kept = msgspec.msgpack.Decoder(Kept).decode
        self._decode_events = msgspec.msgpack.Decoder(list[Kept]).decode
        self.taken = 0
        "Bytes of the event that was applied last, as it is kept."

    def new(self) -> Entity[S]:
        return Entity(self._new_state())

    def apply(self, entity: Entity[S], event: Event, room: int | None = None) -> Outcome:
        """Fold an event in.

        OLD is what lies below the floor: it may be a duplicate. Raises Refused where the horizon, or `room`
        bytes, don't allow it; what a fold raises leaves the entity half changed. What erases is always taken,
        and then the entity is to be dropped.
        """
        try:
            kept = self._encode(event)
        except OverflowError:
            raise Refused("invalid", "an integer takes more than 64 bits") from None
        self.taken = len(kept)
        if (
            entity.count
            and may_hold(entity.kept, event.source, event.id)
            and (twin := self._twin(entity, event)) is not None
        ):
            return DUPLICATE if self._encode(twin) == kept else CONFLICTING
        erases = event.rank in self._erasing
        if not erases and len(kept) > (self._largest - len(entity.kept) if room is None else room):
            raise self._too_large()
        order = (event.time, event.sequence, event.rank, event.source, event.id)
        last = entity.last
        if last is None or order > last:
            if last is not None and not erases and event.time - last[0] > self._horizon:
                self._check_open(entity, event.time)
            self._folds[event.rank](entity.state, event)
            entity.last = order
            entity.kept += kept
            entity.count += 1
        elif entity.floor is not None and order <= entity.floor:
            if not erases:
                return OLD
            self._folds[event.rank](entity.state, event)  # its base goes as well, with all that there is
            return FOLDED
        else:
            self._insert(entity, kept, erases)
        if entity.count > self._keep:
            self._settle_oldest(entity)
        return FOLDED

    def register(
        self, entity: Entity[S], fact: Fact, content: Any, time: int, room: int | None = None
    ) -> Outcome:
        """Take a forwarded fact (decoded as `content`) of a time, unless a later one is known.

        Raises Refused where facts of then are folded away, or it takes more than `room` bytes.
        """
        known = entity.state.registers.get(fact.key)
        if known is not None and known[0] >= fact.version:
            return DUPLICATE
        self._check_open(entity, time)
        if entity.state.folded is not None:
            since = time if content is None else content.since
            self._check_floor(entity.state.folded, fact, since, None if known is None else known[1])
        if known is None and room is not None and len(fact.key) > room:
            raise self._too_large()
        entity.state.registers = {**entity.state.registers, fact.key: (fact.version, content)}
        entity.fact_time = max(entity.fact_time, time)
        return FOLDED

    def let_pass(self, entity: Entity[S], time: int) -> Outcome:
        """Take that an instant has passed: all before it have as well."""
        if time <= entity.state.passed:
            return DUPLICATE
        entity.state.passed = time
        return FOLDED

    def _check_open(self, entity: Entity[S], time: int) -> None:
        """Long after its newest event a settled entity can't change any more, be it forgotten yet or not."""
        last = entity.last
        if last is not None and self._is_over(entity.state, last[0], time):
            raise Refused("too_late", f"longer after {moments.text(last[0])} than the horizon", alone=True)

    def _is_over(self, state: S, last: int, time: int) -> bool:
        """Whether a state, settled since `last`, has been so for longer than the horizon at a time."""
        return time - last > self._horizon and self._settled is not None and self._settled(state)

    def _check_floor(self, folded: Folded, fact: Fact, since: int, known: Any) -> None:
        """What is known from before the floor may go on, but not begin earlier."""
        domain, _ = teller(fact.key)
        until = folded.until.get(domain)
        if until is None or since > until or (known is not None and since >= known.since):
            return
        at = moments.text(until)
        raise Refused("too_late", f"what {domain} told of the time up to {at} is folded away", alone=True)

    def _too_large(self) -> Refused:
        return Refused("entity_too_large", f"its record would take over {self._largest} bytes", alone=True)

    def _twin(self, entity: Entity[S], event: Event) -> Kept | None:
        """The kept event with the same source and id."""
        for kept in self._events(entity):
            if kept.id == event.id and kept.source == event.source:
                return kept
        return None

    def _events(self, entity: Entity[S]) -> list[Kept]:
        return self._decode_events(b"\xdd" + entity.count.to_bytes(4) + entity.kept)

    def _insert(self, entity: Entity[S], kept: bytes, erases: bool) -> None:
        """Put an event where it belongs and fold anew.

        Raises Refused where the entity would be settled with it, for longer than the horizon: had it come in
        time, what is after it could not have been taken.
        """
        events, mine = self._events(entity), self._decode_kept(kept)
        place = bisect(events, mine)
        before, after = [*events[:place], mine], events[place:]
        state = self._base(entity)
        for event in before:
            self._fold(state, event)
        if after and not erases and self._is_over(state, mine.time, after[0].time):
            later = moments.text(after[0].time)
            raise Refused("too_late", f"longer before {later} than the horizon", alone=True)
        for event in after:
            self._fold(state, event)
        self._keep_events(entity, [*before, *after])
        for name in State.__struct_fields__:
            setattr(state, name, getattr(entity.state, name))
        entity.state = state

    def _settle_oldest(self, entity: Entity[S]) -> None:
        """Fold the oldest kept event into the base: from now on it is below the floor."""
        oldest, *events = self._events(entity)
        base = self._base(entity)
        self._fold(base, oldest)
        entity.base = self._encode(base)
        entity.floor = (oldest.time, oldest.sequence, oldest.rank, oldest.source, oldest.id)
        self._keep_events(entity, events)

    def _keep_events(self, entity: Entity[S], events: list[Kept]) -> None:
        entity.kept = b"".join(map(self._encode, events))
        entity.count = len(events)

    def _base(self, entity: Entity[S]) -> S:
        return self._new_state() if entity.base is None else self._decode_state(entity.base)

    def _fold(self, state: S, kept: Kept) -> None:
        data = self._data[kept.rank].decode(kept.data)
        event = Event(kept.time, kept.sequence, kept.rank, kept.source, kept.id, data)
        self._folds[kept.rank](state, event)
