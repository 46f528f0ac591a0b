"""A schema in memory: DDL text in, what the Inspector reads out, without a server, a driver or a network."""
