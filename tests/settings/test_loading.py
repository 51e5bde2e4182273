"""Where settings come from, and what a user is told of wrong ones."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from streams.errors import ConfigurationError
from streams.settings import Settings, load, settings_with
from streams.settings.loading import read
from streams.settings.sections import Section, Whole
from streams.settings.toml import effective, example


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems(toml: str = "", environment: dict[str, str] | None = None) -> list[str]:
    Path("wrong.toml").write_text(toml)
    with pytest.raises(ConfigurationError) as caught:
        read(Settings, Path("wrong.toml"), {}, environment or {})
    return str(caught.value).splitlines()


def test_without_a_file_all_settings_have_their_defaults() -> None:
    settings = load()
    assert settings.bootstrap == "127.0.0.1:9092"
    assert settings.checkpoint.linger == 0.2
    assert settings.retention.month == settings.pane_retention().month == 1830 * 86400


def test_a_file_in_the_working_directory_is_found() -> None:
    Path("metricland.toml").write_text("processes = 3")
    assert load().processes == 3


def test_options_win_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine.toml").write_text("processes = 2\n[web]\nport = 2\nhost = '::1'\n[fetch]\nmax_wait = 2")
    monkeypatch.setenv("METRICLAND_WEB__PORT", "3")
    monkeypatch.setenv("METRICLAND_FETCH__MAX_WAIT", "3s")
    settings = load(Path("mine.toml"), {"web.port": 4, "web.host": None})
    assert (settings.processes, settings.fetch.max_wait, settings.web.port) == (2, 3, 4)
    assert settings.web.host == "::1"


def test_the_environment_writes_lists_as_json() -> None:
    environment = {"METRICLAND_DIMENSIONS__EXPORTED": '["", "team"]'}
    assert read(Settings, None, {}, environment).dimensions.exported == ("", "team")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("100ms", 0.1), ("90s", 90), ("1.5h", 5400), ("14d", 1209600), ("5y", 158112000), ("7", 7), (0.5, 0.5)],
)
def test_durations(written: str | float, seconds: float) -> None:
    settings = load(overrides={"events.in_future": written})
    assert settings.events.in_future == seconds
    assert (
        load(overrides={"events.in_future": settings.model_dump(mode="json")["events"]["in_future"]})
        == settings
    )


def test_brokers_are_written_in_one_way() -> None:
    assert load(overrides={"broker": "a:1, kafka://b:2"}).broker == "kafka://a:1,b:2"
    assert load(overrides={"broker": "kafka://a:1,b:2"}).bootstrap == "a:1,b:2"


@pytest.mark.parametrize(
    ("toml", "wrong", "allowed"),
    [
        ("[web]\nport = 70000", "web.port is 70000", "a whole number, from 1 to 65535"),
        ("[topics]\npartitions = true", "topics.partitions is true", "a whole number, at least 1"),
        ("[log]\nlevel = 'loud'", 'log.level is "loud"', 'one of "debug", "info", "warning", "error"'),
        ("[log]\njson = 'x'", 'log.json is "x"', "true or false"),
        ("broker = 'kafka://a'", 'broker is "kafka://a"', '"kafka://host:port[,host:port]"'),
        ("time_zone = 'Mars'", 'time_zone is "Mars"', 'a time zone such as "UTC" or "Europe/Berlin"'),
        (
            "[retention]\nhour = '9m'",
            'retention.hour is "9m"',
            'seconds or a duration such as "100ms", "90s", "6h", "14d" or "5y", at least 1h',
        ),
        (
            "[dimensions]\nexported = ['', 1]",
            'dimensions.exported is ["", 1]',
            'a list such as ["", "channel"]',
        ),
        ("[checkpoint]\nlinger = 2", "[checkpoint] is inconsistent", "linger (2s) less than interval (1s)"),
        ("[state]\nstore = 'rocksdb'", "[state] is inconsistent", 'a path where the store is "rocksdb"'),
        ("[state]\nstore = 'disk'", 'state.store is "disk"', 'one of "memory", "rocksdb"'),
        ("web = 1", "web is 1", "a section [web]"),
        ("[web]\nprot = 1", "web.prot is unknown", "port?"),
        ("[wbe]\nport = 1", "wbe is unknown", "web?"),
        ("[metrics.metrics]\nx = 1", "metrics.metrics is unknown", "one of enough, publish_minutes"),
    ],
)
def test_what_is_wrong_is_told_with_key_value_and_what_is_allowed(
    toml: str, wrong: str, allowed: str
) -> None:
    assert problems(toml) == [f"{wrong} (wrong.toml), expected {allowed}"]


def test_all_that_is_wrong_is_told_at_once_and_where_it_is_set() -> None:
    head, *lines = problems("[web]\nport = 0", {"METRICLAND_PROCESSES": "many", "METRICLAND_X": "1"})
    assert head == "3 settings are wrong:"
    assert (
        lines[0].strip() == 'processes is "many" (METRICLAND_PROCESSES), expected a whole number, at least 1'
    )
    assert lines[1].strip() == "web.port is 0 (wrong.toml), expected a whole number, from 1 to 65535"
    assert lines[2].strip().startswith("x is unknown (METRICLAND_X), expected one of application, ")


def test_a_file_that_is_missing_or_no_toml() -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.toml can't be read: No such file"):
        load(Path("gone.toml"))
    assert problems("port 1")[0].startswith("wrong.toml is not TOML: ")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().web.port = 1  # type: ignore[misc]


def test_definitions_change_with_what_figures_are_made_of_only() -> None:
    before = load().defining()
    assert load(overrides={"retention.day": "400d", "web.port": 1, "events.kept": 9}).defining() == before
    changes = {"time_zone": "Europe/Berlin", "retention.day": "401d", "dimensions.hidden": ["agent"]}
    for key, value in changes.items():
        assert load(overrides={key: value}).defining() != before


SECRET = {"dimensions.pseudonymised": ["agent"], "dimensions.pseudonym_key": "a key that nobody knows"}


def test_pseudonyms_are_part_of_the_definitions_and_their_key_is_not_shown() -> None:
    settings = load(overrides=SECRET)
    other = load(overrides={**SECRET, "dimensions.pseudonym_key": "a key that somebody knows"})
    assert settings.pseudonyms() is not None
    assert load().pseudonyms() is None
    versions = [str(each.defining()) for each in (load(), settings, other)]
    assert len(set(versions)) == 3
    assert "nobody" not in versions[1] + effective(settings) + repr(settings)


@pytest.mark.parametrize("key", [None, "too short"])
def test_pseudonyms_need_a_key(key: str | None) -> None:
    with pytest.raises(ConfigurationError, match="pseudonym_key of at least 16 characters") as caught:
        load(overrides={**SECRET, "dimensions.pseudonym_key": key})
    assert "too short" not in str(caught.value)


class Door(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: SecretStr | None = None
    number: int = 1


def test_secrets_come_from_files_too_and_never_show() -> None:
    Path("key").write_text("hunter2\n")
    door = read(Door, None, {}, {"METRICLAND_KEY_FILE": "key"})
    assert door.key is not None and door.key.get_secret_value() == "hunter2"
    assert "hunter2" not in effective(door)
    with pytest.raises(ConfigurationError) as caught:
        read(Door, None, {"key": 12345}, {})
    assert str(caught.value) == "key is set (option), expected text"
    with pytest.raises(
        ConfigurationError, match=r'^key_file is "gone" \(METRICLAND_KEY_FILE\), expected a readable'
    ):
        read(Door, None, {}, {"METRICLAND_KEY_FILE": "gone"})
    with pytest.raises(ConfigurationError) as caught:
        read(Door, None, {}, {"METRICLAND_KYE": "hunter2"})
    assert "hunter2" not in str(caught.value)


class Ripening(Section):
    """How cheese is counted (rebuild)."""

    days: Whole = 90
    "A younger one is no cheese."


class Cheeses(Section):
    ripening: Ripening = Field(default_factory=Ripening)


def test_a_product_declares_what_its_figures_are_made_of() -> None:
    model = settings_with(Cheeses)
    Path("metricland.toml").write_text("[definitions.ripening]\ndays = 30")
    settings = load(model=model)
    assert settings.definitions == Cheeses(ripening=Ripening(days=30))
    assert settings.defining() != model().defining()
    assert "[definitions.ripening]\n# A younger one is no cheese.\ndays = 90\n" in example(model)
    assert load(overrides={"web.port": 1}, model=model).defining() == settings.defining()


def test_wrong_definitions_are_told_like_all_settings() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(
            overrides={"definitions.ripening.days": 0, "definitions.ripening.day": 1},
            model=settings_with(Cheeses),
        )
    assert str(caught.value).splitlines()[1:] == [
        "  definitions.ripening.days is 0 (option), expected a whole number, at least 1",
        "  definitions.ripening.day is unknown (option), expected days?",
    ]
