"""git: the repository, its snapshots, the operation under way, what is published, and all that is written."""
