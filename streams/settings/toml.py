"""Settings as TOML: the effective ones, and the commented example."""

import json
import re
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any, Literal, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from streams.settings.model import Settings
from streams.settings.problems import allowed, holds_sections, is_model, is_section, parts

HEAD = """\
# All settings of MetricLand with their defaults: a metricland.toml needs no more than what differs.
# The environment overrides it (METRICLAND_WEB__PORT=6067), and options of a command override both.
# Durations are "100ms", "90s", "5m", "6h", "14d", "5y" (of 366 days) or seconds as a number; sizes are
# "64KiB", "8MiB", "1GiB" or bytes as a number. What is marked "rebuild" decides what a figure is made
# of: a worker that finds state made otherwise refuses to start and says how to build it anew.
"""
WIDTH = 100
BARE = re.compile(r"[A-Za-z0-9_-]+")


def shown(settings: BaseModel) -> dict[str, Any]:
    """Keys and values as TOML writes them, secrets hidden."""
    return settings.model_dump(mode="json", by_alias=True, exclude_none=True)


def effective(settings: BaseModel) -> str:
    return "\n".join(_section(type(settings), shown(settings), "", commented=False)) + "\n"


def example(model: type[Settings] = Settings) -> str:
    """The text of `metricland.example.toml`."""
    return HEAD + "\n" + "\n".join(_section(model, shown(model()), "", commented=True)) + "\n"


def _section(
    model: type[BaseModel], values: Mapping[str, Any], name: str, *, commented: bool, several: bool = False
) -> Iterator[str]:
    fields = {field.alias or known: field for known, field in model.model_fields.items()}
    settings = {
        key: field
        for key, field in fields.items()
        if key in values
        and not (holds_sections(field.annotation) and (commented or _is_table(field, values[key])))
    }
    if name and (settings or several):
        yield ""
        if commented and model.__doc__:
            yield from _comment(model.__doc__)
        yield f"[[{name}]]" if several else f"[{name}]"
    for key, field in settings.items():
        yield from _comment(_told(field)) if commented else ()
        yield f"{key} = {_value(values[key])}"
    for key, field in fields.items():
        if key in values and key not in settings:
            inner = f"{name}.{key}" if name else key
            if commented and not is_section(field):
                yield from _shown_by_example(field, inner)
            yield from _tables(field.annotation, values[key], inner, commented=commented)


def _tables(kind: Any, value: Any, name: str, *, commented: bool, several: bool = False) -> Iterator[str]:
    """A section, or those that a setting consists of."""
    if is_model(kind):
        yield from _section(kind, value, name, commented=commented, several=several)
    elif isinstance(value, Mapping) and get_origin(kind) is not dict:
        yield from _tables(parts(kind), value, name, commented=commented)  # one, where there may be several
    elif isinstance(value, Mapping):
        for key, table in value.items():
            yield from _tables(parts(kind), table, f"{name}.{_key(key)}", commented=commented)
    else:
        for table in value:
            yield from _tables(parts(kind), table, name, commented=commented, several=True)


def _shown_by_example(field: FieldInfo, name: str) -> Iterator[str]:
    """Tables of which there are none by default: what they are, and one of them, all as comments."""
    yield ""
    yield from _comment(_told(field))
    for example in field.examples or ():
        tables = _tables(field.annotation, example, name, commented=False)
        yield from (f"# {line}" for line in tables if line)


def _is_table(field: FieldInfo, value: Any) -> bool:
    """One without tables in it can only be written in a line."""
    return is_section(field) or bool(value)


def _value(value: Any) -> str:
    """A table within a line, where it is no section."""
    if isinstance(value, Mapping):
        items = ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {items} }}" if items else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _told(field: FieldInfo) -> str:
    choices = f" ({allowed(field)})" if get_origin(field.annotation) is Literal else ""
    return f"{field.description}{choices}"


def _comment(text: str) -> Iterator[str]:
    for line in wrap(text, WIDTH - 2):
        yield f"# {line}"
