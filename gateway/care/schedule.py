"""What a series of doses is, and the days its intervals leave for the next one. `regimens.toml` holds the figures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from gateway.care.spans import Span
from gateway.kit.digits import to_ascii_digits

_POLITE: Final = re.compile("^(?:วัคซีน|ป้องกัน|โรค|vaccine)+")


@dataclass(frozen=True, slots=True)
class DoseRule:
    """When dose `number` may follow dose `after_dose`; `source` and `as_of` say who said so, and when."""

    number: int
    after_dose: int
    minimum: Span
    recommended: Span
    maximum: Span | None  # None: no end; only boosters and rules beside the main one
    given_as: str  # the vaccine of the sessions where this dose is given
    booster: bool  # offered by staff, never booked by itself
    source: str
    as_of: date

    @property
    def min_days(self) -> int:
        """The minimum in days, months counted roughly."""
        return self.minimum.about_days

    @property
    def recommended_days(self) -> int:
        """The recommendation in days, months counted roughly."""
        return self.recommended.about_days

    @property
    def max_days(self) -> int | None:
        """The maximum in days, months counted roughly; None without an end."""
        return None if self.maximum is None else self.maximum.about_days


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """When a finished course is begun anew, as influenza is every year; booked `ahead` of the earliest day."""

    minimum: Span
    recommended: Span
    maximum: Span
    ahead: Span


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which a dose may be given, all three inclusive."""

    earliest: date
    recommended: date
    latest: date


@dataclass(frozen=True, slots=True)
class Regimen:
    """A series with its intervals. Regimens of one `series` count the same doses, whatever the product."""

    code: str
    series: str
    name_th: str
    name_en: str
    doses: tuple[DoseRule, ...]
    synonyms: tuple[str, ...]
    may_move_by_key: bool  # False: another day is decided by staff (rabies after a bite)
    neutral: bool  # a message does not name what it is for
    source: str
    as_of: date
    repeat: RepeatRule | None = None
    first_given_as: str = ""

    @property
    def last_number(self) -> int:
        """The number of the last dose, boosters included."""
        return max((rule.number for rule in self.doses), default=1)

    def rules_for(self, number: int) -> tuple[DoseRule, ...]:
        """Every rule dose `number` must keep; the one that counts from the dose before comes first."""
        rules = [rule for rule in self.doses if rule.number == number]
        return tuple(sorted(rules, key=lambda rule: -rule.after_dose))

    def given_as(self, number: int) -> str:
        """The vaccine of the sessions where dose `number` is given; its own code unless the course is mixed."""
        rules = self.rules_for(number)
        if rules and rules[0].given_as:
            return rules[0].given_as
        return (self.first_given_as if number == 1 else "") or self.code

    def session_vaccines(self, number: int) -> tuple[str, ...]:
        """The vaccines of sessions where dose `number` may be taken, the likeliest first."""
        return tuple(dict.fromkeys((self.given_as(number), self.code)))


class Regimens(Mapping[str, Regimen]):
    """Every regimen by its code."""

    def __init__(self, regimens: Mapping[str, Regimen], names: Mapping[str, str]) -> None:
        self._regimens = dict(regimens)
        self._names = dict(names)  # folded name -> code

    def __getitem__(self, code: str) -> Regimen:
        return self._regimens[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._regimens)

    def __len__(self) -> int:
        return len(self._regimens)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in the file's order."""
        return tuple(self._regimens)

    def recognise(self, raw: str) -> str | None:
        """Return the code meant by a cell: a code, a Thai or English name, a 43-file code; None when unknown."""
        return self._names.get(fold_name(raw))

    def series_of(self, code: str) -> str:
        """The series `code` counts in; an unknown code is a series of its own."""
        regimen = self.get(code)
        return code if regimen is None else regimen.series

    def in_series(self, series: str) -> tuple[str, ...]:
        """The codes that count in `series`; `series` itself when it is unknown."""
        return tuple(code for code, one in self._regimens.items() if one.series == series) or (series,)

    def rules_between(self, previous: str, code: str, number: int) -> tuple[DoseRule, ...]:
        """The rules dose `number` of `code` keeps when the dose before it was recorded under `previous`.

        Clinics write a mixed course as two vaccines, one a dose: the regimen of that mixture is looked for, then
        what the earlier product says of a booster, then the later product's own rule.
        """
        earlier, later = self.get(previous), self.get(code)
        if later is None:
            return ()
        if earlier is None or earlier.code == later.code or earlier.series != later.series:
            return later.rules_for(number)
        pair = (earlier.given_as(number - 1), later.given_as(number))
        for mixed in self._regimens.values():
            if mixed.series == later.series and (mixed.given_as(number - 1), mixed.given_as(number)) == pair:
                return mixed.rules_for(number) or later.rules_for(number)
        boosters = tuple(rule for rule in earlier.rules_for(number) if rule.booster)
        return boosters or later.rules_for(number)


def window_of(rules: tuple[DoseRule, ...], given: Mapping[int, date]) -> Window | None:
    """The days that keep every rule whose earlier dose is in `given` (dose number -> day); None without the main one.

    A late dose does not restart a series (DDC guidance): the end is counted from the dose before, however late it was.
    """
    if not rules or rules[0].after_dose not in given:
        return None
    known = [rule for rule in rules if rule.after_dose in given]
    earliest = max(rule.minimum.after(given[rule.after_dose]) for rule in known)
    recommended = max(rule.recommended.after(given[rule.after_dose]) for rule in known)
    main = rules[0]
    end = date.max if main.maximum is None else main.maximum.after(given[main.after_dose])
    return Window(earliest, max(recommended, earliest), max(end, earliest))


def repeat_window(rule: RepeatRule, given_on: date) -> Window:
    """The days on which a course finished on `given_on` is begun anew."""
    return Window(rule.minimum.after(given_on), rule.recommended.after(given_on), rule.maximum.after(given_on))


def fold_name(raw: str) -> str:
    """Fold a vaccine's name so that spaces, case, dashes, Thai digits and "วัคซีน" do not matter."""
    text = to_ascii_digits(unicodedata.normalize("NFKC", raw)).casefold()
    letters = "".join(sign for sign in text if sign.isalnum() or unicodedata.category(sign).startswith("M"))
    return _POLITE.sub("", letters) or letters
