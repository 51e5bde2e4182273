"""Labels of dimension values: missing ones, ones that may not be shown, and ones beyond the bound."""

import re
from collections.abc import Callable

from streams.catalogue import OTHER, UNKNOWN, Family
from streams.windows.admission import Admission
from streams.windows.panes import DAY
from streams.windows.pseudonyms import Pseudonyms

LONGEST = 200
"Characters of a dimension value, at most; longer ones count as `other`."

ADMITTED = 10_000
"Values of a dimension that tables tell apart at a time; further ones count as `other`."

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Values:
    """The values of a dimension that were admitted."""

    def __init__(self) -> None:
        self.known: dict[str, Admission] = {}
        self.placed: set[str] = set()
        "Those that take a place, some of which may have come free."
        self.looked = -1
        "The day on which free ones were last looked for."
        self.since: int | None = None
        "After all that was counted as `other` for want of a place; None while nothing was."


class Labels:
    """Turns the dimension values of observations into labels.

    An admitted value keeps its name for ever: what is taken back is taken from where it was added, and month
    and total figures keep it. It takes a place until the hour and day panes of its last use are gone, and
    again when it is used again. While no place is free, new values count as `other`. Which these were is not
    kept, so a value that is admitted later is named at times after all that was counted so, and is `other` at
    times before. A label thus follows from the value and the time, whenever it is looked up.

    `kept` is how long hour and day panes are kept, in seconds (None: for ever). `remember` gets each row of
    state that is new or has changed, by its key.
    """

    def __init__(
        self,
        admitted: int | None = None,
        remember: Callable[[str, Admission], None] | None = None,
        pseudonyms: Pseudonyms | None = None,
        kept: int | None = None,
    ) -> None:
        self._bound = admitted
        self._remember = remember
        self._pseudonyms = pseudonyms
        # One day more for the rest of the day of use, and one for panes that end at another midnight.
        self._kept = None if kept is None else -(-kept // DAY) + 2
        self._values: dict[str, Values] = {}
        self._day = -1
        self._lasting = True
        self.overflowed = 0
        "How often a value was counted as `other` for want of a place."

    def __call__(
        self, family: Family, values: tuple[str | None, ...], second: int
    ) -> tuple[tuple[str, ...], bool]:
        """The labels of an observation at a second, and whether they are the same at all times."""
        self._lasting = True
        labels = [
            self._label(dimension, value, second)
            for dimension, value in zip(family.dimensions, values, strict=True)
        ]
        return tuple(labels), self._lasting

    def reach(self, second: int) -> bool:
        """Event time has come to a second; true on a new day: what is used then is to be looked up again."""
        day = second // DAY
        if day <= self._day:
            return False
        self._day = day
        return True

    def restore(self, key: str, row: Admission) -> None:
        """Take a row back that was remembered."""
        dimension, of_value, value = key.partition("|")
        values = self._of(dimension)
        if of_value:
            values.known[value] = row
            values.placed.add(value)
        else:
            values.since = row.since

    def _of(self, dimension: str) -> Values:
        values = self._values.get(dimension)
        if values is None:
            values = self._values[dimension] = Values()
        return values

    def _label(self, dimension: str, value: str | None, second: int) -> str:
        if not value:
            return UNKNOWN
        if len(value) > LONGEST or _UNPRINTABLE.search(value):
            return OTHER
        if self._pseudonyms is not None and dimension in self._pseudonyms.dimensions:
            value = self._pseudonyms.of(dimension, value)
        if self._bound is None:
            return value
        values = self._of(dimension)
        found = values.known.get(value)
        day = max(self._day, second // DAY)
        if found is None:
            if not self._has_room(values):
                self._count_as_other(dimension, values, second)
                return OTHER
            found = values.known[value] = Admission(day, values.since)
            self._place(dimension, value, values, found)
        elif found.day < day:
            found.day = day
            self._place(dimension, value, values, found)
        if found.since is None:
            return value
        self._lasting = False
        if second >= found.since:
            return value
        self.overflowed += 1
        return OTHER

    def _place(self, dimension: str, value: str, values: Values, admission: Admission) -> None:
        values.placed.add(value)
        if self._remember is not None:
            self._remember(f"{dimension}|{value}", admission)

    def _has_room(self, values: Values) -> bool:
        assert self._bound is not None
        if len(values.placed) >= self._bound and self._kept is not None and values.looked < self._day:
            first = self._day - self._kept
            values.looked = self._day
            values.placed = {value for value in values.placed if values.known[value].day >= first}
        return len(values.placed) < self._bound

    def _count_as_other(self, dimension: str, values: Values, second: int) -> None:
        self._lasting = False
        self.overflowed += 1
        if values.since is None or second >= values.since:
            values.since = second - second % DAY + DAY
            if self._remember is not None:
                self._remember(dimension, Admission(0, values.since))
