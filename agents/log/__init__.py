"""What Kafka is to us: topics, positions, records, transactions. Importing it makes every client of aiokafka tell why
it could not connect (see ``bootstrap``)."""

from agents.log import bootstrap as bootstrap
