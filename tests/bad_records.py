"""Records that break a rule, each with the reason that its dead letter must give."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

Json = dict[str, Any]

NEIGHBOUR = "N1"
"The ticket that lives a quiet life between them."


class Bad(NamedTuple):
    """A record of the tickets topic."""

    name: str
    reason: str
    value: bytes | None
    key: bytes | None = b"B1"


def ticket(kind: str, at: datetime, *, of: str = "B1", **more: Any) -> Json:
    """An event of a ticket; its id follows from type and time."""
    attributes: Json = {name: more.pop(name) for name in ("id", "source", "sequence", "time") if name in more}
    return {
        "specversion": "1.0",
        "id": f"{kind} {at.isoformat()}",
        "source": "/desk",
        "type": f"ticket.{kind}",
        "time": at.isoformat().replace("+00:00", "Z"),
        "subject": of,
        "data": more,
        **attributes,
    }


def encoded(event: Json) -> bytes:
    return msgspec.json.encode(event)


def neighbours(at: datetime) -> list[Json]:
    """A good life: created, answered and resolved."""
    return [
        ticket("created", at, of=NEIGHBOUR, channel="email"),
        ticket("replied", at + timedelta(minutes=10), of=NEIGHBOUR, author="agent", agent_id="ana"),
        ticket("resolved", at + timedelta(minutes=30), of=NEIGHBOUR, agent_id="ana"),
    ]


def skipped(at: datetime) -> Json:
    """Of a type that is of a known family and not listed: neither used nor refused."""
    return ticket("viewed", at, of=NEIGHBOUR)


def bad_records(at: datetime) -> list[Bad]:
    """All of them; `at` is a time that is fine."""
    good = ticket("created", at, channel="chat")
    text = encoded(good)
    handled = encoded(ticket("handled", at, agent_id="ana", seconds=1))

    def without(name: str) -> bytes:
        return encoded({key: value for key, value in good.items() if key != name})

    def with_(**more: Any) -> bytes:
        return encoded({**good, **more})

    def data(**more: Any) -> bytes:
        return with_(data=more)

    def told(kind: str, **more: Any) -> bytes:
        return encoded(ticket(kind, at, **more))

    return [
        Bad("empty", "not_json", b""),
        Bad("words", "not_json", b"hello"),
        Bad("half of it", "not_json", text[: len(text) // 2]),
        Bad("two in one", "not_json", text + b"\n" + text),
        Bad("byte order mark", "not_json", b"\xef\xbb\xbf" + text),
        Bad("zeros", "not_json", bytes(64)),
        Bad("UTF-16", "not_utf8", text.decode().encode("utf-16")),
        Bad("latin-1 in a field", "not_utf8", text.replace(b"chat", b"ch\xe4t")),
        Bad("latin-1 in an ignored field", "not_utf8", text.replace(b'"channel"', b'"ch\xe4nnel"')),
        Bad("surrogates as bytes", "not_utf8", text.replace(b"chat", b"\xed\xa0\x80")),
        Bad("half a surrogate pair", "not_json", text.replace(b"chat", rb"\ud83d")),
        Bad(
            "half a pair in an ignored field", "not_json", text.replace(b'"channel":"chat"', rb'"x":"\ude00"')
        ),
        Bad("NaN", "not_json", handled.replace(b":1}", b":NaN}")),
        Bad("Infinity", "not_json", handled.replace(b":1}", b":-Infinity}")),
        Bad("a number without end", "invalid", handled.replace(b":1}", b":1e999}")),
        Bad("a number of 400 digits", "invalid", handled.replace(b":1}", b":" + b"9" * 400 + b"}")),
        Bad("negative seconds", "invalid", handled.replace(b":1}", b":-1}")),
        Bad("nested deeply", "invalid", text.replace(b'"chat"', b"[" * 50_000 + b"]" * 50_000)),
        Bad(
            "nested deeply in an ignored field",
            "not_json",
            text.replace(b'"channel":"chat"', b'"x":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
        ),
        Bad("a list", "invalid", b"[" + text + b"]"),
        Bad("a number", "invalid", b"5"),
        Bad("null", "invalid", b"null"),
        *(
            Bad(f"no {name}", "invalid", without(name))
            for name in ("specversion", "id", "source", "time", "subject")
        ),
        Bad("no type", "invalid", without("type")),
        *(
            Bad(f"{name} is a number", "invalid", with_(**{name: 5}))
            for name in ("specversion", "id", "source", "time", "subject", "type", "data")
        ),
        Bad("an older CloudEvent", "invalid", with_(specversion="0.3")),
        Bad("an empty id", "invalid", with_(id="")),
        Bad("an id of 300 bytes", "invalid", with_(id="x" * 300)),
        Bad("an id of 300 bytes in 150 letters", "invalid", with_(id="ü" * 150)),
        Bad("a subject of 300 bytes", "invalid", with_(subject="x" * 300), b"x" * 300),
        Bad("a channel that is a number", "invalid", data(channel=5)),
        Bad("a list of tags that is none", "invalid", data(tags="urgent")),
        Bad("an unknown status", "invalid", data(status="on fire")),
        Bad("an unknown author", "invalid", told("replied", author="robot")),
        Bad("no author", "invalid", told("replied")),
        Bad("merged into nothing", "invalid", told("merged")),
        Bad("handled by nobody", "invalid", told("handled", seconds=1)),
        Bad("a time without zone", "invalid", with_(time="2026-11-01T09:00:00")),
        Bad("a day that never was", "invalid", with_(time="2026-02-30T09:00:00Z")),
        Bad("a leap second", "invalid", with_(time="2016-12-31T23:59:60Z")),
        Bad("year 1", "too_late", with_(time="0001-01-01T00:00:00Z")),
        Bad("1969", "too_late", with_(time="1969-12-31T23:59:59Z")),
        Bad("year 9999", "in_future", with_(time="9999-12-31T23:59:59Z")),
        Bad("the last minute of all", "in_future", with_(time="9999-12-31T23:59:59-23:59")),
        Bad("a huge sequence", "invalid", text[:-1] + b',"sequence":99999999999999999999}'),
        Bad("a broken sequence", "invalid", text[:-1] + b',"sequence":1.5}'),
        Bad("another's key", "wrong_key", text, b"B2"),
        Bad("a key that is not UTF-8", "wrong_key", text, b"\xff\xfe"),
        Bad("no key", "wrong_key", text, None),
        Bad("a tombstone", "no_value", None),
        Bad("neither key nor value", "no_value", None, None),
        Bad("5 MB", "too_large", data(channel="x" * 5_000_000)),
        Bad("our source", "reserved", with_(source="/metricland")),
        Bad(
            "our type",
            "reserved",
            encoded(
                {
                    **good,
                    "type": "ticket.rated",
                    "data": {"key": "surveys 2 R1csat", "version": 1, "fact": None},
                }
            ),
        ),
        Bad("a type of another topic", "unknown_type", with_(type="survey.sent", data={"survey": "csat"})),
        Bad("a type of no topic", "unknown_type", with_(type="weather.changed")),
        Bad("a type without end", "unknown_type", with_(type="x" * 10_000)),
    ]
