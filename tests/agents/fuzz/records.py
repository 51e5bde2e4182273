"""Records of a domain's topic: events of all its types, sent twice or otherwise, and damaged ones."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from msgspec import Struct

from streams import moments
from streams.catalogue import Catalogue, Domain
from streams.events import DEADLINE, OURS, EventType, Fact
from streams.signature import Signer
from streams.state.plan import Plan
from streams.state.reached import register_key
from tests.agents.fuzz.shapes import ANYTHING, IDS, data_of, encoded

APPLICATION = "fuzz"
SIGNER = Signer(Plan.signing_key)
START = moments.parse("2026-11-02T09:00:00Z")

OFFSETS = (0, 1, 1_000_000, 20_000_000, 59_999_999, 600_000_000, 3_600_000_000, 86_400_000_000)
NEAR = tuple(moments.text(START + offset) for offset in OFFSETS)
FAR = (
    *("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000001Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
    *(
        "1970-01-01T05:00:00+05:00",
        "2026-11-02T09:00:00.0000009+23:59",
        "2026-02-30T09:00:00Z",
        "2016-12-31T23:59:60Z",
    ),
    *("2025-09-28T08:59:59Z", "2026-11-02T00:00:00Z", "2026-10-25T02:30:00+02:00", "2026-11-09T09:00:00Z"),
    *(
        "9998-12-31T23:59:59.999999Z",
        "9998-06-01T00:00:00Z",
        "9998-12-31T23:59:59-00:01",
        "9999-12-31T23:59:59Z",
    ),
    *("", "now", "2026-11-02", "2026-11-02T09:00:00"),
)
TIMES = st.one_of(
    st.sampled_from(NEAR),
    st.integers(0, 12 * 3600).map(lambda second: moments.text(START + second * moments.SECOND)),
    st.sampled_from((*NEAR * 4, *FAR)),
)
SEQUENCES = st.sampled_from((0, 0, 0, 1, 1, 2, -1, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, None, 1.5, "1"))
SOURCES = st.sampled_from(("/a", "/a", "/b", "/desk/ü", "x" * 2048, "x" * 2049, "", OURS))
VERSIONS = st.sampled_from((0, 1, 2, 3, 4, 5, 6, 2**53, 2**63 - 1, 2**63, 2**64, -1))
ANSWERS = st.sampled_from(
    [
        *(
            {"survey": survey, "score": score}
            for survey in ("csat", "csa", "ces")
            for score in (1, 5, 4.999_999_5)
        ),
        *({"survey": "nps", "score": score} for score in (0, 7, 10.0)),
        {"survey": "csat", "score": 0.000_000_1, "scale_min": 0, "scale_max": 0.000_001},
        {"survey": "ces", "score": -1e9, "scale_min": -1e9, "scale_max": 1e9},
        {"survey": "ours", "score": 5e-324, "scale_min": 0, "scale_max": 1e9},
        {"survey": "ours", "score": 2, "scale_min": 1, "scale_max": 3},
    ]
)
"Answers that make sense; chance alone seldom finds one."


class Put(NamedTuple):
    """A record of a domain's topic."""

    domain: str
    key: bytes
    value: bytes


def events(catalogue: Catalogue, domain: Domain, *, ours: bool) -> list[SearchStrategy[Put]]:
    """Of each of its types, with those of the processor itself or without them."""
    return [_event(catalogue, domain, type_) for type_ in domain.types if ours or not type_.ours]


def _event(catalogue: Catalogue, domain: Domain, type_: EventType) -> SearchStrategy[Put]:
    data = _told(catalogue, domain, type_) if type_.ours else data_of(type_.data)

    @st.composite
    def made(draw: DrawFn) -> Put:
        subject, chance = draw(st.sampled_from(IDS)), draw(st.integers(0, 60))
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": draw(st.one_of(st.integers(0, 10**6).map(str), st.sampled_from(IDS))),
            "source": OURS if type_.ours else draw(SOURCES) if chance < 6 else "/a",
            "type": type_.name,
            "time": draw(TIMES),
            "subject": subject,
            "data": draw(data),
        }
        if type_.name == "survey.responded" and chance < 50:
            event["data"].update(draw(ANSWERS))
        if 6 <= chance < 14:
            event["sequence"] = draw(SEQUENCES)
        if chance in (15, 16) and event["data"]:
            event["data"][draw(st.sampled_from(sorted(event["data"])))] = draw(ANYTHING)
        if chance == 17:
            event[draw(st.sampled_from(sorted(event)))] = draw(ANYTHING)
        if chance == 18:
            del event[draw(st.sampled_from(sorted(event)))]
        if chance == 19:
            event["type"] = draw(
                st.sampled_from((f"{domain.kinds[0]}unheard_of", "weather.changed", "x" * 5000))
            )
        value = encoded(event)
        if type_.ours and chance != 20:
            value = SIGNER.sign(domain.name, value)
        return Put(domain.name, subject.encode(), value)

    return made()


def _told(catalogue: Catalogue, domain: Domain, type_: EventType) -> SearchStrategy[dict[str, Any]]:
    """What the processor says: facts of those kinds that the domain knows, or that an instant has passed."""
    application = st.sampled_from((APPLICATION, APPLICATION, APPLICATION, "another", ""))
    if type_ is DEADLINE:
        return st.fixed_dictionaries({"target": st.sampled_from(IDS), "application": application})
    assert issubclass(type_.data, Fact)
    senders = [other.name for other in catalogue.domains if domain.name in other.forwards_to]
    kinds = [_fact(kind.fact) for kind in domain.facts if type_.name in (kind.told, kind.gone)]
    keys = st.builds(
        register_key, st.sampled_from(senders), st.sampled_from(IDS), st.sampled_from(("ticket", "csat", ""))
    )
    return st.fixed_dictionaries(
        {
            "key": keys,
            "version": VERSIONS,
            "fact": st.one_of(*kinds, st.none()),
            "application": application,
        }
    )


def _fact(kind: type[Struct]) -> SearchStrategy[list[Any]]:
    """As an array that begins with the tag: times, texts, flags in their places, now and then anything."""
    fields = msgspec.structs.fields(kind)
    values = [_in_place(field.name) for field in fields]
    tag = kind.__struct_config__.tag

    @st.composite
    def made(draw: DrawFn) -> list[Any]:
        found = [tag, *map(draw, values)]
        if draw(st.integers(0, 19)) == 0:
            found[draw(st.integers(0, len(found) - 1))] = draw(ANYTHING)
        return found[: draw(st.integers(1, len(found)))] if draw(st.integers(0, 39)) == 0 else found

    return made()


def _in_place(name: str) -> SearchStrategy[Any]:
    known = st.sampled_from((*IDS, None, "email"))
    match name:
        case "time" | "created" | "offered" | "ended" | "resolved":
            wrong = (-1, 2**62, 2**63, 2**64, True)
            near = (START, START + 60_000_000, START + 3_600_000_000, None)
            return st.sampled_from((*near * 6, 0, 253_370_764_799_999_999, *wrong))
        case "sequence" | "score" | "scale_min" | "scale_max":
            right = (0, 1_000_000, 5_000_000, 10_000_000)
            return st.sampled_from((*right * 8, 10**15, -(10**15), -(2**63), 2**63 - 1, 2**64))
        case "survey":
            return st.sampled_from(("csat", "ces", "nps", "ours", *IDS))
        case "labels":
            return st.one_of(
                st.none(),
                st.lists(known, min_size=3, max_size=3),
                st.lists(known, min_size=6, max_size=6),
                st.lists(known, max_size=8),
            )
    return known


PIECES = (
    *(
        b"null",
        b"true",
        b"1e999",
        b"NaN",
        b"-0",
        b'""',
        b"[]",
        b"{}",
        b'"\\ud800"',
        b"\xff",
        b"\x00",
        b"9" * 400,
    ),
    *(
        b"[" * 2000,
        b'{"a":' * 2000,
        b'"',
        b"\\",
        b",",
        b"}",
        b'"data":{},',
        b'"type":"',
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
    ),
)


def _flipped(draw: DrawFn, value: bytes) -> bytes:
    if not value:
        return value
    place = draw(st.integers(0, len(value) * 8 - 1))
    return value[: place // 8] + bytes([value[place // 8] ^ 1 << place % 8]) + value[place // 8 + 1 :]


def _cut(draw: DrawFn, value: bytes) -> bytes:
    return value[: draw(st.integers(0, len(value)))]


def _without(draw: DrawFn, value: bytes) -> bytes:
    start, end = sorted((draw(st.integers(0, len(value))), draw(st.integers(0, len(value)))))
    return value[:start] + value[end:]


def _with(draw: DrawFn, value: bytes) -> bytes:
    place = draw(st.integers(0, len(value)))
    return value[:place] + draw(st.sampled_from(PIECES)) + value[place:]


def _swapped(draw: DrawFn, value: bytes) -> bytes:
    """With another value in one place, of any type."""
    if not (event := _read(value)):
        return value
    inside = event.get("data")
    place = inside if isinstance(inside, dict) and inside and draw(st.booleans()) else event
    place[draw(st.sampled_from(sorted(place)))] = draw(ANYTHING)
    return encoded(event)


def _nested(draw: DrawFn, value: bytes) -> bytes:
    depth = draw(st.sampled_from((1, 100, 1000, 100_000)))
    opening, closing = draw(st.sampled_from(((b"[", b"]"), (b'{"data":', b"}"))))
    return opening * depth + value + closing * depth


DAMAGES: tuple[Callable[[DrawFn, bytes], bytes], ...] = (_flipped, _cut, _without, _with, _swapped, _nested)


@st.composite
def histories(draw: DrawFn, made: list[SearchStrategy[Put]], size: int) -> list[Put]:
    """In the order of a log: each kind once, so many more, and some again, otherwise, or damaged."""
    more = draw(st.lists(st.sampled_from(made), max_size=size))
    found = [draw(each) for each in draw(st.permutations([*made, *more]))]
    for place in draw(st.lists(st.integers(0, len(found) - 1), max_size=size // 4)):
        again = found[place]
        if draw(st.booleans()):
            damage = draw(st.sampled_from(DAMAGES))
            again = again._replace(value=damage(draw, again.value))
        elif draw(st.booleans()):
            again = again._replace(value=_otherwise(draw, again.value))
        found.insert(draw(st.integers(0, len(found))), again)
    return found


def _otherwise(draw: DrawFn, value: bytes) -> bytes:
    """The same source and id, at another time."""
    event = _read(value)
    return encoded({**event, "time": draw(st.sampled_from(NEAR))}) if event else value


def _read(value: bytes) -> dict[str, Any] | None:
    """None where it is no object by now."""
    try:
        event = msgspec.json.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return event if isinstance(event, dict) else None
