"""HTTP, sign-in, storage, jobs and pages: the only package that imports FastAPI and SQLAlchemy."""
