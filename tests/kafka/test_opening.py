"""A worker refuses what it must not go on from, also where it has nothing to own yet."""

from dataclasses import replace
from typing import Any, NoReturn

import pytest
from aiokafka.structs import OffsetAndMetadata

from streams.crash import REFUSES
from streams.kafka import opening
from streams.kafka.opening import Opening
from streams.settings import load
from tests.kafka.test_left import PLAN, left


class Gone(Exception):
    pass


class Thread:
    """What the group has committed."""

    async def committed(self, tps: Any) -> Any:
        return {tp: OffsetAndMetadata(*left()[tp.topic]) for tp in tps}

    async def call_thread(self, function: Any, *arguments: Any) -> Any:
        return await function(*arguments)


async def test_other_definitions_are_refused_without_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would else wait until others go, and only then say that it can't take over."""

    def crash(reason: str, *, code: int) -> NoReturn:
        raise Gone(reason, code)

    monkeypatch.setattr(opening, "crash", crash)
    thread: Any = Thread()
    with pytest.raises(Gone, match="definitions v1, these are v2") as told:
        await Opening(replace(PLAN, version="v2"), load(), thread).restore([])
    assert told.value.args[1] == REFUSES
    await Opening(PLAN, load(), thread).restore([])
