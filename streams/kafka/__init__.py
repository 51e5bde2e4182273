"""Kafka: the embedded broker, topics. Knows nothing about what the records say."""
