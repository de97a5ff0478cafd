"""Kafka beside Faust: topics, offsets, identities."""
