"""Who a row is about: identity, name, birth, telephones, language, where the person lives."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from gateway.care.particulars import Particulars, SaidPhone
from gateway.kit.digits import to_ascii_digits
from gateway.kit.identity import Identity, IdKind, classify_identity
from gateway.kit.phones import PhoneError, country_of, parse_phones
from gateway.kit.thai_dates import DateError, parse_date
from gateway.records.status import Channel
from gateway.roster.cells import Cells
from gateway.roster.rows import CheckRules

OLDEST: Final = 120
"""Years; nobody on record in Thailand was older when vaccinated."""
LONGEST_NUMBER: Final = 32
"""Characters of a hospital number or an ID, as the tables hold them."""

_CHANNELS: Final = {
    **dict.fromkeys(("sms", "text", "ข้อความ", "เอสเอ็มเอส", "ส่งข้อความ"), Channel.SMS),
    **dict.fromkeys(
        ("voice", "call", "phone", "โทร", "โทรศัพท์", "เสียง", "โทรหา", "voicecall", "สายโทรศัพท์"), Channel.VOICE
    ),
}
_YEAR_ONLY: Final = re.compile(r"^(?:(?:0{1,2}|-|\?+)[/-](?:0{1,2}|-|\?+|\d{1,2})[/-])?(?:พ\.?ศ\.?\s*)?\d{4}$")


def read_person(cells: Cells, site: str | None, rules: CheckRules) -> Particulars:
    """Return what the row says of its person; nobody is lost over a bad ID, telephone or language."""
    identity = _identity(cells)
    hn = _hospital_number(cells)
    person = Particulars(
        identity=identity,
        hcode=site if hn else None,
        hn=hn,
        title=cells.text("title"),
        name=cells.text("name"),
        surname=cells.text("surname"),
        birth_date=read_birth_date(cells, rules.today),
        language=read_language(cells, rules),
        preferred_channel=read_channel(cells),
        village=cells.text("village"),
        tambon=cells.text("tambon"),
        district=cells.text("district"),
        province=cells.text("province"),
        target_group=cells.text("target_group"),
        site=site,
        phones=_phones(cells, rules),
    )
    _check_known(cells, person)
    return person


def _check_known(cells: Cells, person: Particulars) -> None:
    if person.name or person.surname:
        return
    if person.identity is None and person.hn is None:
        cells.error("name", "person_missing")
    else:
        cells.warn("name", "name_missing")


def _identity(cells: Cells) -> Identity | None:
    raw = cells.raw("id_number")
    if not raw:
        return None
    identity = classify_identity(raw)
    if identity is None or len(identity.value) > LONGEST_NUMBER:
        cells.warn("id_number", "id_not_usable")
        return None
    if identity.check_digit_ok is False:
        cells.warn("id_number", "id_check_digit")
    elif identity.kind is IdKind.UNVERIFIED:
        cells.warn("id_number", "id_not_known")
    return identity


def _hospital_number(cells: Cells) -> str | None:
    text = re.sub(r"\s|\.0+$|^'", "", to_ascii_digits(cells.raw("hospital_number"))).upper().removeprefix("HN")
    text = text.strip(".:")
    if not text or not text.strip("0"):
        return None
    if len(text) > LONGEST_NUMBER:
        cells.error("hospital_number", "hospital_number_too_long")
        return None
    return text


def read_birth_date(cells: Cells, today: date) -> date | None:
    """Return the day of birth; None where it is not said, or noted as wrong or unsure."""
    raw = cells.raw("birth_date")
    if not raw:
        return None
    if _YEAR_ONLY.match(to_ascii_digits(raw)):  # many elders know only the year
        cells.warn("birth_date", "birth_date_partial")
        return None
    try:
        birth = parse_date(raw, today=today)
    except DateError as error:
        cells.error("birth_date", "birth_date_too_old" if _is_too_old(error, raw) else error.code, limit=OLDEST)
        return None
    if birth > today:
        cells.error("birth_date", "birth_date_future")
    elif today.year - birth.year > OLDEST:
        cells.error("birth_date", "birth_date_too_old", limit=OLDEST)
    return birth


def _is_too_old(error: DateError, raw: str) -> bool:
    year = re.search(r"(?:1[0-8]|2[34])\d\d", to_ascii_digits(raw))
    return error.code == "date_out_of_range" and year is not None


def read_language(cells: Cells, rules: CheckRules) -> str | None:
    """Return the code of the language; None where it is not said, or noted as unknown."""
    raw = cells.raw("language")
    found = rules.recognise_language(raw) if raw else None
    if raw and found is None:
        cells.warn("language", "language_unknown")
    return found


def read_channel(cells: Cells) -> Channel | None:
    """Return the channel that is wished; None where none is said, or noted as unknown."""
    raw = cells.raw("channel")
    if not raw:
        return None
    found = _CHANNELS.get(re.sub(r"[\s._-]", "", raw.casefold()))
    if found is None:
        cells.warn("channel", "channel_unknown")
    return found


def _phones(cells: Cells, rules: CheckRules) -> tuple[SaidPhone, ...]:
    found: dict[str, SaidPhone] = {}
    for column, household in (("phone", False), ("household_phone", True)):
        raw = cells.raw(column)
        if not raw:
            continue
        try:
            for number in parse_phones(raw):
                found.setdefault(number.e164, SaidPhone(number, household))
                if rules.countries is not None and country_of(number.e164) not in rules.countries:
                    cells.warn(column, "phone_country_not_allowed")  # kept: the setting may be widened later
        except PhoneError as error:
            cells.warn(column, error.code)
    if not found and not any(issue.column in ("phone", "household_phone") for issue in cells.issues):
        cells.warn("phone", "phone_missing")
    return tuple(found.values())
