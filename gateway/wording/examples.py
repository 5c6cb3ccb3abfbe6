"""Invented people and places, as long as names get and as they usually are: what a text costs is tried with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.languages.table import load_languages
from gateway.wording.render import MessageFacts

_WHEN: Final = datetime(2026, 11, 25, 4, 45, tzinfo=UTC)  # a Wednesday in November at 11:45
_QUARTER: Final = timedelta(minutes=15)
LONGEST: Final = MessageFacts(
    name="กัญญารัตน์มณีวงศ์",
    clinic="โรงพยาบาลส่งเสริมสุขภาพตำบลเฉลิมพระเกียรติ 60 พรรษา นวมินทราชินี",
    clinic_short="รพ.สต.เฉลิมพระเกียรติฯ",
    place="โรงพยาบาลส่งเสริมสุขภาพตำบลเฉลิมพระเกียรติ 60 พรรษา นวมินทราชินี",
    starts_at=_WHEN,
    dose_number=2,
    vaccine="",
    phone="034-171-200",
    ticket="120",
    people=(("กัญญารัตน์มณีวงศ์", _WHEN), ("กัญญารัตน์มณีวงศ์", _WHEN + _QUARTER)),
)
"""An invented person at one of the health centres with the longest names, short only on its sign, on a long day."""

_LONGEST_NAMES: Final = {
    "en": "Khin Thiri Sandar Aung Htwe",
    "vi": "Nguyễn Hoàng Phương Thảo",
    "my": "ခင်သီရိစန္ဒာအောင်ထွေး",
    "km": "សុវណ្ណារ៉ាត់ចាន់ធីតា",
    "lo": "ໄພວັນແກ້ວມະນີວົງສາ",
}
"""Invented, as long as long names are in each language; in a language that is not here, the Thai one."""


_USUAL_NAMES: Final = {"en": "Somsri", "vi": "Lan", "my": "မြင့်မြင့်", "km": "សុខា", "lo": "ສົມສີ"}


def longest(language: str) -> MessageFacts:
    """Return the facts that make the longest text of a language: who does not read Thai gets the English place name.

    A household is two people here: where more do not fit, each is sent a text of their own.
    """
    name = _LONGEST_NAMES.get(language, LONGEST.name)
    facts = replace(LONGEST, name=name, people=tuple((name, at) for _, at in LONGEST.people))
    if load_languages().get(language).script == "Thai":
        return facts
    clinic = "Chaloem Phra Kiat 60 Phansa Subdistrict Health Promoting Hospital"
    return replace(facts, clinic=clinic, place=clinic)


def usual(language: str) -> MessageFacts:
    """Return the facts of a text as most are: one short name, a hospital with a sign, and its hall."""
    in_thai = load_languages().get(language).script == "Thai"
    clinic = "โรงพยาบาลตัวอย่างแม่วัง" if in_thai else "Mae Wang Example Hospital"
    name = _USUAL_NAMES.get(language, "สมศรี")
    return MessageFacts(
        name=name,
        clinic=clinic,
        clinic_short="รพ.แม่วัง",
        place="หอประชุม" if in_thai else clinic,
        starts_at=_WHEN,
        dose_number=2,
        vaccine="influenza",
        phone="054000901",
        ticket="12",
        people=tuple((name, _WHEN + number * _QUARTER) for number in range(3)),
    )
