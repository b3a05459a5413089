"""Encodings -> pairs -> people -> safe counts. On a service, the only code that imports Splink."""
