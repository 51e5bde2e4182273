"""How boards tell what the catalogue declares: units, directions in colour and in words, nothing to show."""

from streams.catalogue import Metric

UNITS = {"seconds": "s", "ratio": "percentunit", "points": "none", "score": "none"}
"Grafana's name of a unit; what is counted has none of its own."
COUNTED = "short"

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#808080"
"Told apart by everybody (of Okabe and Ito's palette); a word always stands beside a colour."

NO_DATA = "no data"
TOO_FEW = "too few"

DIRECTIONS = {True: "More is better.", False: "Less is better.", None: ""}


def unit(metric: Metric) -> str:
    return UNITS.get(metric.unit, COUNTED)


def is_count(metric: Metric) -> bool:
    """Whether the figure is itself how many there are."""
    return metric.kind.name in ("count", "level")


def is_certain(metric: Metric) -> bool:
    """Whether few cases say as much as many."""
    return is_count(metric) or metric.kind.name == "longest"


def is_spread(metric: Metric) -> bool:
    return metric.kind.name in ("distribution", "ages")


def description(metric: Metric) -> str:
    told = [f"{metric.formula[0].upper()}{metric.formula[1:]}.", DIRECTIONS[metric.more_is_better]]
    if is_spread(metric):
        told.append("Half are at most the median, nine in ten at most p90.")
    if not is_certain(metric):
        told.append(f"“{TOO_FEW}” where fewer stand behind it than is chosen above.")
    return " ".join(filter(None, told))


def changes(metric: Metric) -> tuple[tuple[str, str], tuple[str, str]]:
    """The word and colour of a rise, and of a fall."""
    better, worse = ("better", BLUE), ("worse", ORANGE)
    match metric.more_is_better:
        case True:
            return better, worse
        case False:
            return worse, better
        case None:
            return ("more", GREY), ("less", GREY)
