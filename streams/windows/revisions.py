"""How often the figures of consecutive panes were published."""

from bisect import bisect_left, bisect_right

from msgspec import Struct


class Revisions(Struct, array_like=True):
    """From each of `starts` on to the next, panes have that of `numbers`; before the first, none.

    Nearly all panes were published twice, when they had ended and when that was final; so few starts tell
    of many panes.
    """

    starts: list[int] = []
    numbers: list[int] = []

    def at(self, start: int) -> int:
        """The revision of the pane that begins there; 0 of one that was never published."""
        place = bisect_right(self.starts, start) - 1
        return self.numbers[place] if place >= 0 else 0

    def next(self, start: int) -> int | None:
        """The first pane from there on that was published; None where none was."""
        place = bisect_right(self.starts, start)
        if place and self.numbers[place - 1]:
            return start
        return self.starts[place] if place < len(self.starts) else None

    def put(self, start: int, end: int, number: int) -> None:
        """The pane from start to end has this revision."""
        following = self.at(end)
        low, high = bisect_left(self.starts, start), bisect_right(self.starts, end)
        before = self.numbers[low - 1] if low else 0
        turns = [(start, number)] if number != before else []
        if following != number:
            turns.append((end, following))
        self.starts[low:high] = [at for at, _ in turns]
        self.numbers[low:high] = [to for _, to in turns]
