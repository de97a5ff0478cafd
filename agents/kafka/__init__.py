"""Kafka beside Faust: topics, offsets, identities, rights."""

# Every client made after this says why no broker lets it in.
from agents.kafka import bootstrap as bootstrap
