"""What a mapping may say. The comments of the kept mappings are its manual, this is its reference."""

import codecs
import re
from typing import Annotated, Any, Literal, Self

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from streams.mapping.formats import check_format, check_zone

TEMPLATE = re.compile(r"\{([^{}]+)\}")
"A column within a text: `{first name} {last name}`."

IfMissing = Literal["leave out", "clear", "reject"]
IfUnknown = Literal["reject", "keep", "leave out"]
As = Literal["text", "integer", "number", "boolean", "list", "seconds"]


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError("expected an encoding such as utf-8, latin-1 or cp1252") from None
    return name


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"expected a regular expression: {error}") from None
    return text


def _listed(value: object) -> object:
    return list(map(_told, value)) if isinstance(value, list | tuple) else [_told(value)]


def _several(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


def _told(value: object) -> object:
    """A number or a truth value as the text that stands in files."""
    return msgspec.json.encode(value).decode() if isinstance(value, bool | int | float) else value


Format = Annotated[str, AfterValidator(check_format)]
Zone = Annotated[str, AfterValidator(check_zone)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Values = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Name = Annotated[str, Field(min_length=1)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Spec(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True, strict=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, told: object) -> object:
        """Pydantic's own refusal doesn't say what would be allowed."""
        if isinstance(told, dict):
            allowed = [field.alias or name for name, field in cls.model_fields.items()]
            for key in told:
                if key not in allowed:
                    raise ValueError(f"has unknown key {key!r}, expected one of {', '.join(allowed)}")
        return told


class Value(Spec):
    """A field's value: a column, a text with columns in it, or a constant. A plain string is a column."""

    column: Name | None = None
    "CSV: its name. JSON: its path, as in `order.items[0].name`."
    text: Name | None = None
    value: Any = None
    as_: As = Field("text", alias="as")
    separator: str = Field(",", min_length=1)
    "Between the items of a `list`."
    missing: Values = ()
    "What counts as missing beside the file's own markers."
    table: dict[str, Any] | None = None
    default: Any = None
    "For what is missing or not in the table."
    if_missing: IfMissing = "leave out"
    if_unknown: IfUnknown = "reject"
    "What to do with what the table doesn't have."

    @model_validator(mode="before")
    @classmethod
    def _short(cls, told: object) -> object:
        if isinstance(told, str):
            return {"column": told}
        return told if isinstance(told, dict | Value) else {"value": told}

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        _one_of(self.model_fields_set, "column", "text", "value")
        if "default" in self.model_fields_set and {"if_missing", "if_unknown"} & self.model_fields_set:
            raise ValueError("has a default beside if_missing or if_unknown, expected one of them")
        return self

    @property
    def has_default(self) -> bool:
        return "default" in self.model_fields_set

    @property
    def constant(self) -> bool:
        return "value" in self.model_fields_set


class Time(Spec):
    """When something happened."""

    column: Name | None = None
    text: Name | None = None
    formats: Annotated[tuple[Format, ...], BeforeValidator(_listed)] = ()
    zone: Zone | None = None
    "Of times that don't bring their own offset."
    plus: Annotated[tuple[Name | Number, ...], BeforeValidator(_several)] = ()
    "What to add: seconds, and columns with seconds or h:mm:ss, of which missing ones add nothing."
    not_before: Name | None = None
    "A column with an earlier time; what lies before it is rejected."

    @model_validator(mode="before")
    @classmethod
    def _short(cls, told: object) -> object:
        return {"column": told} if isinstance(told, str) else told

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        _one_of(self.model_fields_set, "column", "text")
        return self


class Condition(Spec):
    """On a column: one of these values (a plain string or a list says the same), and the like."""

    is_: Values | None = Field(None, alias="is")
    not_: Values | None = Field(None, alias="not")
    matches: Pattern | None = None
    "A regular expression that the whole value matches."
    missing: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, told: object) -> object:
        return told if isinstance(told, dict | Condition) else {"is": told}


class Rule(Spec):
    """An event, and the rows that give it."""

    type: Name
    when: dict[str, Condition] = {}
    "All must hold."
    on_change: Name | None = None
    "Only rows in which this column is not as in the entity's row before."
    take: Literal["every", "first", "last"] = "every"
    "Of the entity's rows that are left."
    subject: Value | None = None
    time: Time | None = None
    id: Value | None = None
    "Where rows have ids of their own; otherwise made of subject, type and time."
    data: dict[str, Value] = {}


class Mapping(Spec):
    source: Name
    format: Literal["csv", "jsonl"] = "csv"
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    delimiter: str = Field(",", min_length=1, max_length=1)
    columns: tuple[Name, ...] = ()
    "Names for a CSV file that has no header."
    missing: Values = ()
    "Markers of missing values; an empty cell is always missing."
    decimal_comma: bool = False
    newest_first: bool = False
    "The file's rows are in falling order of time: of equal times the lower row is the earlier one."
    formats: Annotated[tuple[Format, ...], BeforeValidator(_listed)] = ("iso",)
    zone: Zone = "UTC"
    subject: Value
    "The entity; rows with the same one belong together."
    time: Time | None = None
    "When a row happened; an event may have another time of its own."
    blank_until: dict[str, Name] = {}
    "Column = time column: before that time, the value that stands there is not known yet."
    event: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _timed(self) -> Self:
        for number, rule in enumerate(self.event, 1):
            if self.time is None and rule.time is None:
                raise ValueError(
                    f"has no time for event {number} ({rule.type}), expected one of its own or of all"
                )
        if self.blank_until and self.time is None:
            raise ValueError("has blank_until without a time of the rows, expected `time`")
        return self

    @property
    def grouped(self) -> bool:
        """Whether a row's events depend on the entity's other rows."""
        return bool(self.blank_until) or any(rule.on_change or rule.take != "every" for rule in self.event)


def _one_of(given: set[str], *names: str) -> None:
    if len(given & set(names)) != 1:
        found = " and ".join(sorted(given & set(names))) or "none"
        raise ValueError(f"has {found}, expected exactly one of {', '.join(names)}")
