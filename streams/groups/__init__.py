"""What several accounts share, folded from the groups log (A2, E1)."""
