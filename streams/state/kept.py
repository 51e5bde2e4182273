"""Events as an entity keeps them: one after the other, encoded as msgpack arrays."""

import msgspec

_encode = msgspec.msgpack.Encoder().encode


def may_hold(kept: bytes, source: str, id_: str) -> bool:
    """Whether source and id stand in encoded events, which have them side by side.

    Almost always that is an event with this source and id; it may also be what looks the same in its data.
    """
    return _encode((source, id_))[1:] in kept
