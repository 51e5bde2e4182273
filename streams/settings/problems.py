"""Says what is wrong with settings: the key, its value, where it is set, what is allowed."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import chain
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeGuard, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from streams.settings.secrets import is_secret
from streams.settings.values import Allowed, Given, Key, Wrong, nested


class Place(NamedTuple):
    """Where a problem lies: its setting, the section that this is in, and what is given there."""

    key: Key
    section: type[BaseModel]
    field: FieldInfo | None
    "None where it is a section itself, or no setting at all."
    value: Any


def problems(model: type[BaseModel], error: ValidationError, values: Mapping[Key, Given]) -> Iterator[str]:
    """One line each."""
    table = nested(values)
    for found in error.errors():
        place = _look_up(model, found["loc"], table)
        name, origin = ".".join(place.key), _origin(place.key, values)
        if found["type"] == "extra_forbidden":
            yield f"{name} is unknown{origin}, expected {_near(place.key[-1], place.section)}"
        elif place.field is None:
            yield from _of_section(name, found, origin)
        elif found["type"] == "missing":
            yield f"{name} is missing{origin}, expected {allowed(place.field)}"
        else:
            told = "set" if is_secret(place.field) else _quoted(place.value)
            yield f"{name} is {told}{_reason(found, origin)}, expected {allowed(place.field)}"


def allowed(field: FieldInfo) -> str:
    kind, metadata = _kind(field)
    bounds = _bounds(metadata)
    told = next((each.text for each in metadata if isinstance(each, Allowed)), None)
    if told is None:
        told = _of_kind(kind)
    return f"{told}, {bounds}" if bounds else told


def _kind(field: FieldInfo) -> tuple[Any, list[Any]]:
    """What a setting is, where it is set, and what goes with that."""
    kind: Any = field.annotation
    if get_origin(kind) not in (Union, UnionType):
        return kind, field.metadata
    kind = next(each for each in get_args(kind) if each is not NoneType)
    if get_origin(kind) is not Annotated:
        return kind, field.metadata
    kind, *metadata = get_args(kind)
    inner = [each.metadata if isinstance(each, FieldInfo) else [each] for each in metadata]
    return kind, [*field.metadata, *chain.from_iterable(inner)]


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


def _look_up(model: type[BaseModel], loc: tuple[int | str, ...], table: Any) -> Place:
    """The setting at a location, or the one that the location lies within."""
    key: Key = ()
    section, value = model, table
    kind: Any = model
    field: FieldInfo | None = None
    for part in loc:
        if isinstance(part, int) and not isinstance(value, list | tuple):
            kind = parts(kind)
            continue  # one table, where there may be several
        if is_model(kind):
            section, field = kind, _by_alias(kind).get(str(part))
            kind = field.annotation if field else None
        elif (kind := parts(kind)) is None:
            break
        else:
            field = None
        key, value = (*key, str(part)), _item(value, part)
    return Place(key, section, None if holds_sections(kind) else field, value)


def _item(value: Any, part: int | str) -> Any:
    try:
        return value[part]
    except (KeyError, IndexError, TypeError):
        return None


def _origin(key: Key, values: Mapping[Key, Given]) -> str:
    """Where it is set, or else what it lies in."""
    while len(key) > 1 and not any(given[: len(key)] == key for given in values):
        key = key[:-1]
    return next((f" ({values[given].origin})" for given in values if given[: len(key)] == key), "")


def _reason(found: Any, origin: str) -> str:
    error = found.get("ctx", {}).get("error")
    return f"{origin}: {error}" if isinstance(error, Wrong) else origin


def _by_alias(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def is_section(field: FieldInfo) -> bool:
    return is_model(field.annotation)


def is_model(kind: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def holds_sections(kind: Any) -> bool:
    """Whether it is a section, or consists of them: tables by their names, or one after the other."""
    return is_model(kind) or (kind is not None and holds_sections(parts(kind)))


def parts(kind: Any) -> Any:
    """What such tables are; None of what has no parts that are sections."""
    arguments = get_args(kind)
    if get_origin(kind) is Annotated:
        return parts(arguments[0])
    inner = {dict: arguments[1:2], tuple: arguments[:1]}.get(get_origin(kind), ())
    return next((each for each in inner if holds_sections(each)), None)


def _of_kind(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(json.dumps(value) for value in get_args(kind))
    names = {bool: "true or false", int: "a whole number", float: "a number"}
    return names.get(kind, "text")


def _bounds(metadata: list[Any]) -> str:
    show = next((each.show for each in metadata if isinstance(each, Allowed)), str)
    least = next((each.ge for each in metadata if isinstance(each, Ge)), None)
    above = next((each.gt for each in metadata if isinstance(each, Gt)), None)
    most = next((each.le for each in metadata if isinstance(each, Le)), None)
    if least is not None and most is not None:
        return f"from {show(least)} to {show(most)}"
    if least is not None:
        return f"at least {show(least)}"
    return f"more than {show(above)}" if above is not None else ""
