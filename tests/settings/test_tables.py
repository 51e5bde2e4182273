"""Settings that consist of tables: by name, one after the other, or in several versions."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BeforeValidator, Field

from streams.errors import ConfigurationError
from streams.settings import Settings, load, settings_with
from streams.settings.sections import Section, Some, Whole
from streams.settings.toml import effective, example
from streams.settings.values import Moment, Names


class Cheese(Section):
    """One kind of cheese."""

    since: Moment | None = None
    "When it was first made."
    days: Whole = 90
    "How long it ripens."
    turned: Some | None = None
    "How often it is turned."
    kept: dict[str, str] = {}
    "Where, by season."


def one_or_several(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class Cheeses(Section):
    kinds: dict[str, Annotated[tuple[Cheese, ...], BeforeValidator(one_or_several)]] = Field(
        default={}, examples=[{"blue": {"days": 60, "kept": {"winter": "cellar"}}}]
    )
    "All kinds, by name."
    orders: tuple[Cheese, ...] = ()
    "In their order."
    tags: Names | None = None
    "What they are called."


MODEL = settings_with(Cheeses)
WRITTEN = """
[definitions.kinds.blue]
days = 60
turned = "2d"
kept = { winter = "cellar", "late summer" = "cave" }
[[definitions.kinds."old and hard"]]
since = 2020-01-01T00:00:00Z
[[definitions.kinds."old and hard"]]
days = 400
[[definitions.orders]]
days = 1
"""


def read(toml: str, directory: Path) -> Settings:
    (directory / "cheese.toml").write_text(toml)
    return load(directory / "cheese.toml", model=MODEL)


def test_tables_are_written_as_they_are_read(tmp_path: Path) -> None:
    loaded = read(WRITTEN, tmp_path)
    assert isinstance(loaded.definitions, Cheeses)
    assert [cheese.days for cheese in loaded.definitions.kinds["old and hard"]] == [90, 400]
    assert [cheese.days for cheese in loaded.definitions.orders] == [1]
    assert loaded.definitions.kinds["blue"][0].kept == {"winter": "cellar", "late summer": "cave"}
    assert read(effective(loaded), tmp_path) == loaded
    assert read(effective(MODEL()), tmp_path) == MODEL()


def test_tables_are_explained_by_a_commented_example() -> None:
    assert example(MODEL).endswith("""
# All kinds, by name.
# [definitions.kinds.blue]
# days = 60
# kept = { winter = "cellar" }

# In their order.
""")


@pytest.mark.parametrize(
    ("toml", "wrong"),
    [
        ("[definitions.kinds.blue]\ndays = 0", "kinds.blue.days is 0"),
        ("[definitions.kinds.blue]\nday = 1", "kinds.blue.day is unknown"),
        ("[definitions.kinds]\nblue = 1", "kinds.blue is 1"),
        ("[[definitions.kinds.blue]]\n[[definitions.kinds.blue]]\ndays = 0", "kinds.blue.1.days is 0"),
        ("[[definitions.orders]]\n[[definitions.orders]]\ndays = 'x'", 'orders.1.days is "x"'),
        ("[definitions]\norders = 1", "orders is 1"),
        ("[definitions.kinds.blue]\nturned = '-1'", 'kinds.blue.turned is "-1"'),
        ("[definitions.kinds.blue]\nsince = 'now'", 'kinds.blue.since is "now"'),
    ],
)
def test_what_is_wrong_is_told_with_its_table(toml: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(toml, tmp_path)
    assert str(caught.value).startswith(f"definitions.{wrong} ({tmp_path}/cheese.toml), expected ")


def test_what_may_be_left_out_is_told_with_what_it_may_be(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r'or "5y", more than 0s$'):
        read("[definitions.kinds.blue]\nturned = 0", tmp_path)
    with pytest.raises(ConfigurationError, match=r'a list such as \["", "channel"\]$'):
        read("[definitions]\ntags = 1", tmp_path)
