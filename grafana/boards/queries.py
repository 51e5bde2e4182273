"""
PromQL of figures.

A series without a dimension is the total, so each query picks one dimension set by its `by` label. A figure
is exported by the one worker that owns it; for a moment after it has moved there may be two, hence `max`.
"""

from grafana.boards.words import is_certain
from streams.catalogue import Metric
from streams.outlets.names import gauge_name

JOB = 'job=~"$job"'
ENOUGH = "$enough"
HOUR = "1h"
WEEK = "1w"


ENDS = ("low", "high")
"Of a 95 % interval."


def figure(
    metric: Metric,
    window: str,
    by: str = "",
    quantile: str | None = None,
    only: str | None = None,
    end: str | None = None,
) -> str:
    """The figure where enough stand behind it, NaN where too few do, nothing where there is none.

    `only` is one value of the dimension, `end` that of the figure's interval instead of the figure.
    """
    name = gauge_name(metric)
    value = _selected(f"{name}_{end}" if end else name, window, by, quantile=quantile, only=only)
    if is_certain(metric):
        return value
    count = count_of(metric, window, by, only=only)
    return f"{value}\n  and {count} >= {ENOUGH}\nor ({count} < {ENOUGH}) * NaN"


def change(metric: Metric, window: str, quantile: str | None = None) -> str:
    """The figure less that of a week before, where enough stand behind both."""
    now, before = _certain(metric, window, quantile, ""), _certain(metric, window, quantile, WEEK)
    return f"({now})\n-\n({before})"


def change_by(metric: Metric, by: str, back: str) -> str:
    """The last hour's count of each value less that of the hour so long before, if a worker was up then.

    Of what there is none the series is absent, so it is 0 here.
    """
    name = gauge_name(metric)
    now, then = (_selected(name, HOUR, by, offset=offset) for offset in ("", back))
    was_up = f"on () (max (up{{{JOB}}} offset {back}) > 0)"
    return f"({now} or {then} * 0)\n-\n({then} or {now} * 0 and {was_up})"


def _certain(metric: Metric, window: str, quantile: str | None, offset: str) -> str:
    value = _selected(gauge_name(metric), window, "", quantile=quantile, offset=offset)
    if is_certain(metric):
        return value
    return f"{value} and {count_of(metric, window, offset=offset)} >= {ENOUGH}"


def count_of(metric: Metric, window: str, by: str = "", offset: str = "", only: str | None = None) -> str:
    """How many stand behind the figure."""
    return _selected(f"{gauge_name(metric)}_count", window, by, offset=offset, only=only)


def _selected(
    name: str, window: str, by: str, quantile: str | None = None, offset: str = "", only: str | None = None
) -> str:
    told = f'{JOB}, window="{window}", by="{by}"' if window else f'{JOB}, by="{by}"'
    if quantile is not None:
        told += f', quantile="{quantile}"'
    if only is not None:
        told += f', {by}="{only}"'
    kept = f" by ({by})" if by else ""
    back = f" offset {offset}" if offset else ""
    return f"max{kept} ({name}{{{told}}}{back})"
