"""Local days and workdays."""
