"""The `gateway` command: one module a noun, each short, all the work in the rooms below."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command that was typed; ends the process with 0 done, 1 refused, 2 misused."""
    from gateway.cli.commands import app

    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
