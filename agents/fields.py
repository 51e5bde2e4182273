"""Fields that events of several domains have."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, UnsetType

from streams.errors import Refused
from streams.events import LONGEST_ID

Required = Annotated[str, Meta(min_length=1)]
Number = int | float | Literal[""] | UnsetType | None
Flag = bool | Literal[""] | UnsetType | None
Seconds = Annotated[float, Meta(ge=0, le=1e9)]


class Nothing(Struct):
    """Of events that say all by their type."""


def number(value: Number) -> int | float | None:
    """The value of an optional number, None where it is absent or cleared."""
    return value if isinstance(value, int | float) else None


def links(*names: str) -> Callable[[Any], None]:
    """A check of fields that name other entities: an id may be as long as the subject of its events."""

    def check(data: Any) -> None:
        for name in names:
            value = getattr(data, name)
            if isinstance(value, str) and len(value) > LONGEST_ID // 4 and len(value.encode()) > LONGEST_ID:
                raise Refused("invalid", f"{name} has more than {LONGEST_ID} bytes")

    return check
