"""What at least two of the programs use; it knows no program and little of mail."""
