"""PostgreSQL in memory."""
