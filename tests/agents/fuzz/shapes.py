"""Values of the types that the data of events have: right ones, and ones at and beyond each border."""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from msgspec import Raw, Struct
from msgspec import inspect as types

IDS = ("1", "1", "1", "1", "2", "2", "ü" * 128, "x" * 256, "a b|c=d,e", '"\\\u2028\x00', "😀", "NaN")
"Of entities: few, so that events meet each other and facts find whom they are about."

WORDS = ("email", "chat", "phone", "urgent", "gold", "csat", "nps", "ours", "support", "ana", "bob", "EUR")
"What conditions of policies, and metrics, look at."

TEXTS: tuple[Any, ...] = (
    *("", "\x00", "\u2028\u0085", "😀" * 64, "é" * 200, "x" * 257, "x" * 5000, "null", "2026-11-02", "other"),
    *(Raw(rb'"\ud83d\ude00"'), Raw(rb'"\u0000"'), *IDS),
)
SMALL = (0, 1, 2, 3, 4, 5, 7, 9, 10, 0.5, 99.99)
WHOLE: tuple[int, ...] = (
    *(-1, 100, 2**31, 2**53, 2**53 + 1, 10**9, 10**11, 10**11 + 1),
    *(2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**30),
)
BROKEN: tuple[Any, ...] = (
    *(0.0, -0.0, 0.5, 0.1, 1e-7, 5e-324, 1e9, 1e9 + 1e-6, 1e11, 1e308, -1.5, 4.000_000_5, 1234.56789),
    *(
        Raw(b"1e999"),
        Raw(b"1e-400"),
        Raw(b"NaN"),
        Raw(b"-Infinity"),
        Raw(b"9" * 400),
        Raw(b"1E+2"),
        Raw(b"-0"),
    ),
)
OTHERS: tuple[Any, ...] = (
    *(None, True, False, [], {}, [[]], {"a": {}}, [None], Raw(b"[" * 200 + b"]" * 200)),
    *(Raw(rb'"\ud800"'), Raw(rb'"\ude00\ud83d"')),
)
ANYTHING: SearchStrategy[Any] = st.sampled_from((*TEXTS, *WHOLE, *BROKEN, *OTHERS))


def data_of(type_: type[Struct]) -> SearchStrategy[dict[str, Any]]:
    """The data of an event as JSON has it: each field as it may be, or nearly."""
    return _object(type_)


@cache
def _object(type_: type[Struct]) -> SearchStrategy[dict[str, Any]]:
    info = types.type_info(type_)
    assert isinstance(info, types.StructType)
    if not info.fields:
        return st.builds(dict)
    fields = [(field.encode_name, _values(field.type), field.required) for field in info.fields]

    @st.composite
    def made(draw: DrawFn) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, values, required in fields:
            if required or draw(st.booleans()):
                found[name] = draw(values)
        return found

    return made()


def _values(type_: types.Type) -> SearchStrategy[Any]:
    """Right ones, for the most part."""
    return _KINDS[type(type_)](type_)


def _text(type_: Any) -> SearchStrategy[Any]:
    if type_.pattern:
        return st.sampled_from(("EUR", "USD", "", "eur", "EURO"))
    known = st.sampled_from((*WORDS, *IDS, *TEXTS))
    return known.filter(bool) if type_.min_length else known


def _integer(type_: Any) -> SearchStrategy[int]:
    low, high = type_.ge, type_.le
    small = [n for n in SMALL if isinstance(n, int)] * 4
    return st.sampled_from(
        [n for n in (*small, *WHOLE, low, high) if n is not None and _within(n, low, high)]
    )


def _number(type_: Any) -> SearchStrategy[Any]:
    low, high = type_.ge, type_.le
    known = [n for n in (*SMALL * 4, *WHOLE, *BROKEN, low, high) if n is not None]
    right = [n for n in known if not isinstance(n, Raw) and _within(n, low, high)]
    return st.one_of(st.sampled_from(right), st.floats(low, high, allow_nan=False, allow_infinity=False))


def _within(number: float, low: float | None, high: float | None) -> bool:
    return (low is None or number >= low) and (high is None or number <= high)


def _several(type_: Any) -> SearchStrategy[Any]:
    return st.one_of(*map(_values, type_.types))


_KINDS: dict[type[types.Type], Callable[[Any], SearchStrategy[Any]]] = {
    types.StrType: _text,
    types.IntType: _integer,
    types.FloatType: _number,
    types.BoolType: lambda _: st.booleans(),
    types.LiteralType: lambda type_: st.sampled_from(type_.values),
    types.ListType: lambda type_: st.lists(_values(type_.item_type), max_size=4),
    types.UnionType: _several,
    types.NoneType: lambda _: st.none(),
    types.RawType: lambda _: ANYTHING,
}


def encoded(value: Any) -> bytes:
    return msgspec.json.encode(value)
