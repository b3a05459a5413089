"""What the service remembers: SQLite through SQLAlchemy Core, one class a table."""
