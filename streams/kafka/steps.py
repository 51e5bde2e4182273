"""The steps of taking a partition number over and of a checkpoint.

An owner says when it comes to one. In production nobody listens; tests let a process fail there.
"""

from collections.abc import Awaitable, Callable

FENCED, OPENED, BEGUN, SENDING, SENT, OFFSETS, COMMITTED = STEPS = (
    "fenced",  # a former owner can write no more, the state is not yet read
    "opened",  # the state is there, nothing has been taken yet
    "begun",  # a transaction has begun, nothing has been sent
    "sending",  # after each batch
    "sent",  # all records are acknowledged, the offsets are not yet sent
    "offsets",  # the offsets are sent, nothing is committed
    "committed",
)

At = Callable[[str], Awaitable[None]]


async def pass_by(step: str) -> None:
    """Nobody listens."""
