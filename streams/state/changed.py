"""Which fields of a state are others than before; changed.c is the same as machine code."""

from typing import Any

from msgspec import Struct
from msgspec.structs import astuple


def changed_fields(before: Struct, after: Struct) -> int:
    """A mask of fields that are other objects than before. Raises TypeError but for structs of one type."""
    if type(before) is not type(after) or not isinstance(after, Struct):
        raise TypeError(f"expected two structs of one type, not {before!r} and {after!r}")
    mask = 0
    were: tuple[Any, ...] = astuple(before)
    are: tuple[Any, ...] = astuple(after)
    for place, is_ in enumerate(are):
        if were[place] is not is_:
            mask |= 1 << place
    return mask
