"""What runs on the agency's computer. The only code that sees names and the secret."""
