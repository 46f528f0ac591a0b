"""MySQL and MariaDB in memory."""
