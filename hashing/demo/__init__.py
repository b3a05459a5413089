"""``headcount demo``: the whole story on a town of nine agencies, told with the same commands that people use."""
