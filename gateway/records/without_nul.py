"""How a text travels to PostgreSQL; loaded where one is used."""

from __future__ import annotations

from typing import Any

from psycopg.types.string import StrDumperUnknown


class WithoutNul(StrDumperUnknown):
    """PostgreSQL refuses a text with a NUL in it, and whoever sends us one must not end a whole unit of work."""

    def dump(self, obj: str) -> Any:
        """The text as it travels."""
        return super().dump(obj.replace("\0", "") if "\0" in obj else obj)
