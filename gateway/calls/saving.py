"""A call's state as JSON and back, for the row it waits in between two requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gateway.calls.flow import CallFacts, CallState, Offer, Phrase, Speaker, Studio, Subject, WayBack


class SavedStateError(ValueError):
    """A saved state cannot be read; the message names the field and holds nothing of its content."""


def state_to_json(state: CallState) -> dict[str, Any]:
    """Return the state as plain JSON values; instants as ISO 8601 with an offset."""
    return {
        "flow": state.flow,
        "version": state.version,
        "node": str(state.node),
        "misses": state.misses,
        "repeats": state.repeats,
        "looks": state.looks,
        "lost": state.lost,
        "has_later": state.has_later,
        "noted": [str(answer) for answer in state.noted],
        "offers": [
            {"session": offer.session, "starts_at": _written(offer.starts_at), "place": offer.place}
            for offer in state.offers
        ],
        "chosen": list(state.chosen),
        "settled": list(state.settled),
        "page": state.page,
        "part": state.part,
        "after": None if state.after is None else _written(state.after),
        "changes": state.changes,
        "languages": list(state.languages),
        "turns": state.turns,
        "back": state.back,
        "asides": state.asides,
        "message": state.message,
        "facts": _facts_to_json(state.facts),
        "studio": None if state.studio is None else asdict(state.studio),
    }


def state_from_json(saved: Mapping[str, Any]) -> CallState:
    """Return the state that was saved; raises SavedStateError when something is missing or of another kind."""
    try:
        return CallState(
            flow=str(saved["flow"]),
            node=str(saved["node"]),
            facts=_facts_from_json(saved["facts"]),
            misses=int(saved["misses"]),
            offers=tuple(_offer_from_json(offer) for offer in saved["offers"]),
            version=int(saved["version"]),
            noted=tuple(str(answer) for answer in saved["noted"]),
            repeats=int(saved.get("repeats", 0)),
            looks=int(saved.get("looks", 0)),
            lost=int(saved.get("lost", 0)),
            has_later=bool(saved.get("has_later", False)),
            studio=_studio_from_json(saved.get("studio")),
            chosen=tuple(int(place) for place in saved.get("chosen", ())),
            settled=tuple(int(place) for place in saved.get("settled", ())),
            page=int(saved.get("page", 0)),
            part=str(saved.get("part", "")),
            after=_read(saved["after"]) if saved.get("after") else None,
            changes=int(saved.get("changes", 0)),
            languages=tuple(str(code) for code in saved.get("languages", ())),
            turns=int(saved.get("turns", 0)),
            back=str(saved.get("back", "")),
            asides=int(saved.get("asides", 0)),
            message=str(saved.get("message", "")),
        )
    except KeyError as error:
        raise SavedStateError(f"the saved call has no {error.args[0]}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise SavedStateError(f"the saved call cannot be read: {type(error).__name__}") from None


def _facts_to_json(facts: CallFacts) -> dict[str, Any]:
    return {
        "language": facts.language,
        "now": _written(facts.now),
        "purpose": str(facts.purpose),
        "appointment": facts.appointment,
        "starts_at": None if facts.starts_at is None else _written(facts.starts_at),
        "dose_number": facts.dose_number,
        "site": facts.site,
        "neutral": facts.neutral,
        "is_open": facts.is_open,
        "voice": facts.voice,
        "place": facts.place,
        "name": facts.name,
        "may_record": facts.may_record,
        "person": facts.person,
        "also": list(facts.also),
        "may_move": facts.may_move,
        "ticket": facts.ticket,
        "is_slow": facts.is_slow,
        "subjects": [{**asdict(one), "starts_at": _written(one.starts_at)} for one in facts.subjects],
    }


def _facts_from_json(saved: Mapping[str, Any]) -> CallFacts:
    return CallFacts(
        language=str(saved["language"]),
        now=_read(saved["now"]),
        purpose=str(saved["purpose"]),
        appointment=None if saved["appointment"] is None else str(saved["appointment"]),
        starts_at=None if saved["starts_at"] is None else _read(saved["starts_at"]),
        dose_number=int(saved["dose_number"]),
        site=str(saved["site"]),
        neutral=bool(saved["neutral"]),
        is_open=bool(saved["is_open"]),
        voice=str(saved.get("voice", "")),
        place=str(saved.get("place", "")),
        name=str(saved.get("name", "")),
        may_record=bool(saved.get("may_record", False)),
        person=str(saved.get("person", "")),
        also=tuple(str(one) for one in saved.get("also", ())),
        may_move=bool(saved.get("may_move", True)),
        ticket=_number(saved.get("ticket")),
        is_slow=bool(saved.get("is_slow", False)),
        subjects=tuple(_subject_from_json(one) for one in saved.get("subjects", ())),
    )


def _subject_from_json(saved: Mapping[str, Any]) -> Subject:
    return Subject(
        person=str(saved["person"]),
        appointments=tuple(str(one) for one in saved["appointments"]),
        starts_at=_read(saved["starts_at"]),
        purpose=str(saved["purpose"]),
        dose_number=int(saved["dose_number"]),
        site=str(saved["site"]),
        neutral=bool(saved["neutral"]),
        may_move=bool(saved["may_move"]),
        is_open=bool(saved["is_open"]),
        name=str(saved["name"]),
        place=str(saved["place"]),
        ticket=_number(saved["ticket"]),
    )


def _offer_from_json(saved: Mapping[str, Any]) -> Offer:
    return Offer(str(saved["session"]), _read(saved["starts_at"]), str(saved.get("place", "")))


def _number(saved: Any) -> int | None:
    return None if saved is None else int(saved)


def _studio_from_json(saved: Mapping[str, Any] | None) -> Studio | None:
    if saved is None:
        return None
    speaker, phrase = saved["speaker"], saved["phrase"]
    return Studio(
        speaker=None if speaker is None else Speaker(str(speaker["staff"]), str(speaker["language"])),
        phrase=None if phrase is None else Phrase(int(phrase["number"]), str(phrase["key"])),
        phrases=int(saved["phrases"]),
        turns=int(saved["turns"]),
        wrong_pins=int(saved["wrong_pins"]),
        has_kept=bool(saved["has_kept"]),
        visits=int(saved.get("visits", 0)),
        back=_way_back_from_json(saved.get("back")),
    )


def _way_back_from_json(saved: Mapping[str, Any] | None) -> WayBack | None:
    if saved is None:
        return None
    return WayBack(
        flow=str(saved["flow"]),
        version=int(saved["version"]),
        node=str(saved["node"]),
        language=str(saved["language"]),
        voice=str(saved["voice"]),
        misses=int(saved["misses"]),
        prompts=tuple(str(key) for key in saved["prompts"]),
        seconds=int(saved["seconds"]),
    )


def _written(instant: datetime) -> str:
    if instant.tzinfo is None:
        raise ValueError("a naive date and time cannot be saved")
    return instant.isoformat()


def _read(written: str) -> datetime:
    instant = datetime.fromisoformat(written)
    if instant.tzinfo is None:
        raise ValueError("a saved instant has no offset")
    return instant
