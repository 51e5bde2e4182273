"""What a mapping may not say, and what is said of it."""

from pathlib import Path

import pytest

from agents.catalogue import CATALOGUE
from streams.errors import ConfigurationError
from streams.mapping import Converter, load, loads
from streams.mapping.load import find
from tests.mapping.conftest import Convert

HEAD = 'source = "/x"\nsubject = "id"\ntime = "at"\n'
EVENT = '[[event]]\ntype = "ticket.resolved"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("source = ", "not TOML"),
        (HEAD, "event is missing"),
        ('source = "/x"\n' + EVENT, "subject is missing"),
        (HEAD + "tyme = 1\n" + EVENT, "has unknown key 'tyme', expected one of source, format, encoding"),
        (
            HEAD + EVENT + 'whem = "x"',
            "event[1] has unknown key 'whem', expected one of type, when, on_change",
        ),
        (HEAD + EVENT + EVENT + 'take = "second"', "event[2].take is 'second', expected 'every', 'first' or"),
        (
            HEAD + EVENT + 'data.agent_id = { colunm = "x" }',
            "event[1].data.agent_id has unknown key 'colunm'",
        ),
        (
            HEAD + EVENT + "data.agent_id = {}",
            "event[1].data.agent_id has none, expected exactly one of column",
        ),
        (
            HEAD + EVENT + 'data.agent_id = { column = "x", default = "y", if_missing = "clear" }',
            "event[1].data.agent_id has a default beside if_missing or if_unknown",
        ),
        (
            HEAD + EVENT + 'data.agent_id = { column = "x", as = "int" }',
            "data.agent_id.as is 'int', expected",
        ),
        (HEAD + 'zone = "Europe/Roma"\n' + EVENT, "zone is 'Europe/Roma', expected an IANA time zone"),
        (
            HEAD + 'formats = ["%d/%m/%Y", "%Q"]\n' + EVENT,
            "formats[2] is '%Q', expected iso, epoch, epoch_ms",
        ),
        (HEAD + 'formats = "%d/%m"\n' + EVENT, "formats[1] is '%d/%m', expected iso"),
        (HEAD + 'encoding = "latin"\n' + EVENT, ""),
        (
            HEAD + 'encoding = "klingon"\n' + EVENT,
            "encoding is 'klingon', expected an encoding such as utf-8",
        ),
        (HEAD + 'delimiter = ";;"\n' + EVENT, "delimiter is ';;'"),
        (
            HEAD + EVENT + 'when.state = { matches = "(" }',
            "state.matches is '(', expected a regular expression",
        ),
        ('source = "/x"\nsubject = "id"\n' + EVENT, "has no time for event 1 (ticket.resolved)"),
    ],
)
def test_what_is_wrong_is_named(text: str, told: str) -> None:
    if not told:
        loads(text)
        return
    with pytest.raises(ConfigurationError) as error:
        loads(text, "ours.toml")
    assert str(error.value).startswith("ours.toml: ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_type_that_the_catalogue_lacks() -> None:
    with pytest.raises(
        ConfigurationError, match=r"event\[1\]\.type is 'ticket\.solved', expected one of ticket"
    ):
        Converter(loads(HEAD + EVENT.replace("resolved", "solved")), CATALOGUE)


def test_what_only_the_processor_writes_is_no_type_of_a_mapping() -> None:
    with pytest.raises(ConfigurationError, match=r"ticket\.rated"):
        Converter(loads(HEAD + EVENT.replace("resolved", "rated")), CATALOGUE)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('data.agent_id = "ann"', "event[1].data.agent_id"),
        ('data.agent_id = { text = "{id} {ann}" }', "event[1].data.agent_id"),
        ('when.ann = "x"', "event[1].when"),
        ('on_change = "ann"', "event[1].on_change"),
        ('time = { column = "at", plus = "ann" }', "event[1].time.plus"),
        ('time = { column = "at", not_before = "ann" }', "event[1].time.not_before"),
        ('[blank_until]\nat = "ann"', "blank_until.at"),
    ],
)
def test_a_column_that_the_file_lacks(convert: Convert, line: str, place: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        convert(HEAD + EVENT + line, "id,at\n1,2026-01-01\n")
    assert str(error.value).startswith(f"{place} names column 'ann', which the file lacks")
    assert str(error.value).endswith("it has id, at")


def test_a_column_that_is_there_twice(convert: Convert) -> None:
    with pytest.raises(ConfigurationError, match="'id', which the file has more than once"):
        convert(HEAD + EVENT, "id,at,id\n1,2026-01-01,2\n")


def test_kept_mappings_have_names(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(HEAD + EVENT)
    assert find("ours", tmp_path) == tmp_path / "ours.toml"
    assert find("elsewhere/theirs.toml", tmp_path) == Path("elsewhere/theirs.toml")
    with pytest.raises(ConfigurationError, match="'theirs', expected one of the path of a TOML file, ours"):
        find("theirs", tmp_path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can't be read"):
        load(tmp_path / "none.toml")
