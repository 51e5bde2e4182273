"""The promise, checked: the figures of the stream are those of the batch."""

from collections.abc import Mapping, Set
from typing import Any

NOT_PROMISED = frozenset({"revision", "watermark", "final"})
"What depends on the order in which events came."

Figures = Mapping[str, Mapping[str, Any]]


def differences(batch: Figures, stream: Figures, levels: Set[str] = frozenset()) -> list[str]:
    """The keys of the figures that differ; one whose count is 0 equals an absent one.

    Not so of metrics that are levels: where the batch has nothing left, the stream has to say so.
    """
    should = {key: _promised(it) for key, it in batch.items() if it["count"] or it["metric"] in levels}
    does = {key: _promised(it) for key, it in stream.items() if it["count"] or key in should}
    return sorted(key for key in {*should, *does} if should.get(key) != does.get(key))


def _promised(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figure.items() if name not in NOT_PROMISED}
