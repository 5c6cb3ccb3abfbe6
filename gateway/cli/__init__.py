"""The `gateway` command: one module a noun, each short, all the work in the rooms below."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command that was typed; ends the process with 0 done, 1 refused, 2 misused."""
    from sqlalchemy.exc import OperationalError

    from gateway.cli.commands import app
    from gateway.cli.context import fail

    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except OperationalError as error:  # a full disk, a read-only file, a lock held too long: not a bug, and not silent
        fail(f"the database does not do what was asked: {error.orig}. Look at GATEWAY_DATABASE_URL and the disk.")
