"""Settings: `metricland.toml`, then the environment, then options."""

from streams.settings.loading import load
from streams.settings.model import Settings

__all__ = ["Settings", "load"]
