"""One file a format: each reads an agency's export into a table of text."""
