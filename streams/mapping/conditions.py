"""Which rows give an event."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from streams.mapping.rows import Row, look
from streams.mapping.schema import Condition, Rule
from streams.mapping.schema import Mapping as Spec

Choose = Callable[[Sequence[Row]], Sequence[Row]]
"Of an entity's rows in their order those that a rule takes."


def chooser(mapping: Spec, rule: Rule) -> Choose:
    holds = _all(mapping, rule.when)
    changed = _changed(mapping, rule.on_change) if rule.on_change else None
    taken = {"every": slice(None), "first": slice(1), "last": slice(-1, None)}[rule.take]

    def choose(rows: Sequence[Row]) -> Sequence[Row]:
        left = rows if changed is None else changed(rows)
        return [row for row in left if holds(row)][taken]

    return choose


def _all(mapping: Spec, conditions: Mapping[str, Condition]) -> Callable[[Row], bool]:
    tests = [_test(mapping, column, condition) for column, condition in conditions.items()]
    return lambda row: all(test(row) for test in tests)


def _changed(mapping: Spec, column: str) -> Choose:
    """Rows where the column is other than before; what is there on the first row is new."""
    found = look(mapping, column)

    def changed(rows: Sequence[Row]) -> Sequence[Row]:
        values = [None, *map(found, rows)]
        return [row for row, value, before in zip(rows, values[1:], values, strict=False) if value != before]

    return changed


def _test(mapping: Spec, column: str, condition: Condition) -> Callable[[Row], bool]:
    found = look(mapping, column)
    pattern = re.compile(condition.matches) if condition.matches else None

    def holds(row: Row) -> bool:
        value = found(row)
        if condition.missing is not None and condition.missing is not (value is None):
            return False
        if value is None:
            return condition.is_ is None and pattern is None
        told = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        return _fits(told, condition) and (pattern is None or pattern.fullmatch(told) is not None)

    return holds


def _fits(told: Any, condition: Condition) -> bool:
    if condition.is_ is not None and told not in condition.is_:
        return False
    return condition.not_ is None or told not in condition.not_
