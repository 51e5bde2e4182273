"""Panels of figures, and what all panels and boards have in common."""

from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, text, timeseries
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from grafana_foundation_sdk.models.text import TextMode

from grafana.boards import queries, variables, words
from streams.catalogue import Metric

TAG = "cx"
SHOWN = {"0.5": "median", "0.9": "p90"}
"The quantiles that boards show."
BOUNDS = {"low": "at least", "high": "at most"}
"How the ends of a 95 % interval are called."

GREY_LINE = {"mode": "fixed", "fixedColor": words.GREY}

LAST = common.ReduceDataOptions().calcs(["last"])
"Not the last that is no NaN: it says that there are too few."


def board(title: str, uid: str, told: str) -> dashboard.Dashboard:
    return (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(told)
        .tags([TAG])
        .readonly()
        .timezone("browser")
        .refresh("30s")
        .time("now-24h", "now")
        .link(_other_boards())
        .annotation(_alerts())
        .with_variable(variables.datasource())
        .with_variable(variables.job())
    )


def row(title: str) -> dashboard.Row:
    return dashboard.Row(title)


def prose(content: str) -> text.Panel:
    return text.Panel().mode(TextMode.MARKDOWN).content(content).transparent(True).span(24).height(3)


def instant(expr: str, ref: str = "A", legend: str = "") -> prometheus.Dataquery:
    query = prometheus.Dataquery().ref_id(ref).expr(expr).instant().datasource(variables.DATASOURCE)
    return query.legend_format(legend) if legend else query


def ranged(expr: str, legend: str, ref: str = "A") -> prometheus.Dataquery:
    query = prometheus.Dataquery().ref_id(ref).expr(expr).range().datasource(variables.DATASOURCE)
    return query.legend_format(legend)


def figure(metric: Metric) -> stat.Panel:
    """The figure now, what stands behind it where it has bounds, and whether it was better a week before."""
    window = variables.window(metric)
    panel = numbers(metric.title, words.description(metric), words.unit(metric)).span(6).height(5)
    for place, (legend, quantile) in enumerate(_shown(metric)):
        panel.with_target(instant(queries.figure(metric, window, quantile=quantile), "AB"[place], legend))
    if metric.bounds:
        panel.with_target(instant(queries.count_of(metric, window), "D", "of"))
        panel.override_by_query("D", [_property("unit", words.COUNTED)])
    change = queries.change(metric, window, quantile=_shown(metric)[0][1])
    panel.with_target(instant(change, "C", "than a week before"))
    return panel.override_by_query("C", [_property("mappings", _changes(metric))])


def numbers(title: str, told: str, unit: str) -> stat.Panel:
    return (
        stat.Panel()
        .title(title)
        .description(told)
        .datasource(variables.DATASOURCE)
        .unit(unit)
        .no_value(words.NO_DATA)
        .mappings([_too_few()])
        .color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.FIXED).fixed_color("text"))
        .color_mode(BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.NONE)
        .reduce_options(LAST)
    )


def course(metrics: Sequence[Metric], by: str = "") -> timeseries.Panel:
    """Figures with the same unit over time; where there are too few the line is broken.

    By a dimension it is the course of that of its values which is chosen above. One that is alone has the
    bounds of its interval beside it.
    """
    only = f"${by}" if by else None
    panel = lines(
        ", ".join(metric.title for metric in metrics),
        " ".join(f"{metric.title}: {words.description(metric)}" for metric in metrics),
        words.unit(metrics[0]),
    )
    shown = [(metric, *each) for metric in metrics for each in _shown(metric)]
    for ref, (metric, legend, quantile) in zip("ABCDEFGH", shown, strict=False):
        query = queries.figure(metric, variables.window(metric, by), by, quantile, only)
        panel.with_target(ranged(query, legend if quantile else metric.title, ref))
    if len(metrics) == 1 and metrics[0].bounds:
        _with_bounds(panel, metrics[0], by, only)
    return panel.span(6).height(8)


def parts(metric: Metric, by: str) -> timeseries.Panel:
    """A line for each value of a dimension; counts are piled up, as they sum to the whole."""
    panel = lines(f"{metric.title} by {by}", words.description(metric), words.unit(metric))
    query = queries.figure(metric, variables.window(metric, by), by)
    panel.with_target(ranged(query, f"{{{{{by}}}}}"))
    if words.is_count(metric):
        panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL)).fill_opacity(20)
    return panel.span(6).height(8)


def lines(title: str, told: str, unit: str) -> timeseries.Panel:
    return (
        timeseries.Panel()
        .title(title)
        .description(told)
        .datasource(variables.DATASOURCE)
        .unit(unit)
        .no_value(words.NO_DATA)
        .axis_soft_min(0)
        .fill_opacity(0)
        .show_points(VisibilityMode.NEVER)
        .color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC))
        .legend(_legend())
    )


def breakdown(metrics: Sequence[Metric], by: str, title: str = "", bounds: bool = False) -> table.Panel:
    """A row for each value of a dimension, a column for each metric and, with `bounds`, for those it has."""
    panel = rows(title or f"By {by}", _columns_told(metrics, by))
    names = {}
    columns = [
        (metric, end)
        for metric in metrics
        for end in (None, *(queries.ENDS if bounds and metric.bounds else ()))
    ]
    for ref, (metric, end) in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", columns, strict=False):
        quantile = "0.5" if words.is_spread(metric) else None
        query = queries.figure(metric, variables.window(metric, by), by, quantile, end=end)
        panel.with_target(instant(query, ref).format(PromQueryFormat.TABLE))
        name = metric.title + (f" ({SHOWN['0.5']})" if quantile else "") + (f": {BOUNDS[end]}" if end else "")
        names[f"Value #{ref}"] = name
        panel.override_by_name(name, [_property("unit", words.unit(metric))])
    return panel.transformations(_joined(by, names))


def changes(metric: Metric, by: str) -> table.Panel:
    """A row for each value of a dimension: its count, and the last hour's change."""
    told = f"{words.description(metric)} Changes are of the last hour, on the hour before and a week ago."
    panel = rows(f"{metric.title}, with its change", told)
    columns = {
        metric.title: queries.figure(metric, variables.window(metric, by), by),
        "Last hour on the one before": queries.change_by(metric, by, queries.HOUR),
        "Last hour on the same a week before": queries.change_by(metric, by, queries.WEEK),
    }
    for ref, query in zip("ABC", columns.values(), strict=True):
        panel.with_target(instant(query, ref).format(PromQueryFormat.TABLE))
    names = {f"Value #{ref}": name for ref, name in zip("ABC", columns, strict=True)}
    return panel.transformations(_joined(by, names))


def rows(title: str, told: str) -> table.Panel:
    return (
        table.Panel()
        .title(title)
        .description(told)
        .datasource(variables.DATASOURCE)
        .unit(words.COUNTED)
        .no_value(words.NO_DATA)
        .mappings([_too_few()])
        .span(24)
        .height(8)
    )


def _with_bounds(panel: timeseries.Panel, metric: Metric, by: str, only: str | None) -> None:
    for ref, end in zip("LH", queries.ENDS, strict=True):
        query = queries.figure(metric, variables.window(metric, by), by, only=only, end=end)
        panel.with_target(ranged(query, BOUNDS[end], ref))
        dashed = common.LineStyle().fill("dash").dash([4, 4])
        panel.override_by_query(
            ref, [_property("custom.lineStyle", dashed.build()), _property("color", GREY_LINE)]
        )


def _shown(metric: Metric) -> tuple[tuple[str, str | None], ...]:
    """What is shown of a metric: the figure, or quantiles of it, each with its name."""
    if words.is_spread(metric):
        return tuple((name, quantile) for quantile, name in SHOWN.items())
    return (("now", None),)


def _columns_told(metrics: Sequence[Metric], by: str) -> str:
    over = {metric.name: variables.window(metric, by) for metric in metrics}
    told = [
        f"{metric.title}: {metric.formula}, {f'over {over[metric.name]}' if over[metric.name] else 'now'}."
        for metric in metrics
    ]
    return " ".join([*told, f"“{words.TOO_FEW}” where fewer stand behind a figure than is chosen above."])


def _joined(by: str, names: dict[str, str]) -> list[model.DataTransformerConfig]:
    times = {"Time": True, **{f"Time {number}": True for number in range(1, len(names) + 1)}}
    return [
        model.DataTransformerConfig("joinByField", options={"byField": by, "mode": "outer"}),
        model.DataTransformerConfig(
            "organize",
            options={
                "excludeByName": times,
                "renameByName": {by: by.capitalize(), **names},
                "indexByName": {name: place for place, name in enumerate((by, *names))},
            },
        ),
    ]


def _too_few() -> model.ValueMapping:
    result = model.ValueMappingResult(text=words.TOO_FEW, color=words.GREY, index=0)
    options = model.DashboardSpecialValueMapOptions(model.SpecialValueMatch.NA_N, result)
    return model.SpecialValueMap(options)


def _changes(metric: Metric) -> list[model.ValueMapping]:
    (rise, rising), (fall, falling) = words.changes(metric)
    # Bounds on both sides: Grafana takes an open one for 0.
    up = model.ValueMappingResult(text=rise, color=rising, index=0)
    down = model.ValueMappingResult(text=fall, color=falling, index=1)
    same = model.ValueMappingResult(text="the same", color=words.GREY, index=2)
    return [
        model.RangeMap(model.DashboardRangeMapOptions(1e-9, 1e15, up)),
        model.RangeMap(model.DashboardRangeMapOptions(-1e15, -1e-9, down)),
        model.RangeMap(model.DashboardRangeMapOptions(-1e-9, 1e-9, same)),
    ]


def _property(name: str, value: Any) -> model.DynamicConfigValue:
    return model.DynamicConfigValue(name, value)


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(LegendDisplayMode.TABLE)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(True)
        .calcs(["last"])
    )


def _other_boards() -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink("Boards")
        .type(model.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )


def _alerts() -> dashboard.AnnotationQuery:
    return (
        dashboard.AnnotationQuery()
        .name("Alerts")
        .datasource(variables.DATASOURCE)
        .enable(True)
        .icon_color(words.ORANGE)
        .expr('ALERTS{alertstate="firing", alertname=~"Cx.+"}')
        .title_format("{{alertname}}")
    )
