"""The road: Kafka, state, windows, publishing. It knows nothing of what travels on it."""

from streams import compiled

compiled.install()
