"""What a transfer says of the customer: flags, habits, patterns."""
