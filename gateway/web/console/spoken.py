"""What callers left as spoken messages: heard here and nowhere else, by whom may see its task, and written down."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from gateway.dispatch.messages import message_path
from gateway.records.conversations import VoiceMessage
from gateway.records.status import TakeStatus
from gateway.reports.worklists import find_spoken
from gateway.staff.audit import is_kept, write_audit
from gateway.staff.looking_back import LISTENED
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor
from gateway.web.console.trouble import Missing

_FROM_THE_START: Final = re.compile(r"bytes\s*=\s*0*-.*", re.IGNORECASE | re.DOTALL)
_ONE_PART: Final = re.compile(r"bytes\s*=\s*\d*-\d*\s*", re.IGNORECASE)
_ONE_LISTENING: Final = timedelta(minutes=10)
_ONE_PRESS: Final = timedelta(seconds=2)
"""Business time: a browser asks for the first two bytes and then for all of it, and that is one listening."""


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The sound of one message; browsers ask for it in parts."""

    @routes.get("/messages/{message}.wav")
    def sound(request: Request, message: str, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        with desk.database.reading() as db:
            found = find_spoken(db, message, bound=visitor.site)
        path = _path(desk, message) if found is not None and found.status is TakeStatus.STORED else None
        if found is None or path is None or not path.is_file():
            raise Missing("worklists.no_message", back="/console/worklists?kind=message")
        wanted = request.headers.get("range", "")
        _note(desk, visitor, found, is_start=not wanted or _FROM_THE_START.fullmatch(wanted) is not None)
        if wanted and not _ONE_PART.fullmatch(wanted):
            _forget_range(request)
        # As an attachment of nothing: its name is an id, and nobody keeps it.
        return FileResponse(path, media_type="audio/wav", headers={"Cache-Control": "no-store"})


def _path(desk: ConsoleDesk, message: str) -> Path | None:
    """Where the sound lies; an id is thirty-two characters, and no way to another folder."""
    return message_path(desk.audio_dir, message) if re.fullmatch("[0-9a-f]{32}", message) else None


def _note(desk: ConsoleDesk, visitor: Visitor, message: VoiceMessage, *, is_start: bool) -> None:
    """Keep that it was listened to: once a listening, and also where only its middle is asked for."""
    now = desk.clock.now()
    since = now - (_ONE_PRESS if is_start else _ONE_LISTENING)
    with desk.database.unit_of_work() as db:
        if not is_kept(db, staff=visitor.id, verb=LISTENED, kind="message", subject=message.id, since=since):
            write_audit(
                db, staff=visitor.id, verb=LISTENED, kind="message", subject=message.id, person=message.person, now=now
            )


def _forget_range(request: Request) -> None:
    request.scope["headers"] = [pair for pair in request.scope["headers"] if pair[0] != b"range"]
