"""A speaker records by telephone: what the flow asks for, answered from the house's own rooms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from gateway.calls.flow import (
    CallState,
    CheckPin,
    FindPhrase,
    Phrase,
    PhraseFound,
    PinChecked,
    Settle,
    Settled,
    Speaker,
    Studio,
)
from gateway.calls.saving import state_from_json
from gateway.calls.studio_call import StudioCall
from gateway.carriers.port import CallEvent
from gateway.dispatch.prepare import Speech
from gateway.records.conversations import Call
from gateway.records.status import TakeStatus, may_move
from gateway.records.wordings import Take
from gateway.staff.pins import check_pin
from gateway.voice.assets import ClipSource
from gateway.voice.keys import studio_keys
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import Prompt
from gateway.voice.sheet import numbered
from gateway.voice.voices import Voice
from gateway.web.desk import Desk

INSTRUCTIONS = ("th", "en")
"""The languages in which a speaker may be told what to do, best first: few can be recorded in all of them."""

StudioRequest = CheckPin | FindPhrase | Settle


def instructor(speech: Speech, theirs: str = "") -> Voice | None:
    """The voice that tells speakers what to do, in `theirs` where it can; None: nobody can record by telephone now."""
    languages = dict.fromkeys((theirs, *INSTRUCTIONS))
    voices = (speech.voices.able(language, studio_keys()) for language in languages if language)
    return next((voice for voice in voices if voice is not None), None)


def in_the_studio(desk: Desk, before: CallState, state: CallState) -> CallState:
    """The call goes on in the voice that tells speakers what to do: in the caller's language where it can.

    Once a PIN was right, in its owner's.
    """
    if state.flow != StudioCall.name or state.studio is None:
        return state
    speaker = state.studio.speaker
    has_entered = before.flow != state.flow
    voice = instructor(desk.speech, speaker.language if speaker else state.facts.language)
    if voice is None or not (has_entered or (speaker and voice.language == speaker.language)):
        return state
    return replace(state, facts=replace(state.facts, language=voice.language, voice=voice.name))


def answer_studio(
    desk: Desk, db: Session, call: Call | None, event: CallEvent, request: StudioRequest
) -> PinChecked | PhraseFound | Settled:
    """Answer one request of the flow; `call` is None before a PIN was right, when nothing was spoken yet."""
    if isinstance(request, CheckPin):
        return PinChecked(_checked(desk, db, request.pin, event.caller))
    if isinstance(request, FindPhrase):
        return PhraseFound(_next_phrase(desk, db, request.speaker, request.after))
    if call is not None:
        _settle(db, call, TakeStatus.KEPT if request.keep else TakeStatus.DISCARDED, desk.clock.now())
    return Settled()


def keep_spoken(desk: Desk, db: Session, call: Call, turn: int, studio: Studio | None, recording: str) -> bool:
    """Note what was just recorded, with the words as they are now; False where nobody was to speak."""
    if studio is None or studio.speaker is None or studio.phrase is None:
        return False
    prompt = _prompt(desk.speech, studio.speaker.language, studio.phrase.key)
    now = desk.clock.now()
    _settle(db, call, TakeStatus.DISCARDED, now)
    take = Take(
        call=call.id,
        turn_no=turn,
        staff=studio.speaker.staff,
        language=studio.speaker.language,
        key=studio.phrase.key,
        text=prompt.text if prompt else "",
        text_sha256=prompt.text_sha256 if prompt else "",
        recording=recording,
        status=TakeStatus.SPOKEN,
        next_try_at=now,
        at=now,
    )
    db.add(take)
    db.flush()
    return True


def throw_away(desk: Desk, db: Session, call: Call, turn: int, event: CallEvent) -> None:
    """What was recorded last, where the news of the call's end came first: the carrier has yet to forget it."""
    is_known = db.exec(select(Take.id).where(col(Take.call) == call.id, col(Take.turn_no) == turn)).first() is not None
    if event.recording is None or is_known:
        return
    if keep_spoken(desk, db, call, turn, state_from_json(call.state).studio, event.recording):
        _settle(db, call, TakeStatus.DISCARDED, desk.clock.now())


def spoken_last(db: Session, call: str) -> Take | None:
    """What was recorded in this call and neither kept nor thrown away yet."""
    mine = (col(Take.call) == call, col(Take.status) == TakeStatus.SPOKEN)
    return db.exec(select(Take).where(*mine).order_by(col(Take.turn_no).desc())).first()


def replay_url(desk: Desk, take: str) -> str:
    """Where the carrier gets what was just recorded, to play it to who spoke it."""
    return f"{desk.public_url}{desk.webhook_prefix}/voice/recording/{take}"


def _checked(desk: Desk, db: Session, pin: str, caller: str) -> Speaker | None:
    owner = check_pin(db, pin, number=caller, key=desk.pin_key, at=datetime.now(UTC))
    return Speaker(owner.staff, owner.language) if owner else None


def _next_phrase(desk: Desk, db: Session, speaker: Speaker, after: int) -> Phrase | None:
    """The next phrase behind `after` of which this speaker has no clip of the words as they are now."""
    script = desk.speech.scripts.get(speaker.language)
    if script is None:
        return None
    has = _recorded(desk.speech, db, speaker)
    for number, prompt in numbered(script).items():
        is_phrase = not is_optional(str(prompt.key))  # names are many, and not for everybody's ears
        if number > after and is_phrase and (str(prompt.key), prompt.text_sha256) not in has:
            return Phrase(number, str(prompt.key))
    return None


def _recorded(speech: Speech, db: Session, speaker: Speaker) -> set[tuple[str, str]]:
    """(key, hash of the words) of all that this speaker has spoken, also what is still at the carrier."""
    kept = speech.clips.kept(speaker.language)
    clips = {
        (key, one.text_sha256)
        for key, several in kept.items()
        for one in several
        if (one.clip.voice, one.clip.source) == (speaker.staff, ClipSource.RECORDING)
    }
    on_the_way = select(Take.key, Take.text_sha256).where(
        col(Take.staff) == speaker.staff,
        col(Take.language) == speaker.language,
        col(Take.status) == TakeStatus.KEPT,
    )
    return clips | {(key, words) for key, words in db.exec(on_the_way).all()}


def _prompt(speech: Speech, language: str, key: str) -> Prompt | None:
    script = speech.scripts.get(language)
    return script.prompts.get(key) if script else None


def _settle(db: Session, call: Call, status: TakeStatus, now: datetime) -> None:
    take = spoken_last(db, call.id)
    if take is not None and may_move(take.status, status):
        take.status, take.next_try_at = status, now
        db.add(take)
        db.flush()
