"""Revision files as text: parsed and joined into a graph, without git, SQLAlchemy or an import."""
