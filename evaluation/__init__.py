"""How good a linkage is, on labelled test data. The only code beside the client that sees names: no service has it."""
