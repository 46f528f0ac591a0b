"""Runs under the project's interpreter, on the standard library, SQLAlchemy and Alembic only."""
