"""What a row asks for: the dose already given, the next appointment, its site, day and hour."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Final

from gateway.kit.clock import at_bangkok
from gateway.kit.digits import to_ascii_digits
from gateway.roster.cells import Cells
from gateway.roster.rows import CheckRules, GivenDose, Wish

HIGHEST_DOSE: Final = 12
"""Doses; no regimen we know comes near, so a larger number is an age or a year in the wrong column."""
FARTHEST: Final = 730
"""Days ahead; appointments farther off were mistyped years."""
LONGEST_AGO: Final = 366
"""Days past; a file may well hold this morning's or last month's, but not another year's."""
_BOOSTER: Final = re.compile("กระตุ้น|booster", re.IGNORECASE)
_NOON: Final = time(12)
HOSPCODE_LENGTH: Final = 5
"""Digits of the ministry's site codes, whose leading zeros spreadsheets lose."""


def read_site(cells: Cells, rules: CheckRules) -> str | None:
    """Return the row's site, else the one named by --site; None when it is missing or unknown, which is noted."""
    raw = to_ascii_digits(cells.text("site_code"))
    code = known_site(raw, rules.sites) if raw else rules.site
    if code is None:
        cells.error("site_code", "site_unknown" if raw else "site_missing")
    elif rules.site is not None and code != rules.site:
        cells.error("site_code", "site_outside_scope")
    return code


def known_site(raw: str, sites: Collection[str] | None) -> str | None:
    """Return the stored code a cell means: as written, in capitals, or with the zeros a spreadsheet lost."""
    text = raw.removesuffix(".0")
    if sites is None:
        return text
    candidates = (text, text.upper(), text.zfill(HOSPCODE_LENGTH))
    return next((code for code in candidates if code in sites), None)


def read_given(cells: Cells, rules: CheckRules) -> GivenDose | None:
    """Return the last dose the row records, if it does."""
    vaccine_column = "last_vaccine" if cells.raw("last_vaccine") else "vaccine"
    given_on = cells.day("last_dose_date", today=rules.today)
    number = read_dose(cells, "last_dose")
    if given_on is None:
        if number is not None and not cells.raw("last_dose_date"):
            cells.warn("last_dose_date", "last_dose_incomplete")
        return None
    if given_on > rules.today:
        cells.error("last_dose_date", "last_dose_future")
        return None
    vaccine = read_vaccine(cells, vaccine_column, rules)
    if number is None and not cells.raw("last_dose"):
        number = max(1, (cells.whole("dose") or 1) - 1)
        cells.warn("last_dose", "dose_assumed", limit=number)
    return None if vaccine is None or number is None else GivenDose(vaccine, number, given_on)


def read_wish(cells: Cells, site: str | None, given: GivenDose | None, rules: CheckRules) -> Wish | None:
    """Return the appointment the row asks for, if it names a day."""
    if not cells.raw("appointment_date"):
        return None
    day = cells.day("appointment_date", today=rules.today)
    vaccine = read_vaccine(cells, "vaccine", rules)
    dose = _wished_dose(cells, vaccine, given, rules)
    if day is not None:
        _check_day(cells, day, rules)
    starts_at = _starts_at(cells, day, site, vaccine, dose, rules)
    if site is None or vaccine is None or dose is None or starts_at is None:
        return None
    return Wish(site, vaccine, dose, starts_at, has_hour=bool(cells.raw("appointment_time")))


def read_vaccine(cells: Cells, column: str, rules: CheckRules) -> str | None:
    """Return the regimen a cell names; None when it is missing or unknown, which is noted once."""
    raw = cells.raw(column)
    found = rules.regimens.recognise(raw) if raw else None
    if found is None and not any(issue.column == column for issue in cells.issues):
        cells.error(column, "vaccine_unknown" if raw else "vaccine_missing")
    return found


def read_dose(cells: Cells, column: str) -> int | None:
    """Return the number of a dose; None when the cell is empty, or noted as wrong."""
    if not cells.raw(column):
        return None
    number = cells.whole(column)
    if number is None and _BOOSTER.search(cells.raw(column)):
        cells.error(column, "dose_is_booster")
        return None
    if number is None or not 1 <= number <= HIGHEST_DOSE:
        cells.error(column, "dose_not_valid", limit=HIGHEST_DOSE)
        return None
    return number


def _wished_dose(cells: Cells, vaccine: str | None, given: GivenDose | None, rules: CheckRules) -> int | None:
    same_series = (
        given is not None
        and vaccine is not None
        and rules.regimens.series_of(given.vaccine) == rules.regimens.series_of(vaccine)
    )
    after = given.number if given is not None and same_series else 0
    if not cells.raw("dose"):
        cells.warn("dose", "dose_assumed", limit=after + 1)
        return after + 1
    dose = read_dose(cells, "dose")
    if dose is not None and dose <= after and not _begins_anew(dose, vaccine, rules):
        cells.error("dose", "dose_already_given")
    return dose


def _begins_anew(dose: int, vaccine: str | None, rules: CheckRules) -> bool:
    """Whether this is the first dose of a course that is repeated, as influenza is every year."""
    regimen = rules.regimens.get(vaccine) if vaccine else None
    return dose == 1 and regimen is not None and regimen.repeat is not None


def _check_day(cells: Cells, day: date, rules: CheckRules) -> None:
    if day > rules.today + timedelta(days=FARTHEST):
        cells.error("appointment_date", "appointment_far", limit=FARTHEST)
    elif day < rules.today - timedelta(days=LONGEST_AGO):
        cells.error("appointment_date", "appointment_long_past", limit=LONGEST_AGO)
    elif day < rules.today:
        cells.warn("appointment_date", "appointment_past")  # kept on record; nothing is ever sent late
    elif (rules.scope_from and day < rules.scope_from) or (rules.scope_to and day > rules.scope_to):
        cells.error("appointment_date", "outside_scope")


def _starts_at(
    cells: Cells, day: date | None, site: str | None, vaccine: str | None, dose: int | None, rules: CheckRules
) -> datetime | None:
    hour = cells.hour("appointment_time")
    if day is None or (hour is None and cells.raw("appointment_time")):
        return None
    if hour is None:
        hour = rules.default_time
    held = _sessions_that_day(day, site, vaccine, dose, rules)
    if hour is None and len(held) == 1:
        hour = held[0]
    if hour is None:
        cells.error("appointment_time", "time_several_sessions" if held else "time_missing")
        return None
    _check_hour(cells, day, hour, site, rules)
    if not held or not any(_is_morning(one) == _is_morning(hour) for one in held):
        _check_session(cells, day, site, vaccine, dose, rules)
    starts_at = at_bangkok(day, hour)
    if day == rules.today and starts_at <= rules.now:
        cells.warn("appointment_time", "appointment_past")
    return starts_at


def _sessions_that_day(
    day: date, site: str | None, vaccine: str | None, dose: int | None, rules: CheckRules
) -> tuple[time, ...]:
    """Return when the sessions of that site, vaccine and day begin, each hour once."""
    if site is None or vaccine is None:
        return ()
    starts = (rules.session_starts.get((site, name, day), ()) for name in _given_as(vaccine, dose, rules))
    return tuple(sorted({one for found in starts for one in found}))


def _check_hour(cells: Cells, day: date, hour: time, site: str | None, rules: CheckRules) -> None:
    hours = rules.opening.get(site or "")
    if hours is not None and day >= rules.today and not hours[0] <= hour < hours[1]:
        cells.warn("appointment_time", "outside_opening_hours")


def _check_session(
    cells: Cells, day: date, site: str | None, vaccine: str | None, dose: int | None, rules: CheckRules
) -> None:
    """Warn while the clerk still has the file in hand; sites without any session book without seats and know it."""
    if site is None or vaccine is None or day < rules.today:
        return
    names = _given_as(vaccine, dose, rules)
    if any(rules.holds(site, name) for name in names):
        cells.warn("appointment_date", "no_session")


def _is_morning(hour: time) -> bool:
    return hour < _NOON  # as care.booking.part_of_day, which this room may not import here: it knows a database


def _given_as(vaccine: str, dose: int | None, rules: CheckRules) -> tuple[str, ...]:
    regimen = rules.regimens.get(vaccine)
    return (vaccine,) if regimen is None else regimen.session_vaccines(dose or 1)
