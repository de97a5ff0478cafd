"""What several accounts share, folded from the groups log (PROGRAMME A, E)."""
