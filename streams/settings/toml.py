"""Settings as TOML: the effective ones, and the commented example."""

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any, Literal, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from streams.settings.model import Settings
from streams.settings.problems import allowed, is_section

HEAD = """\
# All settings of MetricLand with their defaults: a metricland.toml needs no more than what differs.
# The environment overrides it (METRICLAND_WEB__PORT=6067), and options of a command override both.
# Durations are "100ms", "90s", "5m", "6h", "14d", "5y" (of 366 days) or seconds as a number; sizes are
# "64KiB", "8MiB", "1GiB" or bytes as a number. What is marked "rebuild" decides what a figure is made
# of: a worker that finds state made otherwise refuses to start and says how to build it anew.
"""
WIDTH = 100


def shown(settings: BaseModel) -> dict[str, Any]:
    """Keys and values as TOML writes them, secrets hidden."""
    return settings.model_dump(mode="json", by_alias=True, exclude_none=True)


def effective(settings: BaseModel) -> str:
    return "\n".join(_section(type(settings), shown(settings), "", commented=False)) + "\n"


def example(model: type[Settings] = Settings) -> str:
    """The text of `metricland.example.toml`."""
    return HEAD + "\n" + "\n".join(_section(model, shown(model()), "", commented=True)) + "\n"


def _section(
    model: type[BaseModel], values: Mapping[str, Any], name: str, *, commented: bool
) -> Iterator[str]:
    fields = {field.alias or known: field for known, field in model.model_fields.items()}
    settings = {key: field for key, field in fields.items() if key in values and not is_section(field)}
    if name and settings:
        yield ""
        if commented and model.__doc__:
            yield from _comment(model.__doc__)
        yield f"[{name}]"
    for key, field in settings.items():
        yield from _comment(_told(field)) if commented else ()
        yield f"{key} = {json.dumps(values[key], ensure_ascii=False)}"
    for key, field in fields.items():
        if is_section(field):
            yield from _section(
                field.annotation,  # type: ignore[arg-type]
                values[key],
                f"{name}.{key}" if name else key,
                commented=commented,
            )


def _told(field: FieldInfo) -> str:
    choices = f" ({allowed(field)})" if get_origin(field.annotation) is Literal else ""
    return f"{field.description}{choices}"


def _comment(text: str) -> Iterator[str]:
    for line in wrap(text, WIDTH - 2):
        yield f"# {line}"
