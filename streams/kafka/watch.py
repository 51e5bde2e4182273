"""The watch over Kafka: says when it is lost, now and then that it is still away, and when it is back."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from math import inf
from typing import NoReturn

from streams import moments
from streams.kafka.reach import unanswered

WELL = 2.0
"Seconds between looks while all is well."

PAUSES = (1.0, 2.0, 4.0, 8.0, 10.0)
"Seconds between looks while it is away; the last one again and again."

AGAIN = 30.0
"Seconds after which it is said again that it is away."

MILLISECOND = 1000


@dataclass(frozen=True, slots=True)
class Outage:
    """Kafka as long as it doesn't answer."""

    bootstrap: str
    since: int
    "When it answered last, in microseconds since 1970; before it ever did, when the watch began."
    reason: str
    seconds: float
    "How long it has been away."
    first: bool
    "It has never answered yet."

    @property
    def silence(self) -> str:
        return no_answer_since(self.since)


class News(Enum):
    LOST = "lost"
    AWAY = "away"
    BACK = "back"


Tell = Callable[[News, Outage], None]


def no_answer_since(at: int) -> str:
    """What pages say; `at` is in microseconds since 1970."""
    return f"no answer from Kafka since {moments.text(at - at % MILLISECOND)}"


def sentence(news: News, outage: Outage) -> str:
    place = f"Kafka at {outage.bootstrap}"
    match news:
        case News.LOST if outage.first:
            return f"waiting for {place}: {outage.reason}"
        case News.LOST:
            return f"lost {place}, waiting for it: {outage.reason}"
        case News.AWAY:
            return f"still waiting for {place} after {outage.seconds:.0f} s: {outage.reason}"
        case News.BACK:
            return f"{place} {'answers' if outage.first else 'is back'} after {outage.seconds:.0f} s"


def wall_clock() -> int:
    """Now, in microseconds."""
    return time.time_ns() // 1000


async def _within(seconds: float, event: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


class Watch:
    """`probe` says why Kafka doesn't answer, or None; `tell` is called at each of the news.

    `rest` waits so many seconds, unless the event comes before.
    """

    def __init__(
        self,
        bootstrap: str,
        tell: Tell,
        *,
        probe: Callable[[], Awaitable[str | None]] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], int] = wall_clock,
        rest: Callable[[float, asyncio.Event], Awaitable[None]] = _within,
    ) -> None:
        self._rest = rest
        self._bootstrap = bootstrap
        self._tell = tell
        self._probe = probe or (lambda: unanswered(bootstrap))
        self._clock = clock
        self._wall = wall
        self._answered = (clock(), wall())
        self._never = True
        self._doubted = False
        "The last look had no answer, and the one before had: one alone is no outage."
        self._told = 0.0
        self._begun = self._done = 0
        "Looks so far."
        self._looked = asyncio.Event()
        self._asked = asyncio.Event()
        self.away: Outage | None = None
        self.back_at: float | None = None
        "When the last outage ended, by the clock."

    @property
    def there(self) -> bool:
        """It answered the last time."""
        return self._done > 0 and self.away is None and not self._doubted

    @property
    def silence(self) -> str:
        """Since when it hasn't answered."""
        return no_answer_since(self._answered[1])

    def ask(self) -> int:
        """Have it look now; what `known` takes."""
        self._asked.set()
        return self._begun + 1

    def known(self, look: int) -> bool:
        """Whether Kafka answers is known by a look that began after `ask`, or it is known to be away."""
        return (self._done >= look and not self._doubted) or self.away is not None

    async def until_there(self) -> None:
        """As a look from now on says, which is made where `run` runs."""
        look = self.ask()
        while self._done < look or not self.there:
            self._looked.clear()
            await self._looked.wait()

    async def run(self, patience: float | None = None) -> NoReturn:
        """Look again and again. Raises TimeoutError when Kafka has been away for longer than `patience`."""
        pauses = iter(PAUSES)
        while True:
            self._asked.clear()
            await self.look()
            if self.away is None:
                pauses = iter(PAUSES)
                await self._rest(PAUSES[0] if self._doubted else WELL, self._asked)
                continue
            left = inf if patience is None else patience - self.away.seconds
            if left <= 0:
                raise TimeoutError
            again = AGAIN - (self._clock() - self._told)
            await self._rest(max(0.0, min(next(pauses, PAUSES[-1]), again, left)), self._asked)

    async def look(self) -> None:
        self._begun += 1
        begun = self._clock(), self._wall()
        reason = await self._probe()
        self._done = self._begun
        if reason is None:
            self._answers(begun)
        else:
            self._is_silent(reason)
        self._looked.set()

    def _answers(self, at: tuple[float, int]) -> None:
        if (outage := self.away) is not None:
            self.away, self.back_at = None, self._clock()
            self._tell(News.BACK, self._outage(outage.reason))
        self._answered, self._never, self._doubted = at, False, False

    def _is_silent(self, reason: str) -> None:
        news = None
        if self.away is None:
            if not self._never and not self._doubted:
                self._doubted = True
                return
            self._doubted = False
            news = News.LOST
        elif self._clock() - self._told >= AGAIN:
            news = News.AWAY
        self.away = self._outage(reason)
        if news is not None:
            self._told = self._clock()
            self._tell(news, self.away)

    def _outage(self, reason: str) -> Outage:
        at, since = self._answered
        return Outage(self._bootstrap, since, reason, self._clock() - at, self._never)
