"""What the page of handsets is told about this house."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlmodel import select

from gateway.records.places import Site
from gateway.sandbox.directory import Directory, Guard, Named, PageParts
from gateway.wiring.captions import Captions, said_lately

if TYPE_CHECKING:
    from gateway.wiring.house import House

THAI_NAMES = {
    "th": "ไทยกลาง", "nod": "คำเมือง", "tts": "อีสาน", "sou": "ใต้", "kxm": "เขมรสุรินทร์", "mfa": "มลายูปัตตานี",
    "en": "อังกฤษ", "my": "พม่า", "km": "เขมร", "lo": "ลาว", "vi": "เวียดนาม", "mnw": "มอญ", "ksw": "กะเหรี่ยงสะกอ",
    "shn": "ไทใหญ่",
}  # fmt: skip


def page_parts(
    house: House,
    *,
    guard: Guard | None = None,
    next_morning: Callable[[], bool] | None = None,
    plays_own_audio: bool = True,
) -> PageParts:
    """Return everything the page needs; see PageParts."""
    captions = Captions(house.speech.scripts, house.clips, said_lately(house.database))

    def renew() -> Directory:
        known = set(house.network.numbers)
        for handset in house.handsets():
            if handset.number not in known:
                house.network.add_handset(handset)
        return _directory(house, captions)

    directory = _directory(house, captions)
    return PageParts(house.templates_dir, directory, guard, next_morning, plays_own_audio, renew)


def _directory(house: House, captions: Captions) -> Directory:
    from gateway.wiring.house import SANDBOX_NUMBER

    settings = house.settings
    with house.database.reading() as db:
        sites = {site.code: _site(site) for site in db.exec(select(Site)).all()}
    return Directory(
        languages={code: _language(house, code) for code in house.languages.codes},
        sites=sites,
        caption=captions,
        is_open=lambda url: "/audio/" in url,
        sms_number=settings.twilio_sms_from or SANDBOX_NUMBER,
        voice_number=settings.twilio_voice_from or SANDBOX_NUMBER,
    )


def _language(house: House, code: str) -> Named:
    language = house.languages.get(code)
    return Named(THAI_NAMES.get(code, language.own_name), language.name, language.own_name)


def _site(site: Site) -> Named:
    thai = site.short_name or site.name or site.code
    return Named(thai, site.name_en or thai, thai)
