"""Settings: `metricland.toml`, then the environment, then options."""

from streams.settings.loading import load
from streams.settings.model import Settings, settings_with

__all__ = ["Settings", "load", "settings_with"]
