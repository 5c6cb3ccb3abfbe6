"""Write the sample: the files a hospital would send, about 600 invented people at 12 invented sites.

    python docs/sample/make_sample.py [--into FOLDER]

Everything follows from names.toml, places.toml and the seeds written here: run twice, the files are the same byte for
byte. The numbers are invented; see invent.py for why no telephone of them rings anywhere.
"""

from __future__ import annotations

import argparse
import csv
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from book import HOURS, MONDAY, Offer, book, offers
from invent import GROUPS, Dice, Invented, Numbers, Village

from gateway.kit.thai_dates import BUDDHIST_OFFSET, SHORT_MONTHS

HERE = Path(__file__).parent
INTO = HERE.parents[1] / "templates" / "sample"
LOADED_ON = date(2026, 7, 24)
# How many share a phone and are reminded in one call on the demo's first morning, and how their phone answers.
FAMILIES = {
    "LPG01": (5, "family_all"),
    "LPG02": (2, "family_one_by_one"),
    "LPN01": (3, "family_one_by_one"),
    "UBN01": (2, "family"),
}
FAMILY_HOURS = ("10:45", "11:00", "11:15", "11:30", "11:45")  # earlier ones are not told any more when it opens
# Beside the numbers of the sample (invent.py): on no record, for whoever wants to try the hotline as a stranger.
BORROWED = {"number": "+66800009999", "label": "โทรศัพท์ที่ยืมมา · a borrowed phone", "habits": "borrowed"}
SURE_TO_ANSWER = 10  # of each step and channel, so that whoever starts the demo soon sees one

# Canonical column -> what the hospital calls it; an order a hospital would have.
HEADERS = {
    "hospital_number": "HN",
    "id_number": "เลขบัตรประชาชน",
    "title": "คำนำหน้า",
    "name": "ชื่อ",
    "surname": "นามสกุล",
    "birth_date": "วันเกิด",
    "phone": "เบอร์โทรศัพท์",
    "household_phone": "เบอร์คนในบ้าน",
    "language": "ภาษา",
    "channel": "ช่องทาง",
    "village": "หมู่บ้าน",
    "tambon": "ตำบล",
    "district": "อำเภอ",
    "province": "จังหวัด",
    "target_group": "กลุ่มเป้าหมาย",
    "site_code": "รหัสหน่วยบริการ",
    "vaccine": "วัคซีน",
    "dose": "เข็มที่",
    "appointment_date": "วันนัด",
    "appointment_time": "เวลานัด",
    "last_vaccine": "วัคซีนล่าสุด",
    "last_dose": "เข็มล่าสุด",
    "last_dose_date": "วันที่ฉีดเข็มล่าสุด",
}
SITE_COLUMNS = ("code", "name", "short_name", "name_en", "place", "tambon", "district", "province")
THAI_VACCINES = {"influenza": "ไข้หวัดใหญ่", "hepatitis_b": "ตับอักเสบบี", "hpv": "เอชพีวี"}
WRONG_NUMBERS = ("081234567", "1669", "054-12345", "ไม่ทราบ", "0-7112-3456")


def main() -> None:
    """Write the four files."""
    parser = argparse.ArgumentParser(description="Write the sample's files.")
    parser.add_argument("--into", type=Path, default=INTO, help="folder to write to")
    folder: Path = parser.parse_args().into
    sites = tomllib.loads((HERE / "places.toml").read_text(encoding="utf-8"))["site"]
    people, sessions = invent(sites)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "sites.csv", [site_row(site, number) for number, site in enumerate(sites, 1)])
    write(folder / "sessions.csv", [session_row(session) for session in sessions])
    dice = Dice("tamnat clerk")
    rows = [roster_row(person, dice) for person in people]
    # The dice of the clerk and of the handsets fall in the old order: who is in no family is written as ever.
    order = sorted(range(len(people)), key=lambda n: _place(people[n]))
    write(folder / "roster.csv", [{HEADERS[name]: cell for name, cell in rows[n].items()} for n in order])
    write(folder / "handsets.csv", handset_rows(people))


def invent(sites: list[Mapping[str, Any]]) -> tuple[list[Invented], list[Offer]]:
    """Return everyone, in the order of the roster, and the sessions they were booked into."""
    names = tomllib.loads((HERE / "names.toml").read_text(encoding="utf-8"))
    numbers = Numbers()
    people: list[Invented] = []
    for site in sites:
        village = Village(site, names, numbers, LOADED_ON)
        people += [village.person() for _ in range(site["people"])]
    sessions = offers(sites)
    book(people, sessions, Dice("tamnat bookings"))
    mark_first(people)
    slip(people)
    gather_families(people)
    return sorted(people, key=lambda person: not person.first), sessions


def gather_families(people: list[Invented]) -> None:
    """Put some under one roof with one phone, and have them come together on the demo's first morning.

    Sunday's call falls due when the window opens on Monday. A flu session has room for them, and the hour before it
    begins, in which nobody is reminded, is not over by then.
    """
    for site, (size, _) in FAMILIES.items():
        some = {person.name: person for person in people if person.site["code"] == site and _may_join(person)}
        family = sorted(list(some.values())[:size], key=lambda person: person.birth)
        head, language = family[0], family[-1].language  # the youngest picks up
        for person, hour in zip(family, FAMILY_HOURS, strict=False):
            person.home, person.in_family, person.owns_mobile = head.home, True, person is head
            person.surname, person.language, person.channel = head.surname, language, "voice"
            person.day, person.time = MONDAY, hour
        head.home.members = size


def _may_join(person: Invented) -> bool:
    is_alone = _is_alone(person) and not person.home.landline and person.phone_as_written is None
    is_grown = person.kind in ("elder", "chronic", "pregnant")
    return is_alone and is_grown and not person.first and person.vaccine == "influenza" and person.day != MONDAY


def _place(person: Invented) -> int:
    """Families stand behind those who answer for sure and before the rest."""
    return 1 if person.in_family else 0 if person.first else 2


def mark_first(people: list[Invented]) -> None:
    """Choose those who answer for sure: reached on the demo's first morning, on a phone that rings for them alone."""
    for is_reached in (_is_told_today, _is_told_of_a_second_dose, _is_reminded):
        some = [person for person in people if _is_alone(person) and person.kind != "migrant" and is_reached(person)]
        for by_voice in (True, False):
            chosen = [person for person in some if _is_called(person) == by_voice]
            for person in chosen[:: max(1, len(chosen) // SURE_TO_ANSWER)][:SURE_TO_ANSWER]:
                person.first = True


def _is_told_today(person: Invented) -> bool:
    return person.day == MONDAY and person.time > "12:00"


def _is_told_of_a_second_dose(person: Invented) -> bool:
    return person.day is None


def _is_reminded(person: Invented) -> bool:
    return person.day == MONDAY + timedelta(days=2)


def _is_called(person: Invented) -> bool:
    return person.channel == "voice" or (person.kind == "elder" and person.channel != "sms")


def _is_alone(person: Invented) -> bool:
    return bool(person.home.mobile) and person.home.members == 1


def slip(people: list[Invented]) -> None:
    """Make the clerk's mistakes that a file of this size has: digits of identities and numbers that are none."""
    with_identity = [person for person in people if len(person.identity) == 13 and not person.first]
    for person in with_identity[40::101]:
        person.identity = person.identity[:-1] + str((int(person.identity[-1]) + 3) % 10)
    alone = [person for person in people if _is_alone(person) and not person.first]
    for person, wrong in zip(alone[20::61], WRONG_NUMBERS, strict=False):
        person.phone_as_written = wrong


def write(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as UTF-8 with a BOM, without which a hospital's Excel shows Thai as rubbish."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def site_row(site: Mapping[str, Any], number: int) -> dict[str, str]:
    """Return a line of sites.csv."""
    row = {column: str(site[column]) for column in SITE_COLUMNS}
    return {**row, "staff_phone": f"{site['area']}-000-9{number:02d}", "opens": "08:30", "closes": "16:30"}


def session_row(session: Offer) -> dict[str, str]:
    """Return a line of sessions.csv."""
    starts, ends, _ = HOURS[session.part]
    return {
        "site_code": session.site,
        "vaccine": session.vaccine,
        "day": session.day.isoformat(),
        "part": session.part,
        "starts_at": starts,
        "ends_at": ends,
        "capacity": str(session.capacity),
    }


def roster_row(person: Invented, dice: Dice) -> dict[str, str]:
    """Return a line of roster.csv, as the clerk of the person's site writes."""
    site, clerk = person.site, str(person.site["dates"])
    mobile, landline = _spelled(person.home.mobile, dice), _spelled(person.home.landline, dice)
    own, household = (mobile, landline) if person.owns_mobile or person.kind == "migrant" else ("", mobile or landline)
    if person.phone_as_written is not None:
        own = person.phone_as_written
    return {
        "hospital_number": person.hn,
        "id_number": _hyphenated(person.identity) if clerk == "words" else person.identity,
        "title": person.title,
        "name": person.name,
        "surname": person.surname,
        "birth_date": _written(person.birth, clerk),
        "phone": own,
        "household_phone": household,
        "language": person.language,
        "channel": person.channel,
        "village": person.home.village,
        "tambon": person.home.tambon,
        "district": site["district"],
        "province": site["province"],
        "target_group": GROUPS[person.kind],
        "site_code": site["code"],
        "vaccine": _named(person.vaccine, clerk),
        "dose": str(person.dose or ""),
        "appointment_date": _written(person.day, clerk),
        "appointment_time": f"{person.time.replace(':', '.')} น." if person.time and clerk == "words" else person.time,
        "last_vaccine": _named(person.last_vaccine, clerk),
        "last_dose": str(person.last_dose or ""),
        "last_dose_date": _written(person.last_day, clerk),
    }


def _named(vaccine: str, clerk: str) -> str:
    return THAI_VACCINES.get(vaccine, vaccine) if clerk == "words" else vaccine


def _written(day: date | None, clerk: str) -> str:
    if day is None:
        return ""
    if clerk == "iso":
        return day.isoformat()
    year = day.year + BUDDHIST_OFFSET
    if clerk == "words":
        return f"{day.day} {SHORT_MONTHS[day.month - 1]} {year}"
    return f"{day.day:02d}/{day.month:02d}/{year}"


def _hyphenated(identity: str) -> str:
    if len(identity) != 13 or not identity.isdigit():
        return identity
    return f"{identity[0]}-{identity[1:5]}-{identity[5:10]}-{identity[10:12]}-{identity[12]}"


def _spelled(number: str, dice: Dice) -> str:
    if not number:
        return ""
    plain = "0" + number.removeprefix("+66")
    dashed = f"{plain[:3]}-{plain[3:6]}-{plain[6:]}"
    thai = plain.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    return dice.weigh({dashed: 50, plain: 36, plain[1:]: 4, thai: 3, number: 4, f"{plain} (ลูกสาว)": 3})


def handset_rows(people: Iterable[Invented]) -> list[dict[str, str]]:
    """Return the telephones of the sample with what they do: a phone goes by the first of the house in the roster."""
    dice = Dice("tamnat handsets")
    rows: dict[str, dict[str, str]] = {}
    for person in people:
        for number in filter(None, (person.home.mobile, person.home.landline)):
            habits = _habits(person, number == person.home.landline, dice)
            label = f"{_initial(person.name)}. {person.language}"
            rows.setdefault(number, {"number": number, "label": label, "habits": habits})
    return [*rows.values(), BORROWED]


def _initial(name: str) -> str:
    return next(letter for letter in name if letter not in "เแโใไ")  # vowels that Thai writes in front of a consonant


def _habits(person: Invented, is_landline: bool, dice: Dice) -> str:
    if person.first:
        return "always_answers_1"
    usual = "landline" if is_landline else "elder" if person.kind == "elder" else "typical"
    usual = "family" if person.home.members > 1 and not is_landline else usual
    corners = ("never_answers", "off", "voicemail", "busy", "hangs_up", "silent", "wrong_keys", "misses_first")
    answers = ("always_answers_1", "always_2", "always_3", "wants_a_ride", "replies_1", "replies_2")
    share = {"never_answers": 3.0, "off": 3.0, "voicemail": 2.0}
    drawn = dice.weigh({usual: 82.0, **{habit: share.get(habit, 1.0) for habit in corners + answers}})
    return FAMILIES[person.site["code"]][1] if person.in_family else drawn


if __name__ == "__main__":
    main()
