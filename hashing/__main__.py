"""``python -m hashing`` is ``headcount``."""

from hashing.cli import main

main()
