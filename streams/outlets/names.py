"""Prometheus names of metrics."""

from streams.catalogue import Metric

BASE_UNITS = {"seconds", "ratio", "points"}
"Units that stand in a name; of counted things the metric's own name says enough."


def gauge_name(metric: Metric) -> str:
    return f"cx_{metric.name}_{metric.unit}" if metric.unit in BASE_UNITS else f"cx_{metric.name}"
