"""Postings in order, folded into cycles: R1 to R8."""
