"""The `gateway` command: one module a noun, each short, all the work in the rooms below."""

from __future__ import annotations

import io
import signal
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command that was typed; ends the process with 0 done, 1 refused, 2 misused, 130 cut off."""
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager's Ctrl-C
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal without Thai shows "?", and the command goes on
        _run()
    except KeyboardInterrupt:
        sys.exit(130)


def _run() -> None:
    from sqlalchemy.exc import DBAPIError

    from gateway.cli.commands import app
    from gateway.cli.context import fail
    from gateway.records.away import is_away
    from gateway.voice.prompts import ScriptError
    from gateway.wording.catalogue import CatalogueError

    try:
        app()
    except (CatalogueError, ScriptError) as error:  # words that may not be used: nothing starts with them
        fail(str(error))
    except DBAPIError as error:  # a full disk, a server that only reads, a lock held too long: no bug, and not silent
        if not is_away(error):
            raise
        why = " ".join(str(error.orig).split())  # a server says it in several lines
        fail(f"the database does not do what was asked: {why}. Look at GATEWAY_DATABASE_URL and the disk.")
