"""The linkage service: HTTP, sign-in, storage, jobs, pages. The only code that imports FastAPI and SQLAlchemy."""
