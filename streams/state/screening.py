"""Which records of a topic are taken: what breaks a rule, or comes too late, goes to the dead letters."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from traceback import extract_tb

from streams import moments
from streams.catalogue import Domain
from streams.decoding import Decoder
from streams.errors import Refused
from streams.events import OURS, Event, Passed, erasing, source_of, type_of
from streams.outlets.dead_letters import Record, letter_size
from streams.signature import Signer
from streams.state.forgotten import ERASED as FOR_GOOD
from streams.state.forgotten import Forgotten
from streams.state.record import ERASED, OLD, Outcome


@dataclass(frozen=True)
class Limits:
    """Bounds on what is taken. Times in microseconds, sizes in bytes."""

    in_future: int = 300_000_000
    disorder: int = 120_000_000
    horizon: int = 400 * 86_400_000_000
    remembered: int = 1861 * 86_400_000_000
    "How long after its newest time a settled entity is known: while panes that it counts in are kept."
    kept: int = 256
    largest_entity: int = 512 << 10
    largest: int = 1 << 20


class Screening:
    """Of the records of one domain in one partition; `others` counts those that are not folded."""

    def __init__(
        self,
        domain: Domain,
        limits: Limits,
        signer: Signer,
        forgotten: Forgotten,
        number: int,
        number_of: Callable[[bytes], int],
        refuse: Callable[[Record, Refused], None],
    ) -> None:
        self.others: Counter[tuple[str, str]] = Counter()
        "Records by type and outcome, besides those folded."
        self.refused_bytes = 0
        "Of all dead letters so far, roughly."
        self._domain = domain
        self._limits = limits
        self._signer = signer
        self._forgotten = forgotten
        self._number = number
        self._number_of = number_of
        self._refuse = refuse
        decoder = Decoder(domain.types)
        self.names = decoder.names
        "The types of events, by rank."
        self._decode = decoder.decode
        self._first_ours = sum(not type_.ours for type_ in domain.types)
        self._ours = frozenset(decoder.names[self._first_ours :])
        self._erasing = erasing(domain.types)

    def decoded(self, record: Record) -> tuple[str, Event] | Refused:
        """The subject and what happened to it, or why that is refused."""
        try:
            return self._event(record)
        except Refused as refused:
            return refused
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the next records are not to blame
            return faulty(error)

    def _event(self, record: Record) -> tuple[str, Event]:
        """Raises Refused."""
        value, key = record.value, record.key
        if value is None:
            raise Refused("no_value", "the record has no value, expected an event")
        if len(value) > self._limits.largest:
            raise Refused("too_large", f"{len(value)} bytes, expected at most {self._limits.largest}")
        subject, event = self._decode(value)
        if key is None or key != subject.encode():
            raise Refused("wrong_key", f"the key is {_readable(key)}, expected the subject {subject!r}")
        if event.rank >= self._first_ours:
            # Of its own clock nobody is the judge: a deadline of a fast one would be lost for good.
            if not self._signer.verifies(self._domain.name, value):
                raise Refused(
                    "reserved", f"source {OURS!r} is the processor's own, and this is not signed by it"
                )
            return subject, event
        # Divided, not the timestamp multiplied: mypyc multiplies large numbers as objects.
        if (event.time - self._limits.in_future - 1) // 1000 >= record.timestamp:
            raise Refused("in_future", "more than the allowed time ahead of the record's timestamp")
        return subject, event

    def unknown(self, subject: str, event: Event, high: int | None) -> Outcome | None:
        """What becomes of an event of an entity that isn't there; None where the event may begin one.

        Raises Refused.
        """
        if self._number_of(subject.encode()) != self._number:
            raise Refused("wrong_partition", "the key belongs to another partition by murmur2")
        own = event.rank >= self._first_ours
        trace = self._forgotten.find(subject)
        if trace is not None and trace.newest == FOR_GOOD:
            return ERASED
        if event.rank in self._erasing:
            return None
        if trace is not None:
            if not own and trace.by_events and event.time <= trace.newest:
                return OLD
            if trace.by_events or event.time <= trace.newest:
                raise Refused(
                    "too_late", f"its entity was forgotten, as of {moments.text(trace.newest)}", alone=True
                )
        if own:
            return OLD if type(event.data) is Passed else None
        if high is not None and event.time < high - self._limits.disorder - self._limits.horizon:
            raise Refused("too_late", "older than the entity horizon, of an entity that isn't known")
        return None

    def turn_away(self, record: Record, refused: Refused) -> None:
        """To the dead letters, but for types of a known family that are not listed: they are skipped."""
        if refused.reason != "reserved" and self._is_forged(record):
            refused = Refused(
                "reserved", f"source {OURS!r} and its types are the processor's own", alone=True
            )
        type_ = type_of(record.value) if record.value and refused.reason == "invalid" else None
        if type_ is not None and type_ not in self.names:
            if type_.startswith(self._domain.kinds):
                self.others[self._domain.kinds[0] + "*", "skipped"] += 1
                return
            refused = Refused("unknown_type", f"{type_[:100]!r} is no type of this topic")
        self.others["*", refused.reason] += 1
        self.refused_bytes += letter_size(record)
        self._refuse(record, refused)

    def _is_forged(self, record: Record) -> bool:
        value = record.value
        return (
            value is not None
            and len(value) <= self._limits.largest
            and (source_of(value) == OURS or type_of(value) in self._ours)
            and not self._signer.verifies(self._domain.name, value)
        )


def faulty(error: Exception) -> Refused:
    """A record that makes our own code fail: says what, and where."""
    frames = extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return Refused("fault", f"{type(error).__name__}: {str(error)[:500]}{place}")


def _readable(key: bytes | None) -> str:
    return "missing" if key is None else repr(key.decode(errors="replace")[:300])
