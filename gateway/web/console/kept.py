"""What somebody was sending when their session had ended, carried through sign-in by their own browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.web.console.gate import TOKENS, local_path

LARGEST: Final = 64 * 1024  # bytes
OTHERWISE: Final = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A form: where it was going, and its fields in the order of the page."""

    to: str
    fields: tuple[tuple[str, str], ...]


def pack(to: str, fields: Sequence[tuple[str, str]]) -> str:
    """Return it as one field of the sign-in form; empty where it is too long or goes elsewhere."""
    kept = [(name, value) for name, value in fields if may_keep(name)]
    text = json.dumps({"to": to, "fields": kept}, ensure_ascii=False)
    return text if _ours(to) and len(text.encode()) <= LARGEST else ""


def unpack(text: str) -> Kept | None:
    """Read what came back: nothing, where a hand was at it."""
    data = _read(text)
    if not isinstance(data, dict) or not isinstance(data.get("to"), str) or not _ours(data["to"]):
        return None
    fields = data.get("fields")
    if not isinstance(fields, list) or not all(_is_field(field) for field in fields):
        return None
    return Kept(data["to"], tuple((name, value) for name, value in fields if may_keep(name)))


def may_keep(name: str) -> bool:
    """Whether a field may be written into a page: no password, and no mark of the session that is over."""
    return name not in TOKENS and "password" not in name.lower()


def _read(text: str) -> object:
    try:
        data = json.loads(text) if len(text.encode()) <= LARGEST else None
        json.dumps(data, ensure_ascii=False).encode()  # half a letter (a lone surrogate) could not be shown again
    except (ValueError, RecursionError):
        return None
    return data


def _is_field(field: object) -> bool:
    return isinstance(field, list) and len(field) == 2 and all(isinstance(part, str) for part in field)


def _ours(path: str) -> bool:
    return path.startswith("/console/") and local_path(path, OTHERWISE) == path
