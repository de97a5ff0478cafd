"""ClickHouse: connecting, migrating, inserting what was landed, reading it back."""
