"""Labels of dimension values: missing ones, ones that may not be shown, and ones beyond the bound."""

import re
from collections.abc import Callable

from streams.catalogue import OTHER, UNKNOWN, Family
from streams.windows.pseudonyms import Pseudonyms

LONGEST = 200
"Characters of a dimension value, at most; longer ones count as `other`."

ADMITTED = 10_000
"Values of a dimension that tables tell apart; further ones count as `other`."

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Labels:
    """Turns the dimension values of observations into labels.

    What is admitted stays admitted and what came too late stays out, so a value has one label for ever
    and what is taken back is taken from where it was added. `remember` is told of each new value.
    """

    def __init__(
        self,
        admitted: int | None = None,
        remember: Callable[[str, str], None] | None = None,
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        self._bound = admitted
        self._remember = remember
        self._pseudonyms = pseudonyms
        self._known: dict[str, set[str]] = {}
        self.overflowed = 0

    def __call__(self, family: Family, values: tuple[str | None, ...]) -> tuple[str, ...]:
        return tuple(map(self._label, family.dimensions, values))

    def restore(self, dimension: str, value: str) -> None:
        self._known.setdefault(dimension, set()).add(value)

    def _label(self, dimension: str, value: str | None) -> str:
        if not value:
            return UNKNOWN
        if len(value) > LONGEST or _UNPRINTABLE.search(value):
            return OTHER
        if self._pseudonyms is not None and dimension in self._pseudonyms.dimensions:
            value = self._pseudonyms.of(dimension, value)
        if self._bound is None:
            return value
        known = self._known.setdefault(dimension, set())
        if value in known:
            return value
        if len(known) >= self._bound:
            self.overflowed += 1
            return OTHER
        known.add(value)
        if self._remember is not None:
            self._remember(dimension, value)
        return value
