"""What differs between the figures that should be and those that are."""

import math
from collections.abc import Mapping
from typing import Any

Key = tuple[str, str, str, str]
Figure = Mapping[str, Any]

EXACT_FIELDS = ("count", "numerator", "denominator")
QUANTILE_FIELDS = ("p50", "p90", "p95", "p99")
MICROSECOND = 1e-6
RATIO_TOLERANCE = 1e-12
QUANTILE_TOLERANCE = 0.01
MINUTES = frozenset({"backlog_age"})
"""Metrics whose quantiles are those of minutes: at most half of one off."""
LEVELS = frozenset({"backlog", "backlog_age", "calls_waiting", "call_longest_wait"})
"""Metrics of which a figure that is absent is as before."""


def differences(expected: Mapping[Key, Figure], actual: Mapping[Key, Figure]) -> list[str]:
    """Every difference in words, in the order of the keys; with count 0 a figure equals an absent one.

    Not so of levels.

    Raises ValueError where there is no figure on either side: a comparison of nothing proves nothing.
    """
    should = {key: figure for key, figure in expected.items() if figure.get("count") != 0 or key[0] in LEVELS}
    does = {key: figure for key, figure in actual.items() if figure.get("count") != 0 or key[0] in LEVELS}
    if not should and not does:
        raise ValueError("nothing to compare: no figures on either side")
    found: list[str] = []
    for key in sorted({*should, *does}):
        if key not in does:
            found.append(f"{named(key)}: missing, expected {shown(should[key])}")
        elif key not in should:
            found.append(f"{named(key)}: unexpected {shown(does[key])}")
        else:
            slack = 30.0 if key[0] in MINUTES else 0.0
            texts = figure_differences(should[key], does[key], slack)
            found += [f"{named(key)}: {text}" for text in texts]
    return found


def named(key: Key) -> str:
    metric, dimensions, pane, start = key
    return f"{metric} [{dimensions or 'all'}] {pane}{' ' + start if start else ''}"


def shown(figure: Figure) -> str:
    return ", ".join(f"{name} {value}" for name, value in figure.items())


def figure_differences(expected: Figure, actual: Figure, slack: float = 0.0) -> list[str]:
    """The differences in the fields that the expected figure has; `mean` is another name of `value`.

    Quantiles may be so many seconds off, however small they are.
    """
    found: list[str] = []
    for name, wanted in expected.items():
        if name not in actual:
            found.append(f"{name} is missing, expected {wanted}")
        elif not agrees(name, wanted, actual[name], expected, slack):
            found.append(f"{name} is {actual[name]}, expected {wanted}")
    mean = actual.get("mean")
    if "p50" in expected and mean is not None and not agrees("value", expected["value"], mean, expected):
        found.append(f"mean is {mean}, expected {expected['value']}")
    return found


def agrees(name: str, expected: Any, actual: Any, figure: Figure, slack: float = 0.0) -> bool:
    if name == "counts":
        return counts_agree(expected, actual)
    if expected is None:
        return actual is None
    if isinstance(actual, bool) or not isinstance(actual, int | float):
        return False
    if name in EXACT_FIELDS:
        return bool(actual == expected)
    if name in QUANTILE_FIELDS:
        return close(expected, actual, max(slack, QUANTILE_TOLERANCE * abs(expected)))
    if name == "sum" or (name == "value" and "p50" in figure):
        return close(expected, actual, MICROSECOND + 4 * math.ulp(expected))
    if name == "value" and "denominator" in figure:
        return close(expected, actual, RATIO_TOLERANCE * max(1.0, abs(expected)))
    return bool(actual == expected)


def close(expected: float, actual: float, tolerance: float) -> bool:
    return abs(actual - expected) <= tolerance  # false where either is not a number


def counts_agree(expected: Mapping[str, int], actual: Any) -> bool:
    """The same counts; one that is 0 may be left out."""
    if not isinstance(actual, Mapping):
        return False
    return all(expected.get(name, 0) == actual.get(name, 0) for name in {*expected, *actual})
