"""Settings written as TOML are settings again."""

from pathlib import Path

from agents.__main__ import PRODUCT
from streams.settings import load
from streams.settings.toml import effective, example

EXAMPLE = Path(__file__).parents[2] / "metricland.example.toml"


def test_the_example_file_is_current() -> None:
    assert EXAMPLE.read_text() == example(PRODUCT.settings), (
        "metricland config --example > metricland.example.toml"
    )


def test_the_example_says_the_defaults() -> None:
    assert load(EXAMPLE, model=PRODUCT.settings) == PRODUCT.settings()


def test_what_is_in_effect_can_be_loaded_again(tmp_path: Path) -> None:
    settings = load(overrides={"dimensions.exported": ["", "topic"], "application": "x-1", "web.port": 1})
    file = tmp_path / "written.toml"
    file.write_text(effective(settings))
    assert load(file) == settings
