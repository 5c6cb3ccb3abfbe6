"""The routes carriers call. Every one verifies its signature first; a false one leaves a counter and nothing else."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from gateway.carriers.port import CallbackRequest, CallEvent, CarrierError, Receipt, Rendered
from gateway.dispatch import receipts
from gateway.dispatch.receipts_fast import Heard, apply_plain
from gateway.records.contacts import Attempt
from gateway.records.group_commit import GroupCommit, Kind
from gateway.records.status import FINAL_ATTEMPTS, AttemptStatus, TakeStatus
from gateway.records.wordings import Take
from gateway.web import callers, conversation, speaking, texting
from gateway.web.desk import Desk
from gateway.web.doors import Door, Work, body_of, callback_of
from gateway.web.forged import count, count_forged
from gateway.web.incoming import is_number
from gateway.web.prepared import Prepared
from gateway.web.quick_answer import Asked, answer_plain
from gateway.web.quick_turn import turn_plain

log = logging.getLogger(__name__)

INBOUND: Final = "inbound"
UNKNOWN_CALLER: Final = "inbound_unknown"
REPLAY_WAITS: Final = (0.0, 1.0, 2.0)  # real seconds before each try; the carrier gives up after 15
Say = Callable[[Session, CallEvent], str]
Read = Callable[[CallbackRequest], Receipt | None]


def router(desk: Desk, writes: GroupCommit | None = None) -> APIRouter:
    """The routes for one carrier, below `desk.webhook_prefix`; `writes` is shared with who else commits in groups."""
    doors = _Doors(desk, writes or GroupCommit(desk.database))
    routes = APIRouter(include_in_schema=False)
    for path, work in doors.all().items():
        door = Door(desk, doors.writes, work)
        routes.routes.append(Route(f"{desk.webhook_prefix}{path}", door, methods=["POST"], include_in_schema=False))

    @routes.api_route(f"{desk.webhook_prefix}/voice/recording/{{take}}", methods=["GET", "HEAD"])
    async def voice_recording(request: Request, take: str) -> Response:
        callback = callback_of(request.scope, await body_of(request.receive), desk.public_url)
        return await run_in_threadpool(_replay, desk, callback, take)

    return routes


class _Doors:
    """What each route does with a request the carrier signed."""

    def __init__(self, desk: Desk, writes: GroupCommit) -> None:
        self.desk, self.writes = desk, writes
        self._receipts: Kind[Heard, None] = Kind(self._apply_plain, self._apply)
        self._prepared = Prepared(desk)
        self._answers: Kind[Asked, str] = Kind(self._answer_plain, self._answer)
        self._turns: Kind[Asked, str] = Kind(self._turn_plain, self._turn)
        self._empty = desk.renderer.empty()

    def all(self) -> dict[str, Work]:
        """The routes, by their paths."""
        desk = self.desk
        return {
            "/sms/status/{attempt}": self._sms_status,
            "/voice/status/{attempt}": self._voice_status,
            "/voice/answer/{attempt}": self._call(self._answers),
            "/voice/turn/{attempt}": self._call(self._turns),
            "/voice/dial/{attempt}": self._call(self._turns),
            "/voice/inbound": self._talk(lambda db, event: callers.answer_inbound(desk, db, event)),
            "/voice/fallback/{attempt}": self._fallback,
            "/sms/inbound": self._sms_inbound,
        }

    # Receipts: those of a batch together

    async def _sms_status(self, callback: CallbackRequest, path: Mapping[str, str]) -> Rendered:
        return await self._heard(self.desk.reader.sms_receipt(callback), path["attempt"])

    async def _voice_status(self, callback: CallbackRequest, path: Mapping[str, str]) -> Rendered:
        receipt = self.desk.reader.call_receipt(callback)
        if path["attempt"] != INBOUND or receipt is None:
            return await self._heard(receipt, path["attempt"])
        await self.writes.do(lambda db: _inbound_receipt(self.desk, db, receipt, callback))
        return self._empty

    async def _heard(self, receipt: Receipt | None, attempt: str) -> Rendered:
        if receipt is not None:
            await self.writes.do_together(self._receipts, Heard(attempt, receipt, self.desk.clock.now()))
        return self._empty

    def _apply_plain(self, db: Session, heard: Sequence[Heard]) -> Mapping[int, None]:
        return apply_plain(db, self.desk.reader.name, heard)

    def _apply(self, db: Session, heard: Heard) -> None:
        receipts.apply_receipt(db, self.desk.rules, heard.attempt, heard.receipt, now=heard.now)

    # Texts and calls

    async def _sms_inbound(self, callback: CallbackRequest, _: Mapping[str, str]) -> Rendered:
        text = self.desk.reader.inbound_sms(callback)
        if text is not None:
            await self.writes.do(lambda db: texting.take_text(self.desk, db, text))
        return self._empty

    def _talk(self, say: Say) -> Work:
        """A call's own requests: what cannot be understood or said ends the call, and is logged for staff."""

        async def work(callback: CallbackRequest, _: Mapping[str, str]) -> Rendered:
            event = self.desk.reader.call_event(callback)
            if event is None:
                return self._ended()

            def work_in(db: Session) -> str:
                with self.desk.steady():
                    return say(db, event)

            try:
                body = await self.writes.do(work_in)
            except speaking.NothingToPlay as missing:
                log.error("a call was ended because a prompt is missing: %s", missing)
                return self._ended()
            return Rendered(self._empty.content_type, body)

        return work

    def _call(self, kind: Kind[Asked, str]) -> Work:
        """As `_talk`, for requests of which the plain ones of a batch are answered together."""

        async def work(callback: CallbackRequest, path: Mapping[str, str]) -> Rendered:
            event = self.desk.reader.call_event(callback)
            if event is None:
                return self._ended()
            number = _turn_number(callback.url.partition("?")[2])
            try:
                body = await self.writes.do_together(kind, Asked(path["attempt"], event, number))
            except speaking.NothingToPlay as missing:
                log.error("a call was ended because a prompt is missing: %s", missing)
                return self._ended()
            return Rendered(self._empty.content_type, body)

        return work

    def _answer_plain(self, db: Session, asked: Sequence[Asked]) -> Mapping[int, str]:
        with self.desk.steady():
            return answer_plain(self.desk, self._prepared, db, asked)

    def _answer(self, db: Session, asked: Asked) -> str:
        with self.desk.steady():
            return conversation.answer(self.desk, db, asked.attempt, asked.event)

    def _turn_plain(self, db: Session, asked: Sequence[Asked]) -> Mapping[int, str]:
        with self.desk.steady():
            return turn_plain(self.desk, self._prepared, db, asked)

    def _turn(self, db: Session, asked: Asked) -> str:
        with self.desk.steady():
            return conversation.turn(self.desk, db, asked.attempt, asked.number, asked.event)

    async def _fallback(self, _: CallbackRequest, path: Mapping[str, str]) -> Rendered:
        """Our own answer could not be had: end the call without a word, and read no error to somebody's mother."""
        log.error("the carrier asked for the fallback of attempt %s: an answer of ours failed", path["attempt"][:32])
        return self._ended()

    def _ended(self) -> Rendered:
        return Rendered(self._empty.content_type, speaking.hang_up(self.desk))


def _turn_number(query: str) -> int:
    """The `turn` of a query that was signed, 0 where it is none of ours."""
    number = next((value for name, _, value in map(_parted, query.split("&")) if name == "turn"), "")
    return int(number) if number.isdecimal() and len(number) < 4 else 0


def _parted(pair: str) -> tuple[str, str, str]:
    return pair.partition("=")


def _inbound_receipt(desk: Desk, db: Session, receipt: Receipt, callback: CallbackRequest) -> None:
    """A call to us has one status address for all: its attempt is found by the carrier's id.

    One without an attempt came from a withheld number, or from one that calls too often: nothing for staff to do.
    """
    now = desk.clock.now()
    mine = (col(Attempt.carrier) == desk.reader.name, col(Attempt.carrier_id) == receipt.carrier_id)
    known = db.exec(select(Attempt.id).where(*mine)).first()
    if known is not None:
        receipts.apply_receipt(db, desk.rules, known, receipt, now=now)
    elif AttemptStatus(receipt.status.value) in FINAL_ATTEMPTS:
        count(db, UNKNOWN_CALLER)
        event = desk.reader.call_event(callback)
        if event is not None and is_number(event.caller):
            # Put down at once: the answer that makes its attempt may still be on its way into the records.
            receipts.keep_early(db, desk.reader.name, receipt, now=now)


def _replay(desk: Desk, callback: CallbackRequest, take_id: str) -> Response:
    """What a speaker has just recorded, for the carrier to play to them: as long as it is neither kept nor thrown away.

    It comes from the carrier itself, by our account: its own address may ask for a password that no caller's handset
    may see. No transaction is open meanwhile.
    """
    if not desk.reader.verify(callback):
        desk.database.run(count_forged)
        return Response("the signature does not fit: check the auth token and GATEWAY_PUBLIC_URL\n", 403)
    with desk.database.reading() as db:
        take = db.get(Take, take_id)
        recording = take.recording if take is not None and take.status is TakeStatus.SPOKEN else ""
    if not recording:
        return Response("there is no such recording\n", 404)
    sound = _fetched(desk, recording)
    if sound is None:
        return Response("the carrier does not give it\n", 502)
    return Response(sound, media_type="audio/wav", headers={"Cache-Control": "no-store"})


def _fetched(desk: Desk, recording: str) -> bytes | None:
    """A recording that ended a moment ago may not be ready yet, and its speaker waits at the telephone."""
    for wait in REPLAY_WAITS:
        time.sleep(wait)
        try:
            return desk.recordings.fetch(recording)
        except CarrierError as error:
            log.info("a recording could not be played back: %s", error)
    return None
