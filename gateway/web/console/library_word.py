"""One text or phrase: what it says, who answers for it, how it sounds; and the deeds of the people who decide."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import APIRouter, Depends, Response
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gateway.dispatch.wordlist import (
    Word,
    current_clips,
    current_edits,
    find_word,
    shipped_body,
    word_list,
)
from gateway.languages.table import Language
from gateway.records.staffing import Role
from gateway.records.status import AssetStatus
from gateway.records.wordings import Approval, Asset, AssetKind, AssetSource, Origin, Part
from gateway.staff import approving
from gateway.staff.approving import Content, NotOpen, SamePerson
from gateway.staff.audit import write_audit
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.library_checks import printable
from gateway.web.console.library_names import PATH, for_templates, just_decided, names
from gateway.web.console.library_queue import Turn, is_old, line_for, next_after, next_when
from gateway.web.console.trouble import Forbidden, Missing, Refused

LONGEST_NOTE: Final = 500
SHIPPED: Final = "shipped"
"""Stands for the shipped words where no row is kept of them yet."""


@dataclass(frozen=True, slots=True)
class Place:
    """A text or phrase and where its page is."""

    language: Language
    word: Word

    @property
    def path(self) -> str:
        """Its page."""
        return f"{PATH}/{self.language.code}/{self.word.key}"


@dataclass(frozen=True, slots=True)
class Version:
    """One content a key has or had. `asset` None: shipped words that nobody has answered for; `path` None: no sound."""

    asset: Asset | None
    sha256: str
    body: str
    vouchers: Mapping[Part, Approval]
    is_now: bool
    is_old: bool = False
    has_sound: bool = False

    @property
    def status(self) -> str:
        """Its state as a word: a draft that one person answers for waits."""
        if self.asset is None:
            return "unanswered"
        if self.asset.status is AssetStatus.DRAFT:
            return "waiting" if Part.AUTHOR in self.vouchers else "unanswered"
        return self.asset.status.value

    def is_made_by(self, staff: str) -> bool:
        """Whether this person answers for it already, and so cannot be the second."""
        author = self.vouchers.get(Part.AUTHOR)
        return author is not None and author.staff == staff


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in a form that could not be taken, of the content with this hash, and what is wrong with each field.

    Of a form that nobody has sent yet: nothing.
    """

    sha256: str = ""
    province: str = ""
    has_heard: bool = False
    faults: Mapping[str, str] = field(default_factory=dict)


class Unfinished(Exception):
    """An approval that lacks something; the form is shown again with a sentence beside the field."""

    def __init__(self, filled: Filled) -> None:
        super().__init__(", ".join(filled.faults))
        self.filled = filled


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The page, and one address for what is decided on it."""

    @routes.get("/words/{language}/{key}")
    def page(language: str, key: str, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        with desk.database.reading() as db:
            place = find_place(desk, db, language, key)
            values = _page(desk, db, visitor, place, Filled(province=last_province(db, visitor.id, language)))
        return desk.pages.show(visitor, "library_word.html", **values)

    @routes.post("/words/{language}/{key}")
    def decide(language: str, key: str, posted: Posted = Depends(desk.gate.form())) -> Response:
        try:
            return desk.gate.once(posted, lambda db: _decide(desk, db, language, key, posted))
        except Unfinished as error:
            with desk.database.reading() as db:
                values = _page(desk, db, posted.visitor, find_place(desk, db, language, key), error.filled)
            return desk.pages.show(posted.visitor, "library_word.html", status=422, **values)


def find_place(desk: ConsoleDesk, db: Session, language: str, key: str) -> Place:
    """The text or phrase of an address; raises Missing where there is none."""
    if language not in desk.languages.codes:
        raise Missing("library.missing.language", back=PATH)
    word = find_word(db, desk.speech, language, key)
    if word is None:
        raise Missing("library.missing.key", back=f"{PATH}/{language}")
    return Place(desk.languages.get(language), word)


def _page(desk: ConsoleDesk, db: Session, visitor: Visitor, place: Place, filled: Filled) -> dict[str, Any]:
    word, code = place.word, place.language.code
    texts = _texts(desk, db, word)
    clips = _clips(desk, db, word)
    ids = [one.asset.id for one in (*texts, *clips) if one.asset is not None]
    return {
        **for_templates(names(desk, visitor, db)),
        "word": word,
        "language": code,
        "entry": place.language,
        "thai": None if code == "th" else find_word(db, desk.speech, "th", word.key),
        "texts": texts,
        "current": next((one for one in texts if one.is_now), None),
        "clips": clips,
        "events": approving.history(db, ids) if ids else (),
        "of_event": {one.asset.id: one for one in (*texts, *clips) if one.asset is not None},
        "filled": filled,
        "was": just_decided(db, visitor),
        "is_writable": is_writable(desk, place),
        "may_write": visitor.may(Role.MANAGER),
        "has_edits": bool(current_edits(db, code, word.key)),
        "shipped": shipped_body(desk.speech, code, word.key),
        "stale": len(current_clips(desk.speech, word)),
        "next_one": next_after(_line(desk, db, visitor, code), word.key),
        "path": place.path,
    }


def is_writable(desk: ConsoleDesk, place: Place) -> bool:
    """Whether its words may be changed here: a name is not ours to change, a language's first texts come as files."""
    if place.word.is_message:
        return bool(place.word.body)
    return not place.word.key.startswith("name.")


def _texts(desk: ConsoleDesk, db: Session, word: Word) -> list[Version]:
    """Every wording the key had, the present one first."""
    rows = approving.versions(db, AssetKind.TEXT, word.language, word.key)
    found = [
        Version(one, one.sha256, one.text, approving.vouchers(db, one.id), one.sha256 == word.sha256) for one in rows
    ]
    if word.body and not any(one.is_now for one in found):
        found.append(Version(None, word.sha256, word.body, {}, is_now=True))
    return sorted(found, key=lambda one: not one.is_now)


def _clips(desk: ConsoleDesk, db: Session, word: Word) -> list[Version]:
    """Every sound of the key, those that can still be decided first."""
    found = [
        Version(
            one,
            one.sha256,
            one.text,
            approving.vouchers(db, one.id),
            is_now=one.status in (AssetStatus.DRAFT, AssetStatus.APPROVED),
            is_old=is_old(one, word),
            has_sound=desk.clips.path(one.sha256) is not None,
        )
        for one in approving.versions(db, AssetKind.CLIP, word.language, word.key)
    ]
    return sorted(found, key=lambda one: (not one.is_now, one.is_old))


def last_province(db: Session, staff: str, language: str) -> str:
    """The province this person named last for this language, "" when they never did."""
    mine = (col(Approval.staff) == staff, col(Approval.province) != "", col(Asset.language) == language)
    statement = select(Approval.province).join(Asset, col(Asset.id) == col(Approval.asset)).where(*mine)
    return db.exec(statement.order_by(col(Approval.at).desc())).first() or ""


def _line(desk: ConsoleDesk, db: Session, visitor: Visitor, language: str) -> list[Turn]:
    """Everything of this language that waits for this very person."""
    return line_for(db, desk.speech, visitor.id, language, word_list(db, desk.speech, language))


def _decide(desk: ConsoleDesk, db: Session, language: str, key: str, posted: Posted) -> str:
    place = find_place(desk, db, language, key)
    deed = _DEEDS.get(posted.fields.get("do", ""))
    if deed is None:
        raise Refused("common.trouble.unreadable_form", back=place.path)
    goes_on = deed in (_approve, _send_back)
    line = _line(desk, db, posted.visitor, language) if goes_on else []
    try:
        verb, asset = deed(desk, db, place, posted)
    except SamePerson as error:
        raise Refused("library.refused.same_person", back=place.path) from error
    except NotOpen as error:
        raise Refused("library.refused.not_open", back=place.path) from error
    except IntegrityError as error:  # another unit of work was a moment quicker
        raise Refused("library.refused.quicker", back=place.path) from error
    done = keep_deed(desk, db, posted.visitor, verb, asset)
    if not goes_on:
        return f"{place.path}?done={done}"
    then = next_when(line, asset)
    return f"{PATH}/{language}/{then.key}?done={done}" if then else f"{PATH}?done={done}"


def keep_deed(desk: ConsoleDesk, db: Session, visitor: Visitor, verb: str, asset: Asset) -> str:
    """Write down who did what to which content; return the row's id. No words: a name's phrase holds the name."""
    after = {"language": asset.language, "key": asset.key, "kind": asset.kind.value, "sha256": asset.sha256}
    audit = write_audit(db, staff=visitor.id, verb=verb, kind="asset", subject=asset.id, after=after,
                        now=desk.clock.now())  # fmt: skip
    return audit.id


def _approve(desk: ConsoleDesk, db: Session, place: Place, posted: Posted) -> tuple[str, Asset]:
    asset = _asset(desk, db, place, posted)
    if asset.status is not AssetStatus.DRAFT:
        raise NotOpen(asset.id)
    filled = _filled(desk, place, asset, posted)
    if filled.faults:
        raise Unfinished(filled)
    done = approving.approve(
        db,
        asset.id,
        staff=posted.visitor.id,
        province=filled.province,
        needs_province=place.language.dialect,
        now=desk.clock.now(),
    )
    return ("asset_approved" if done.status is AssetStatus.APPROVED else "asset_vouched"), done


def _filled(desk: ConsoleDesk, place: Place, asset: Asset, posted: Posted) -> Filled:
    """What an approval says of who gives it: that they heard a clip, and where they know a dialect from."""
    t, language, faults = posted.visitor.t, place.language, {}
    has_heard = asset.kind is AssetKind.TEXT or posted.fields.get("heard") == "yes"
    province = posted.fields.get("province", "") if language.dialect else ""
    if asset.kind is AssetKind.CLIP and desk.clips.path(asset.sha256) is None:
        raise Refused("library.word.no_sound", back=place.path)
    if not has_heard:
        faults["heard"] = t("library.refused.not_heard")
    if language.dialect and province not in language.provinces:
        key = "library.refused.other_province" if province.strip() else "library.refused.no_province"
        faults["province"] = t(key, provinces=", ".join(language.provinces))
    return Filled(asset.sha256, province, has_heard, faults)


def _send_back(desk: ConsoleDesk, db: Session, place: Place, posted: Posted) -> tuple[str, Asset]:
    note = _note(place, posted)
    asset = _asset(desk, db, place, posted)
    return "asset_returned", approving.send_back(db, asset.id, staff=posted.visitor.id, note=note, now=desk.clock.now())


def _withdraw(desk: ConsoleDesk, db: Session, place: Place, posted: Posted) -> tuple[str, Asset]:
    note = _note(place, posted)
    asset = _asset(desk, db, place, posted)
    return "asset_withdrawn", approving.withdraw(db, asset.id, staff=posted.visitor.id, note=note, now=desk.clock.now())


def _restore(desk: ConsoleDesk, db: Session, place: Place, posted: Posted) -> tuple[str, Asset]:
    """Put every edit aside, so that what ships counts again."""
    if not posted.visitor.may(Role.MANAGER):
        raise Forbidden("common.trouble.role", back=place.path, role=posted.visitor.t("common.role.manager"))
    edits = current_edits(db, place.language.code, place.word.key)
    if not edits:
        raise Refused("library.refused.no_edits", back=place.path)
    note = printable(posted.fields.get("note", ""))[:LONGEST_NOTE]
    for edit in edits:
        approving.retire(db, edit.id, staff=posted.visitor.id, note=note, now=desk.clock.now())
    return "text_restored", edits[0]


def _asset(desk: ConsoleDesk, db: Session, place: Place, posted: Posted) -> Asset:
    """What a form is about: a content of this very key; shipped words get their row when somebody first decides."""
    asked = posted.fields.get("asset", "")
    if asked == SHIPPED:
        return _shipped(desk, db, place, posted.fields.get("sha256", ""))
    asset = db.get(Asset, asked) if re.fullmatch(r"[0-9a-f]{32}", asked) else None
    if asset is None or (asset.language, asset.key) != (place.language.code, place.word.key):
        raise Missing("library.missing.asset", back=place.path)
    return asset


def _shipped(desk: ConsoleDesk, db: Session, place: Place, sha256: str) -> Asset:
    """The row of the words as they ship; raises Refused when these are not the words that were on the page."""
    word = place.word
    if sha256 != word.sha256 or not word.body or word.is_edited:
        raise Refused("library.refused.changed", back=place.path)
    rows = approving.versions(db, AssetKind.TEXT, word.language, word.key)
    open_ = [one for one in rows if one.sha256 == sha256 and one.status in (AssetStatus.DRAFT, AssetStatus.APPROVED)]
    if open_:
        return open_[0]
    return approving.submit(db, text_content(word, word.body, Origin.SHIPPED), author=None, now=desk.clock.now())


def text_content(word: Word, body: str, origin: Origin) -> Content:
    """What is submitted when somebody answers for these words of a key."""
    sha256 = Word(word.language, word.key, body).sha256
    return Content(AssetKind.TEXT, word.language, word.key, sha256, body, sha256, AssetSource.WRITTEN, origin)


def _note(place: Place, posted: Posted) -> str:
    note = printable(posted.fields.get("note", ""))
    if not note:
        raise Refused("library.refused.no_reason", back=place.path)
    if len(note) > LONGEST_NOTE:
        raise Refused("library.refused.long_reason", back=place.path, n=len(note), most=LONGEST_NOTE)
    return note


_Deed = Callable[[ConsoleDesk, Session, Place, Posted], tuple[str, Asset]]
_DEEDS: Final[Mapping[str, _Deed]] = {
    "approve": _approve,
    "send_back": _send_back,
    "withdraw": _withdraw,
    "restore": _restore,
}
