"""A short way for the rows without fault or doubt, nineteen in twenty of a good list: one pattern a file.

The pattern is made from the file's own columns and takes a row whose cells are all in a usual form. What a cell of few
values means (a site, a vaccine, a day) is worked out once a value, by the very functions that read every other row.
Whatever is not plain is left to them (`check.py`); a test holds both ways together over broken files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any, Final

from gateway.kit.identity import LENGTH
from gateway.kit.phones import HOME_REGION, PLAIN_THAI
from gateway.kit.sheets import as_written
from gateway.kit.thai_dates import BUDDHIST_OFFSET
from gateway.roster.cells import Cells
from gateway.roster.columns import ColumnMap
from gateway.roster.person_cells import OLDEST, read_birth_date, read_channel, read_language
from gateway.roster.rows import CheckRules, GivenDose
from gateway.roster.visit_cells import read_given, read_site, read_wish

BLOCK: Final = 1 << 19
"""Letters looked at in one go: some thousand rows."""

_GIVEN: Final = ("last_vaccine", "last_dose", "last_dose_date", "vaccine", "dose")
_WISH: Final = ("site_code", "vaccine", "dose", "appointment_date", "appointment_time")
_ALONE: Final = ("birth_date", "language", "channel")
_NEEDED: Final = ("id_number", "name", "phone")
_CAUGHT: Final = frozenset({"id_number", *_ALONE, *_GIVEN, *_WISH})
_FORMS: Final = {
    "id_number": "([0-9]{13}|[0-9]-[0-9]{4}-[0-9]{5}-[0-9]{2}-[0-9])",
    "hospital_number": "[0-9A-Za-z /.-]{0,24}",
    # Not "ไม่มี", "n/a", "none", which are no name. 40 letters stay below the longest text however they are composed.
    "name": '(?!ไม่)[ก-ฮเแโใไA-MO-Za-mo-z][^,"\n]{0,39}',
    "phone": PLAIN_THAI,
    "household_phone": f"(?:{PLAIN_THAI})?",
}
_FEW: Final = '([^,"\n]{0,40})'
_TEXT: Final = '[^,"\n]{0,40}'
_UNKNOWN: Final = '[^,"\n]*'

Key = str
"""How a row is known in its file, for finding it twice: the person's identity, the vaccine, the dose."""


def key_of(identity: str, vaccine: str, dose: int) -> Key:
    """Return the key of a row whose person has an identity number with a right check digit."""
    return f"{identity}{vaccine}\x1f{dose}"


class PlainRows:
    """What is plain in a file of these columns under these rules."""

    def __init__(self, columns: ColumnMap, rules: CheckRules, delimiter: str) -> None:
        self._rules = rules
        self._pattern = _pattern(columns, rules.today, delimiter)
        names = sorted(columns.index, key=lambda name: columns.index[name])
        self._caught = [name for name in names if name in _CAUGHT]

    @staticmethod
    def may_be_in(columns: ColumnMap, rules: CheckRules) -> bool:
        """Whether a file can have plain rows at all: who is known by an identity and has a telephone at home."""
        is_home = rules.countries is None or HOME_REGION in rules.countries
        return is_home and all(name in columns.index for name in _NEEDED)

    def lines(self, text: str, start: int) -> Iterator[Key | None]:
        """For each line of a text from an offset on: the row's key, None where the line is not plain."""
        judge = self._judge()
        while start <= len(text):
            end = text.find("\n", start + BLOCK)
            end = len(text) if end < 0 else end
            yield from map(judge, self._pattern.findall(text, start, end))
            start = end + 1

    def _judge(self) -> Callable[[tuple[str, ...]], Key | None]:
        at = {name: place for place, name in enumerate(self._caught)}
        number_at = at["id_number"]
        alone = [(at[name], _Known(self._is_fine(name))) for name in _ALONE if name in at]
        given_of, givens = _getter([at[name] for name in self._names(_GIVEN)]), _Known(self._given)
        wish_of, wishes = _getter([at[name] for name in self._names(_WISH)]), _Known(self._subject)
        first, second, third, last = _sums()

        def judged(cells: tuple[str, ...]) -> Key | None:
            number = cells[number_at]
            if len(number) != LENGTH:
                if not number:
                    return None
                number = number.replace("-", "")
            if last[first[number[:4]] + second[number[4:8]] + third[number[8:12]]] != number[12]:
                return None
            for place, fine in alone:
                if not fine[cells[place]]:
                    return None
            given = givens[given_of(cells)]
            subject = wishes[wish_of(cells), given]
            return None if subject is None else number + subject

        return judged

    def _is_fine(self, column: str) -> Callable[[str], bool]:
        read: dict[str, Callable[[Cells], object]] = {
            "birth_date": lambda cells: read_birth_date(cells, self._rules.today),
            "language": lambda cells: read_language(cells, self._rules),
            "channel": read_channel,
        }

        def is_fine(cell: str) -> bool:
            cells = _cells((column,), (cell,))
            read[column](cells)
            return not cells.issues

        return is_fine

    def _given(self, values: tuple[str, ...]) -> tuple[str, int] | tuple[()] | None:
        """The vaccine and the number of the dose given, () where there is none; None where something is wrong."""
        cells = _cells(self._names(_GIVEN), values)
        given = read_given(cells, self._rules)
        if cells.issues:
            return None
        return (given.vaccine, given.number) if given is not None else ()

    def _subject(self, key: tuple[tuple[str, ...], tuple[str, int] | tuple[()] | None]) -> str | None:
        """The part of a row's key that says what it is about; None where something is wrong."""
        values, known = key
        if known is None:
            return None
        # The day it was given does not matter to the appointment; any will do.
        given = GivenDose(*known, self._rules.today) if known else None
        cells = _cells(self._names(_WISH), values)
        wish = read_wish(cells, read_site(cells, self._rules), given, self._rules)
        if cells.issues or (wish is None and given is None):
            return None
        return key_of("", wish.vaccine, wish.dose) if wish is not None else key_of("", *known)

    def _names(self, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name in self._caught)


class _Known(dict[Any, Any]):
    """Values worked out once a key."""

    def __init__(self, work_out: Callable[[Any], Any]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, key: Any) -> Any:
        value = self[key] = self._work_out(key)
        return value


def _getter(places: Sequence[int]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: tuple(cells[place] for place in places)


def _cells(names: Sequence[str], values: Sequence[str]) -> Cells:
    return Cells(0, {name: as_written(value).strip() for name, value in zip(names, values, strict=True)})


def _pattern(columns: ColumnMap, today: date, delimiter: str) -> re.Pattern[str]:
    """A line whose cells are in a usual form; any other line matches too, with nothing caught."""
    forms = {**_FORMS, **dict.fromkeys((*_GIVEN, *_WISH, *_ALONE), _FEW), "birth_date": _birth(today)}
    names = {place: name for name, place in columns.index.items()}
    cells = []
    for place in range(columns.width):
        name = names.get(place)
        form = _UNKNOWN if name is None else forms.get(name, _TEXT)
        cells.append(form.replace("[^,", f"[^{re.escape(delimiter)}"))
    between = re.escape(delimiter)
    return re.compile(f"^{between.join(cells)}(?:{between}|[ \t])*$|^.*$", re.MULTILINE)


def _birth(today: date) -> str:
    """A day of the Buddhist era in the last hundred years, which is not even caught; or what else the cell holds."""
    first, last = today.year + BUDDHIST_OFFSET - OLDEST + 1, today.year + BUDDHIST_OFFSET - 1
    decades = "|".join(str(decade) for decade in range(-(-first // 10), (last - 9) // 10 + 1))
    return f"(?:(?:0[1-9]|1[0-9]|2[0-8])/(?:0[1-9]|1[0-2])/(?:{decades})[0-9]|{_FEW})"


@cache
def _sums() -> tuple[dict[str, int], dict[str, int], dict[str, int], tuple[str, ...]]:
    """The weighted sum of a number's first, second and third four digits; and the check digit of a whole sum."""
    parts = []
    for most in (13, 9, 5):
        weights = range(most, most - 4, -1)
        four = (f"{n:04d}" for n in range(10_000))
        parts.append({text: sum(int(one) * weight for one, weight in zip(text, weights, strict=True)) for text in four})
    return parts[0], parts[1], parts[2], tuple(str((11 - total % 11) % 10) for total in range(9 * 90 + 1))
