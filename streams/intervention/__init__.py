"""What the bank should do about it: tasks."""
