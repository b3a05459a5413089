"""How the database grew; Alembic runs these at start."""
