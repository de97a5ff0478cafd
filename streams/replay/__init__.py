"""The pipeline over a file."""
