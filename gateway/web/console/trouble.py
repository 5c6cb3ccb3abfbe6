"""What may go wrong on the way to a page; each becomes a page of its own with a plain sentence and the next step."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request


class Trouble(Exception):
    """A page's refusal: `key` names its words, `values` fill them, `back` is where to go on."""

    status = 409

    def __init__(self, key: str, back: str = "/console", **values: Any) -> None:
        super().__init__(key)
        self.key, self.back, self.values = key, back, values


class Refused(Trouble):
    """It cannot be done as things stand; nothing was written."""


class Missing(Trouble):
    """There is no such thing, or it is not this visitor's to see."""

    status = 404

    def __init__(self, key: str = "common.trouble.missing", back: str = "/console", **values: Any) -> None:
        super().__init__(key, back, **values)


class Forbidden(Trouble):
    """It asks for a role that the visitor has not."""

    status = 403


class StaleForm(Refused):
    """A form of a session that is over, sent in another: shown again before it is sent, for its text took time."""

    def __init__(self, back: str, to: str, fields: tuple[tuple[str, str], ...], *, had_file: bool) -> None:
        super().__init__("common.trouble.stale_form", back)
        self.to, self.fields, self.had_file = to, fields, had_file


class SignedOut(Exception):
    """Nobody is signed in (any more): sign in and come back to `path`.

    `fields` are what was being sent, None where nothing was; `had_file` says that a file was sent, too.
    """

    def __init__(
        self, request: Request, path: str, fields: tuple[tuple[str, str], ...] | None = None, *, had_file: bool = False
    ) -> None:
        super().__init__("signed out")
        self.request, self.path, self.fields, self.had_file = request, path, fields, had_file
