"""One partition of the journal: its records, accounts and books."""
