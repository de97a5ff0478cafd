"""A real Kafka broker for the demo, the tests and a developer's machine: no Docker, no installed Java."""

from agents.embedded.jars import EmbeddedUnavailable
from agents.embedded.kafka import EmbeddedKafka

__all__ = ["EmbeddedKafka", "EmbeddedUnavailable"]
