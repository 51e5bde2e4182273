"""What became of the rows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

LINES_TOLD = 5


class Rejected(Exception):
    """A row, or one event of it, that can't be used. `why` is the same for all of a kind."""

    def __init__(self, why: str, example: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.example = example


@dataclass
class Kind:
    """All rejections of an event type for one reason."""

    what: str
    why: str
    example: str
    count: int = 0
    lines: list[int] = field(default_factory=list)
    "The first few, as lines of the file."

    def __str__(self) -> str:
        told = ", ".join(map(str, self.lines)) + (", ..." if self.count > len(self.lines) else "")
        example = f", such as {self.example}" if self.example else ""
        lines = "line" if self.count == 1 else "lines"
        return f"{self.count:,} x {self.what}: {self.why}{example} ({lines} {told})"


@dataclass
class Report:
    rows: int = 0
    silent: int = 0
    "Rows that no event of the mapping takes."
    events: Counter[str] = field(default_factory=Counter)
    "Of each type."
    kinds: dict[tuple[str, str], Kind] = field(default_factory=dict)

    def reject(self, line: int, what: str, rejected: Rejected) -> None:
        """`what` is the event's type, or `row`."""
        kind = self.kinds.setdefault((what, rejected.why), Kind(what, rejected.why, rejected.example))
        kind.count += 1
        if len(kind.lines) < LINES_TOLD:
            kind.lines.append(line)

    @property
    def rejected(self) -> int:
        return sum(kind.count for kind in self.kinds.values())

    def sentences(self) -> Iterator[str]:
        types = ", ".join(f"{count:,} {type_}" for type_, count in self.events.items())
        yield f"{self.rows:,} rows, {self.events.total():,} events" + (f": {types}" if types else "")
        if self.silent:
            yield f"{self.silent:,} rows gave no event: no rule takes them"
        if self.rejected:
            yield f"{self.rejected:,} rejected:"
            for kind in sorted(self.kinds.values(), key=lambda kind: -kind.count):
                yield f"  {kind}"
