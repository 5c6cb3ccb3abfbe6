"""The recording studio: a speaker reads phrase after phrase from a large card and keeps what sounds right.

It works with a microphone (studio.js) and without any script, by files. What was kept waits for a second person.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from gateway.dispatch.clips import NotThisPhrase, check_clip, clip_content
from gateway.records.staffing import Role
from gateway.records.wordings import Asset, Origin
from gateway.staff.approving import submit
from gateway.staff.audit import write_audit
from gateway.voice.assets import Clip, ClipSource
from gateway.voice.prompts import Prompt, Script
from gateway.voice.sheet import sheet_of
from gateway.voice.wav import AudioError
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.studio_parts import (
    Part,
    is_edited,
    part_of,
    parts_of,
    phrases_of,
    prompts_of,
    thai_beside,
    words_for,
)
from gateway.web.console.studio_view import Phrase, State, deck_of, last_language, shares, voice_names
from gateway.web.console.trouble import Missing, Refused
from gateway.web.prompt_sheet import sheet_page

PATH: Final = "/console/studio"
LARGEST: Final = 20_000_000
"""Bytes of one recording: as many as voice.audio takes (a test holds them together; it is slow to load)."""
BODY_LIMITS: Final = ((PATH, LARGEST + 64 * 1024),)
MICROPHONE: Final = "microphone=(self), camera=(), geolocation=()"
"""What these pages may use of the browser; all others may use no microphone either."""
_BY_BROWSER: Final = "browser"


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The languages, a card at a time, and a recording kept."""
    enter, send = desk.gate.page(Role.SPEAKER), desk.gate.form(Role.SPEAKER)

    @routes.get("/studio")
    def languages(visitor: Visitor = Depends(enter)) -> Response:
        return _languages(desk, visitor)

    @routes.get("/studio/{language}/sheet")
    def sheet(language: str, visitor: Visitor = Depends(desk.gate.page(Role.MANAGER))) -> Response:
        return _sheet(desk, visitor, _script(desk, language))

    @routes.get("/studio/{language}")
    def card(language: str, request: Request, visitor: Visitor = Depends(enter)) -> Response:
        query = request.query_params
        return _card(
            desk, visitor, _script(desk, language),
            wanted=query.get("phrase", ""), after=query.get("after", ""), part=query.get("part", ""),
            kept=query.get("kept", ""),
        )  # fmt: skip

    @routes.post("/studio/{language}")
    def keep(language: str, posted: Posted = Depends(send)) -> Response:
        return _keep(desk, _script(desk, language), posted)


def too_large(path: str) -> tuple[str, str]:
    """The words for a recording that was too large at `path`, and where to go on."""
    return "studio.trouble.too_large", path


def _script(desk: ConsoleDesk, language: str) -> Script:
    script = desk.speech.scripts.get(language)
    if script is None:
        raise Missing("studio.trouble.no_language", back=PATH)
    return script


def _sheet(desk: ConsoleDesk, visitor: Visitor, script: Script) -> Response:
    """The phrases on paper, as a file: it holds a style of its own, which no page of the console may."""
    with desk.database.reading() as db:
        sites = prompts_of(db, desk, visitor, script, Part.SITES) if Part.SITES in parts_of(visitor, script) else ()
    places = [prompt for prompt in sites if prompt.key not in script.prompts]
    page = sheet_page(desk.pages.folder, sheet_of(desk.languages.get(script.language), desk.speech.scripts, places))
    headers = {"Content-Disposition": f'attachment; filename="sheet-{script.language}.html"'}
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


def _languages(desk: ConsoleDesk, visitor: Visitor) -> Response:
    scripts = desk.speech.scripts
    with desk.database.reading() as db:
        mine = {code: deck_of(db, code, phrases_of(script), visitor.id) for code, script in scripts.items()}
        last = last_language(db, visitor.id)
        all_of_them = {code: phrases_of(script) for code, script in scripts.items()}
        rows = shares(db, all_of_them) if visitor.may(Role.MANAGER) else []
    # The one they were at comes first, the others as the table of languages has them.
    order = sorted(mine, key=lambda code: (code != last, desk.languages.codes.index(code)))
    return desk.pages.show(
        visitor,
        "studio.html",
        decks=[(desk.languages.get(code), mine[code]) for code in order],
        last=last,
        shares=rows,
        sees_shares=visitor.may(Role.MANAGER),
    )


def _card(
    desk: ConsoleDesk,
    visitor: Visitor,
    script: Script,
    *,
    wanted: str = "",
    after: str = "",
    part: str = "",
    kept: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    """A page with one card: the one that is `wanted`, else the next to be read after `after` or what was just kept."""
    with desk.database.reading() as db:
        just = _just_kept(db, visitor, kept)
        after = just.key if just else after
        chosen = _part(visitor, script, part, wanted or after)
        deck = deck_of(db, script.language, prompts_of(db, desk, visitor, script, chosen), visitor.id)
    phrase = deck.find(wanted) if wanted else deck.to_do_after(after)
    if wanted and phrase is None:
        raise Missing("studio.trouble.no_phrase", back=f"{PATH}/{script.language}")
    beside = thai_beside(desk, script, phrase.key) if phrase else None
    return desk.pages.show(
        visitor,
        "studio_card.html",
        status=status,
        language=desk.languages.get(script.language),
        deck=deck,
        phrase=phrase,
        beside=beside,
        hint=_hint(desk, script, phrase, beside, visitor.language),
        just=just,
        problem=problem,
        part=chosen.value,
        parts=[one.value for one in parts_of(visitor, script)],
        is_of_a_call=chosen is Part.PHRASES,
        unwritten=len(script.missing),
        previous=deck.before(phrase) if phrase else None,
        skip=deck.to_do_after(phrase.key) if phrase else None,
        states=State,
        largest_mb=LARGEST // 1_000_000,
    )


def _part(visitor: Visitor, script: Script, part: str, key: str) -> Part:
    chosen = part_of(key) if key else next((one for one in Part if one.value == part), Part.PHRASES)
    if chosen not in parts_of(visitor, script):
        raise Missing("studio.trouble.no_phrase", back=f"{PATH}/{script.language}")
    return chosen


def _hint(
    desk: ConsoleDesk, script: Script, phrase: Phrase | None, beside: Prompt | None, language: str
) -> dict[str, str]:
    """What helps to read it: the note, and what it means; the Thai phrase's own where the language has none.

    Under words that were edited stands neither: both were written for other words, and a speaker would follow them.
    """
    if phrase is None or is_edited(desk, script.language, phrase.key):
        return {"note": "", "back": ""}
    return {
        "note": phrase.prompt.note_in(language) or (beside.note_in(language) if beside else ""),
        "back": phrase.prompt.back or (beside.back if beside else ""),
    }


def _just_kept(db: Session, visitor: Visitor, asset_id: str) -> Asset | None:
    asset = db.get(Asset, asset_id[:32]) if asset_id else None
    return asset if asset is not None and asset.voice == visitor.id else None


def _keep(desk: ConsoleDesk, script: Script, posted: Posted) -> Response:
    """Take one recording in; what is wrong with it is said on its card, and nothing was kept."""
    visitor, key = posted.visitor, posted.fields.get("key", "")
    prompt = _find(desk, visitor, script, key)
    if prompt.text_sha256 != posted.fields.get("text", ""):
        return _again(desk, visitor, script, key, visitor.t("studio.trouble.changed"), status=409)
    try:
        clip = _taken_in(desk, posted)
    except AudioError as error:
        problem = visitor.t(f"studio.unfit.{error.reason.value}", **error.numbers)
        return _again(desk, visitor, script, key, problem)
    if clip is None:
        sent = posted.files.get("sound")
        # A browser sends the field of a file that was not chosen, too, without a name.
        why = "empty_file" if sent is not None and sent.filename else "no_file"
        return _again(desk, visitor, script, key, visitor.t(f"studio.unfit.{why}"))
    try:
        return desk.gate.once(posted, lambda db: _submit(db, desk, script, prompt, clip, posted))
    except NotThisPhrase as error:
        words = words_for(visitor, script, error.values)
        return _again(desk, visitor, script, key, visitor.t(f"studio.unfit.{error.reason.value}", **words))


def _find(desk: ConsoleDesk, visitor: Visitor, script: Script, key: str) -> Prompt:
    part = _part(visitor, script, "", key)
    with desk.database.reading() as db:
        prompts = prompts_of(db, desk, visitor, script, part)
    prompt = next((one for one in prompts if str(one.key) == key), None)
    if prompt is None:
        raise Missing("studio.trouble.no_phrase", back=f"{PATH}/{script.language}")
    return prompt


def _taken_in(desk: ConsoleDesk, posted: Posted) -> Clip | None:
    """The sound as a telephone carries it; None where no file came. Raises AudioError."""
    from gateway.voice.audio import normalise  # its library takes a while to load, and only recordings need it

    sent = posted.files.get("sound")
    data = sent.file.read() if sent is not None else b""
    return desk.clips.keep_loose(normalise(data), ClipSource.RECORDING) if data else None


def _submit(db: Session, desk: ConsoleDesk, script: Script, prompt: Prompt, clip: Clip, posted: Posted) -> str:
    """Whose account it is, is whose voice it is: all that one person recorded can be heard in one call."""
    who, now, language = posted.visitor.id, desk.clock.now(), script.language
    check_clip(db, script, prompt, clip.sha256, clip.seconds)
    origin = Origin.BROWSER if posted.fields.get("by") == _BY_BROWSER else Origin.UPLOAD
    asset = submit(db, clip_content(language, prompt, clip, who, origin), author=who, now=now)
    if asset.voice != who:
        name = voice_names(db, [asset.voice])[asset.voice]
        raise Refused("studio.trouble.anothers", back=f"{PATH}/{language}?phrase={prompt.key}", name=name)
    about = {"language": language, "key": str(prompt.key), "origin": origin.value, "seconds": round(clip.seconds, 1)}
    write_audit(db, staff=who, verb="recorded", kind="asset", subject=asset.id, after=about, now=now)
    return f"{PATH}/{language}?kept={asset.id}"


def _again(
    desk: ConsoleDesk, visitor: Visitor, script: Script, key: str, problem: str, *, status: int = 422
) -> Response:
    values: dict[str, Any] = {"wanted": key, "problem": problem, "status": status}
    return _card(desk, visitor, script, **values)
