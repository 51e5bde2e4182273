"""The promise, checked: the figures of the stream are those of the batch."""

from collections.abc import Iterator, Mapping
from typing import Any

NOT_PROMISED = frozenset({"revision", "watermark", "final"})
"What depends on the order in which events came."

Figures = Mapping[str, Mapping[str, Any]]


def differences(batch: Figures, stream: Figures) -> list[str]:
    """The keys of the figures that differ; one whose count is 0 equals an absent one."""
    should, does = _promised(batch), _promised(stream)
    return sorted(key for key in {*should, *does} if should.get(key) != does.get(key))


def _promised(figures: Figures) -> dict[str, dict[str, Any]]:
    return {key: dict(_fields(figure)) for key, figure in figures.items() if figure["count"]}


def _fields(figure: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in figure.items() if name not in NOT_PROMISED)
