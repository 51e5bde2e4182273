"""The wish for an end: Ctrl-C, SIGTERM, or one's own."""

import asyncio
import signal
from functools import partial


class Asked:
    """Whether somebody wants an end, and when asked twice, at once."""

    def __init__(self) -> None:
        self.times = 0
        self.by = ""
        "The signal that asked first, if one did."
        self._first = asyncio.Event()

    def __call__(self, by: str = "") -> None:
        self.times += 1
        self.by = self.by or by
        self._first.set()

    async def wait(self) -> None:
        await self._first.wait()

    def by_signals(self) -> None:
        """From now on Ctrl-C and SIGTERM ask."""
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, partial(self, number.name))
