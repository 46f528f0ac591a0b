"""`python -m migguard`, and the console script."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit status."""
    try:
        from migguard.cli import run_cli

        return run_cli(sys.argv[1:])
    except KeyboardInterrupt:
        # ^C while the modules were still being loaded.
        from migguard.errors import EXIT_INTERRUPTED

        return EXIT_INTERRUPTED


if __name__ == "__main__":
    if not getattr(sys.flags, "safe_path", False):
        # `-m` puts the current folder first: a project's own `git` or `click` folder would be imported for the package.
        del sys.path[0]
    sys.exit(main())
