"""The routes carriers call. Every one verifies its signature first; a false one leaves a counter and nothing else."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool

from gateway.carriers.port import CallbackRequest, CallEvent, CarrierError, Receipt, Rendered
from gateway.dispatch import receipts
from gateway.records.contacts import Attempt
from gateway.records.house import Counter
from gateway.records.status import FINAL_ATTEMPTS, AttemptStatus, TakeStatus
from gateway.records.wordings import Take
from gateway.web import callers, conversation, speaking, texting
from gateway.web.desk import Desk
from gateway.web.incoming import is_number

log = logging.getLogger(__name__)

INBOUND = "inbound"
LONGEST = 64 * 1024  # bytes; the longest text of 1600 letters takes a quarter of it
BAD_SIGNATURE = "webhook_bad_signature"
UNKNOWN_CALLER = "inbound_unknown"
REPLAY_WAITS = (0.0, 1.0, 2.0)  # real seconds before each try; the carrier gives up after 15
Work = Callable[[Session, CallbackRequest], Rendered]


def router(desk: Desk) -> APIRouter:
    """The routes for one carrier, below `desk.webhook_prefix`."""
    routes = APIRouter(prefix=desk.webhook_prefix, include_in_schema=False)

    @routes.post("/sms/inbound")
    async def sms_inbound(request: Request) -> Response:
        return await _handle(desk, request, lambda db, callback: _sms_inbound(desk, db, callback))

    @routes.post("/sms/status/{attempt}")
    async def sms_status(request: Request, attempt: str) -> Response:
        return await _handle(
            desk, request, lambda db, callback: _receipt(desk, db, attempt, desk.reader.sms_receipt(callback))
        )

    @routes.post("/voice/status/{attempt}")
    async def voice_status(request: Request, attempt: str) -> Response:
        return await _handle(desk, request, lambda db, callback: _call_receipt(desk, db, attempt, callback))

    @routes.post("/voice/answer/{attempt}")
    async def voice_answer(request: Request, attempt: str) -> Response:
        return await _talk(desk, request, lambda db, event: conversation.answer(desk, db, attempt, event))

    @routes.post("/voice/turn/{attempt}")
    @routes.post("/voice/dial/{attempt}")
    async def voice_turn(request: Request, attempt: str, turn: str = "") -> Response:
        # A word, not a number: the framework's own refusal of "?turn=x" would come before the signature was looked at.
        number = int(turn) if turn.isdecimal() and len(turn) < 4 else 0
        return await _talk(desk, request, lambda db, event: conversation.turn(desk, db, attempt, number, event))

    @routes.post("/voice/inbound")
    async def voice_inbound(request: Request) -> Response:
        return await _talk(desk, request, lambda db, event: callers.answer_inbound(desk, db, event))

    @routes.api_route("/voice/recording/{take}", methods=["GET", "HEAD"])
    async def voice_recording(request: Request, take: str) -> Response:
        return await run_in_threadpool(_replay, desk, await read_callback(request, desk.public_url), take)

    @routes.post("/voice/fallback/{attempt}")
    async def voice_fallback(request: Request, attempt: str) -> Response:
        return await _handle(desk, request, lambda db, callback: _fallback(desk, attempt))

    return routes


async def _handle(desk: Desk, request: Request, work: Work) -> Response:
    try:
        callback = await read_callback(request, desk.public_url)
    except TooLarge:
        return Response("no carrier sends that much\n", 413)
    return await run_in_threadpool(_verified, desk, callback, work)


async def _talk(desk: Desk, request: Request, say: Callable[[Session, CallEvent], str]) -> Response:
    """A call's own requests: what cannot be understood or said ends the call, and is logged for staff."""

    def work(db: Session, callback: CallbackRequest) -> Rendered:
        event = desk.reader.call_event(callback)
        body = say(db, event) if event is not None else speaking.hang_up(desk)
        return Rendered(desk.renderer.empty().content_type, body)

    return await _handle(desk, request, work)


def _verified(desk: Desk, callback: CallbackRequest, work: Work) -> Response:
    if not desk.reader.verify(callback):
        return _forged(desk)
    try:
        with desk.database.unit_of_work() as db:
            answer = work(db, callback)
    except speaking.NothingToPlay as missing:
        log.error("a call was ended because a prompt is missing: %s", missing)
        answer = Rendered(desk.renderer.empty().content_type, speaking.hang_up(desk))
    return Response(answer.body, media_type=answer.content_type)


class TooLarge(Exception):
    """A body longer than any carrier's."""


async def _body(request: Request) -> bytes:
    """The body, up to LONGEST: it is read before anybody can tell who sent it."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            raise TooLarge
    return body


async def read_callback(request: Request, public_url: str) -> CallbackRequest:
    """The request as its sender wrote it.

    The URL is put together from PUBLIC_URL and the raw path and query: behind a proxy the host and scheme we see are
    not those that were signed. Blank values and their order are kept: the signature covers them.
    """
    body = await _body(request)
    path = request.scope.get("raw_path", request.url.path.encode()).decode("latin-1").split("?")[0]
    query = request.scope.get("query_string", b"").decode("latin-1")
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True) if is_form else []
    url = f"{public_url}{path}{'?' + query if query else ''}"
    return CallbackRequest(request.method, url, dict(request.headers), form, body)


def _replay(desk: Desk, callback: CallbackRequest, take_id: str) -> Response:
    """What a speaker has just recorded, for the carrier to play to them: as long as it is neither kept nor thrown away.

    It comes from the carrier itself, by our account: its own address may ask for a password that no caller's handset
    may see. No transaction is open meanwhile.
    """
    if not desk.reader.verify(callback):
        return _forged(desk)
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


def _forged(desk: Desk) -> Response:
    with desk.database.unit_of_work() as db:
        _count(db, BAD_SIGNATURE)
    return Response("the signature does not fit: check the auth token and GATEWAY_PUBLIC_URL\n", 403)


def _sms_inbound(desk: Desk, db: Session, callback: CallbackRequest) -> Rendered:
    text = desk.reader.inbound_sms(callback)
    if text is not None:
        texting.take_text(desk, db, text)
    return desk.renderer.empty()


def _receipt(desk: Desk, db: Session, attempt: str, receipt: Receipt | None) -> Rendered:
    if receipt is not None:
        receipts.apply_receipt(db, desk.rules, attempt, receipt, now=desk.clock.now())
    return desk.renderer.empty()


def _call_receipt(desk: Desk, db: Session, attempt: str, callback: CallbackRequest) -> Rendered:
    """A call to us has one status address for all: its attempt is found by the carrier's id.

    One without an attempt came from a withheld number, or from one that calls too often: nothing for staff to do.
    """
    receipt = desk.reader.call_receipt(callback)
    if attempt != INBOUND or receipt is None:
        return _receipt(desk, db, attempt, receipt)
    mine = (col(Attempt.carrier) == desk.reader.name, col(Attempt.carrier_id) == receipt.carrier_id)
    known = db.exec(select(Attempt.id).where(*mine)).first()
    if known is not None:
        return _receipt(desk, db, known, receipt)
    if AttemptStatus(receipt.status.value) in FINAL_ATTEMPTS:
        _count(db, UNKNOWN_CALLER)
        event = desk.reader.call_event(callback)
        if event is not None and is_number(event.caller):
            # Put down at once: the answer that makes its attempt may still be on its way into the records.
            receipts.keep_early(db, desk.reader.name, receipt, now=desk.clock.now())
    return desk.renderer.empty()


def _fallback(desk: Desk, attempt: str) -> Rendered:
    """Our own answer could not be had: end the call without a word rather than read an error to somebody's mother."""
    log.error("the carrier asked for the fallback of attempt %s: an answer of ours failed", attempt[:32])
    return Rendered(desk.renderer.empty().content_type, speaking.hang_up(desk))


def _count(db: Session, name: str) -> None:
    counter = db.get(Counter, name) or Counter(name=name)
    counter.n += 1
    db.add(counter)
