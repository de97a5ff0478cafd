"""What Kafka is to us: topics, positions, records, transactions."""
