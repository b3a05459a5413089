"""One file a change of the database, in order."""
