"""Encodings -> pairs -> people -> safe counts. The only code that imports Splink."""
