"""The catalogue as a page in Markdown."""

from collections.abc import Iterator

from streams.catalogue import Catalogue, Metric
from streams.outlets.names import gauge_name
from streams.settings import Settings
from streams.topics import input_topic
from streams.windows.levels import Level
from streams.windows.trailing import WINDOWS

DIRECTIONS = {True: "more", False: "less", None: ""}

HEAD = """\
# Metrics

Made from the catalogue by `python -m agents.page`. `metricland metrics` shows the same in a terminal.

A figure belongs to a metric, the values of one of its dimension sets, and a pane of time: an hour, a day, a
month, all time. Each is a record on `{metrics}`. Prometheus shows trailing windows instead, of the dimension
sets that the setting `dimensions.exported` names, and of some metrics by further ones; there the label `by`
names the set, and is empty for the total. Windows under six hours are there for the sets that the setting
`dimensions.minutes` names, and for those of a metric that are always shown; other sets have the longer ones
alone. Histograms have no window: they count what has come since the process started, and only grow.

Levels, like the backlog, are what there is at an instant: now on Prometheus. Records have it as of the end of
each pane in which it changed, and once as 0 where nothing was left: where there is no record it is as in the
pane before. Days and months are published when they have ended, and so are hours of levels that change by
themselves, as ages do; of others the running hour is published as it changes. Quantiles of ages are at most
half a minute off.

Records of shares, scores and balances carry `low` and `high`: the true figure lies between them in 95 of 100
cases. For shares that is Wilson's interval, for balances the one from the trinomial variance, for means of
scores 1.96 standard errors to each side (none of a single score). `counts` tell how many gave each score. A
score that was mapped from a scale of up to 100 steps is counted exactly, any other to four digits; sums and
means are always of the exact scores."""


def page(catalogue: Catalogue) -> str:
    settings = Settings()
    lines = [HEAD.format(metrics=settings.topics.prefix + "metrics"), "", *_overview(catalogue)]
    for metric in catalogue.metrics:
        lines += ["", *_section(metric, catalogue, settings)]
    return "\n".join(lines) + "\n"


def _overview(catalogue: Catalogue) -> Iterator[str]:
    yield "| metric | unit | better |"
    yield "|---|---|---|"
    for metric in catalogue.metrics:
        yield f"| [`{metric.name}`](#{metric.name}) | {metric.unit} | {DIRECTIONS[metric.more_is_better]} |"


def _section(metric: Metric, catalogue: Catalogue, settings: Settings) -> Iterator[str]:
    sets = [" x ".join(names) or "total" for names in metric.family.sets]
    topics = [
        f"`{input_topic(settings, domain.name)}`"
        for domain in catalogue.domains
        if any(subject.name == metric.of for subject in domain.subjects)
    ]
    yield f"## `{metric.name}`"
    yield ""
    yield f"**{metric.title}**: {metric.formula}."
    yield ""
    yield f"- By: {', '.join(sets)}"
    yield f"- From: {', '.join(topics)}"
    yield f"- On Prometheus: {', '.join(_exposed(metric))}"
    if metric.family.shown:
        yield f"- There always by: {', '.join(' x '.join(names) for names in metric.family.shown)}"
    yield f"- Windows: {_windows(metric)}"


def _exposed(metric: Metric) -> list[str]:
    name = gauge_name(metric)
    match metric.kind.name:
        case "count" | "level":
            return [f"`{name}`"]
        case "ages":
            return [f"`{name}{{quantile}}`", *(f"`{name}_{more}`" for more in ("mean", "count"))]
        case "remaining":
            return [f"`{name}{{quantile}}`", *(f"`{name}_{more}`" for more in ("soonest", "mean", "count"))]
        case "longest":
            return [f"`{name}`", f"`{name}_count`"]
        case "distribution":
            return [f"`{name}{{quantile}}`", *(f"`{name}_{more}`" for more in ("mean", "count", "histogram"))]
        case _:
            bounds = ("low", "high") if metric.bounds else ()
            return [f"`{name}`", *(f"`{name}_{more}`" for more in ("count", *bounds))]


def _windows(metric: Metric) -> str:
    if isinstance(metric.kind, Level):
        return f"none: as it is now; published {_panes(metric, metric.kind)}"
    every = ", ".join(metric.windows)
    longer = ", ".join(name for name in metric.windows if WINDOWS[name].kind != "minute")
    coarse = sorted(metric.family.coarse)
    return every if longer == every or not coarse else f"{every}; by {', '.join(coarse)} only {longer}"


def _panes(metric: Metric, level: Level) -> str:
    *kinds, last = level.panes
    named = f"{', '.join(kinds)} and {last}" if kinds else last
    if not level.always:
        return f"in each {named} in which it changed"
    kept = "".join(f", for {seconds // 86400} days" for seconds in metric.family.kept.values())
    return f"at the end of each {named}{kept}"
