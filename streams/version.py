"""The version of the product."""

from importlib import metadata


def version() -> str:
    try:
        return metadata.version("metricland")
    except metadata.PackageNotFoundError:
        return "unknown: run from a directory, not installed"
