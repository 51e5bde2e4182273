"""All columns that a mapping names, each with the place that names it."""

from collections.abc import Iterator

from streams.mapping.rows import Named
from streams.mapping.schema import TEMPLATE, Mapping, Rule, Time, Value


def columns(mapping: Mapping) -> list[Named]:
    return list(_all(mapping))


def _all(mapping: Mapping) -> Iterator[Named]:
    yield from _of("subject", mapping.subject)
    yield from _of("time", mapping.time)
    for column, time in mapping.blank_until.items():
        yield "blank_until", column
        yield f"blank_until.{column}", time
    for number, rule in enumerate(mapping.event, 1):
        yield from _of_rule(f"event[{number}]", rule)


def _of_rule(place: str, rule: Rule) -> Iterator[Named]:
    for column in rule.when:
        yield f"{place}.when", column
    if rule.on_change:
        yield f"{place}.on_change", rule.on_change
    yield from _of(f"{place}.subject", rule.subject)
    yield from _of(f"{place}.time", rule.time)
    yield from _of(f"{place}.id", rule.id)
    for name, value in rule.data.items():
        yield from _of(f"{place}.data.{name}", value)


def _of(place: str, spec: Value | Time | None) -> Iterator[Named]:
    if spec is None:
        return
    if spec.column:
        yield place, spec.column
    for column in TEMPLATE.findall(spec.text or ""):
        yield place, column
    if isinstance(spec, Time):
        yield from ((f"{place}.plus", column) for column in spec.plus if isinstance(column, str))
        if spec.not_before:
            yield f"{place}.not_before", spec.not_before
