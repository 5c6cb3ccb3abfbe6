"""A small house of invented families, all of whom are due in one half-day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from gateway.cli.context import ready
from gateway.kit.clock import BANGKOK, bangkok_day
from gateway.roster.check import check_roster
from gateway.roster.files import rules_for
from gateway.roster.load import load_roster
from gateway.roster.places import load_sessions, load_sites
from gateway.roster.prepare import LoadRequest
from gateway.roster.readers.csv import read_csv_file
from gateway.wiring import House
from tests.chaos.clock import SharedClock
from tests.stories.stage import ExplicitSettings

ACCOUNT, TOKEN = "AC" + "c" * 32, "chaos-token"
TIMEOUT = 1.0  # real seconds the house waits for the carrier
BEGINS = datetime(2026, 8, 3, 11, 35, tzinfo=BANGKOK)
"""Two days before the appointments; everybody is due, for the step's hour is 10:00, spread over 90 minutes."""
EVENING = datetime(2026, 8, 3, 17, 36, tzinfo=BANGKOK)
"""The second tries of calls."""
AFTERWARDS = datetime(2026, 8, 5, 20, 0, tzinfo=BANGKOK)
"""Every appointment is over: nothing may go out any more."""
SPEED = 60.0


def settings(folder: Path, database_url: str, public_url: str, carrier_url: str, people: int) -> dict[str, str]:
    """The settings of every process, as `GATEWAY_…` names without the prefix."""
    return {
        "DATABASE_URL": database_url,
        "AUDIO_DIR": str(folder / "audio"),
        "CARRIER": "twilio",
        "PUBLIC_URL": public_url,
        "TWILIO_BASE_URL": carrier_url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_VOICE_FROM": "+6620000000",
        "TWILIO_SMS_FROM": "+6620000000",
        "TWILIO_TIMEOUT": str(TIMEOUT),
        "SMS_TWO_WAY": "true",
        "LINES": "30",
        # By the shared clock, and as many in one pass: so slow that there is somebody left to call while processes die.
        "CALLS_PER_SECOND": "1",
        "SMS_PER_SECOND": "4",
    }


def furnish(folder: Path, names: Mapping[str, str], people: int) -> None:
    """Make the database, with `people` people, every second one old enough to be called first."""
    house = House(ExplicitSettings(**{name.lower(): value for name, value in names.items()}), clock=_at(folder))
    ready(house)
    try:
        _places(house, folder, people)
        _people(house, folder, people)
    finally:
        house.close()


def _at(folder: Path) -> SharedClock:
    return SharedClock(folder / "clock")


def _places(house: House, folder: Path, people: int) -> None:
    sites, sessions = folder / "sites.csv", folder / "sessions.csv"
    sites.write_text(
        "รหัส,ชื่อ,ชื่อย่อ,สถานที่,ตำบล,อำเภอ,จังหวัด,เบอร์โทร\nS1,โรงพยาบาลตัวอย่าง,รพ.ตัวอย่าง,หอประชุม,เวียง,เมือง,ลำปาง,054-000-901\n"
    )
    sessions.write_text(
        "รหัสหน่วยบริการ,วัคซีน,วันที่,ช่วงเวลา,เวลาเริ่ม,เวลาสิ้นสุด,จำนวนที่นั่ง\n"
        f"S1,influenza,2026-08-05,เช้า,08:30,12:00,{people + 10}\n"
        f"S1,influenza,2026-08-05,บ่าย,13:00,16:00,{people + 10}\n"
    )
    today = bangkok_day(house.clock.now())
    load_sites(house.database, read_csv_file(sites))
    report = load_sessions(house.database, read_csv_file(sessions), regimens=house.regimens, today=today)
    assert not report.rejected, [issue.message for issue in report.issues]


def _people(house: House, folder: Path, people: int) -> None:
    path = folder / "roster.csv"
    lines = ["HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"]
    for n in range(people):
        born = "1/2/2490" if n % 2 else "1/2/2540"
        lines.append(f"67-{n:04d},คน{n},{born},080{n:07d},ไทย,flu,1,05/08/2569,{'09.30' if n % 3 else '14.00'}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    rules = rules_for(
        house.database, now=house.clock.now(), recognise_language=house.languages.recognise, regimens=house.regimens,
        site="S1", scope_from=None, scope_to=None,
    )  # fmt: skip
    request = LoadRequest(
        house.clock.now(), house.regimens, "c" * 64, site="S1", scope_from=date(2026, 8, 5), scope_to=date(2026, 8, 5)
    )
    checked = check_roster(read_csv_file(path), rules)
    load_roster(house.database, checked, request)
