"""What languages, texts, phrases and speakers are called on the pages of words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session, select

from gateway.dispatch.wordlist import Word, is_message_key
from gateway.records.staffing import Audit, Staff
from gateway.records.wordings import Asset, AssetSource
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor
from gateway.wording.catalogue import Helper, text_of_key

PATH: Final = "/console/words"
SHORT: Final = 8
"""Letters of a hash that people compare by eye."""
_OTHERWISE: Final = {"message": "voice_message"}  # what is said about one somebody leaves, not a text
_RIGHT_TO_LEFT: Final = frozenset({"Arabic", "Hebrew"})


@dataclass(frozen=True, slots=True)
class Names:
    """Everything by the name a visitor knows it by; handed to the templates."""

    desk: ConsoleDesk
    visitor: Visitor
    staff: Mapping[str, str]

    def language(self, code: str) -> str:
        """A language in the visitor's own: from the words, else as the table has it."""
        key = f"library.language.{code}"
        if self.visitor.words.phrase(key) is not None:
            return self.visitor.t(key)
        return self.desk.languages.get(code).name if code in self.desk.languages.codes else code

    def group(self, key: str) -> str:
        """The family of a key, in words."""
        return self.visitor.t(f"library.group.{group_of(self.visitor, key)}")

    def title(self, key: str) -> str:
        """One text or phrase in words: "Text: Reminder", "Question · ask.coming"."""
        if not is_message_key(key):
            return f"{self.group(key)} · {key}"
        text, neutral = text_of_key(key)
        name = self.visitor.t(f"library.helper.{text.value}" if isinstance(text, Helper) else f"common.purpose.{text}")
        return self.visitor.t("library.text_neutral" if neutral else "library.text_of", name=name)

    def person(self, staff: str | None) -> str:
        """A member of staff by name; None: the command line."""
        if staff is None:
            return self.visitor.t("library.command_line")
        return self.staff.get(staff, staff)

    def voice(self, asset: Asset) -> str:
        """Who speaks a clip."""
        if asset.source is AssetSource.SYNTHESIS:
            return self.visitor.t("library.machine")
        return self.staff.get(asset.voice, asset.voice) or self.visitor.t("library.unnamed_voice")

    def link(self, language: str, key: str = "", ending: str = "") -> str:
        """The address of a language's page, or of one of its texts and phrases."""
        return "/".join(part for part in (PATH, language, key, ending) if part)

    def direction(self, language: str) -> str:
        """Which way its script runs."""
        return "rtl" if self.desk.languages.get(language).script in _RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True, slots=True)
class Decided:
    """What a visitor has just decided about."""

    language: str
    key: str


def just_decided(db: Session, visitor: Visitor) -> Decided | None:
    """What the page before this one was about: named by ?done=<audit>, shown to who did it."""
    asked = visitor.request.query_params.get("done", "")
    audit = db.get(Audit, asked) if re.fullmatch(r"[0-9a-f]{32}", asked) else None
    if audit is None or audit.staff != visitor.id or audit.kind != "asset":
        return None
    if not {"language", "key"} <= audit.after.keys():
        return None
    return Decided(audit.after["language"], audit.after["key"])


def names(desk: ConsoleDesk, visitor: Visitor, db: Session) -> Names:
    """Every name a page may need."""
    staff = {one.id: one.name or one.email for one in db.exec(select(Staff))}
    return Names(desk, visitor, staff)


def group_of(visitor: Visitor, key: str) -> str:
    """The family a key belongs to: what stands before its dot."""
    if is_message_key(key):
        return "message"
    family = key.partition(".")[0]
    family = _OTHERWISE.get(family, family)
    return family if visitor.words.phrase(f"library.group.{family}") is not None else "other"


def grouped(visitor: Visitor, words: list[Word]) -> list[tuple[str, list[Word]]]:
    """The words by family, families in the order in which they come."""
    found: dict[str, list[Word]] = {}
    for word in words:
        found.setdefault(group_of(visitor, word.key), []).append(word)
    return list(found.items())


def for_templates(named: Names) -> dict[str, Any]:
    """What every page of words is given."""
    return {"names": named, "short": lambda sha256: sha256[:SHORT], "seconds": lambda value: f"{value:.1f}"}
