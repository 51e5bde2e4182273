"""Optional fields of events."""

from streams.events import Text


def given(value: Text) -> str | None:
    """The value of an optional field, None where it is absent or cleared."""
    return value if isinstance(value, str) and value else None
