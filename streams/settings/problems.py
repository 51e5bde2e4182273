"""Says what is wrong with settings: the key, its value, where it is set, what is allowed."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from streams.settings.secrets import is_secret
from streams.settings.values import Allowed, Given, Key


def problems(model: type[BaseModel], error: ValidationError, values: Mapping[Key, Given]) -> Iterator[str]:
    """One line each."""
    for found in error.errors():
        key = tuple(map(str, found["loc"]))
        while len(key) > 1 and not any(given[: len(key)] == key for given in values):
            key = key[:-1]  # of an element of a list: the list
        origin = next((f" ({values[given].origin})" for given in values if given[: len(key)] == key), "")
        section, field = _look_up(model, key)
        name = ".".join(key)
        if found["type"] == "extra_forbidden":
            yield f"{name} is unknown{origin}, expected {_near(key[-1], section)}"
        elif field is None or is_section(field):
            yield from _of_section(name, found, origin)
        else:
            told = "set" if is_secret(field) else _quoted(values[key].value)
            yield f"{name} is {told}{origin}, expected {allowed(field)}"


def allowed(field: FieldInfo) -> str:
    kind, bounds = field.annotation, _bounds(field)
    told = next((each.text for each in field.metadata if isinstance(each, Allowed)), None)
    if told is None:
        told = _of_kind(kind)
    return f"{told}, {bounds}" if bounds else told


def _of_section(name: str, found: Any, origin: str) -> Iterator[str]:
    """Settings of a section that don't go together, or something else in its place."""
    if found["type"] == "value_error":
        yield f"[{name}] is inconsistent{origin}, expected {found['ctx']['error']}"
    else:
        yield f"{name} is {_quoted(found['input'])}{origin}, expected a section [{name}]"


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _near(name: str, section: type[BaseModel]) -> str:
    names = [field.alias or known for known, field in section.model_fields.items()]
    close = get_close_matches(name, names, 1)
    return f"{close[0]}?" if close else f"one of {', '.join(sorted(names))}"


def _look_up(model: type[BaseModel], key: Key) -> tuple[type[BaseModel], FieldInfo | None]:
    """The section that a key lies in, and what it is there."""
    *above, last = key
    for name in above:
        model = model.model_fields[name].annotation  # type: ignore[assignment]
    by_alias = {field.alias or name: field for name, field in model.model_fields.items()}
    return model, by_alias.get(last)


def is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _of_kind(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(json.dumps(value) for value in get_args(kind))
    if get_origin(kind) is UnionType:
        kind = next(each for each in get_args(kind) if each is not NoneType)
    names = {bool: "true or false", int: "a whole number", float: "a number"}
    return names.get(kind, "text")


def _bounds(field: FieldInfo) -> str:
    show = next((each.show for each in field.metadata if isinstance(each, Allowed)), str)
    least = next((each.ge for each in field.metadata if isinstance(each, Ge)), None)
    above = next((each.gt for each in field.metadata if isinstance(each, Gt)), None)
    most = next((each.le for each in field.metadata if isinstance(each, Le)), None)
    if least is not None and most is not None:
        return f"from {show(least)} to {show(most)}"
    if least is not None:
        return f"at least {show(least)}"
    return f"more than {show(above)}" if above is not None else ""
