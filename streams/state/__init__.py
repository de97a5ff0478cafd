"""What is known of an account, and how it is kept as bytes."""
