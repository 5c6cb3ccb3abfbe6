"""Reads `regimens.toml`: series as dated data with their sources, checked before anything uses them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from gateway.care.schedule import DoseRule, Regimen, Regimens, RepeatRule, Window, fold_name
from gateway.care.spans import Span, parse_span

__all__ = ["DoseRule", "Regimen", "RegimenError", "Regimens", "RepeatRule", "Window", "load_regimens"]

SHIPPED: Final = Path(__file__).with_name("regimens.toml")
_LONGEST_CODE: Final = 24  # the column it is stored in
_REFERENCE: Final = date(2001, 1, 1)  # spans are compared from one day: months have no length of their own
_DATED: Final = frozenset({"source", "as_of"})
_REGIMEN_KEYS: Final = _DATED | {
    *("code", "series", "name_th", "name_en", "synonyms", "may_move_by_key", "neutral"),
    *("first_given_as", "dose", "repeat"),
}
_DOSE_KEYS: Final = _DATED | {"number", "after", "min", "recommended", "max", "given_as", "booster"}
_REPEAT_KEYS: Final = frozenset({"min", "recommended", "max", "ahead"})


class RegimenError(ValueError):
    """The regimens cannot be used; the message names the file and the key."""


@lru_cache(maxsize=4)
def load_regimens(path: Path = SHIPPED) -> Regimens:
    """Read and check the regimens; RegimenError names the file and the key of what is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RegimenError(f"{path.name}: cannot be read: {error}") from error
    return _Reader(path.name).regimens(raw)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file

    def regimens(self, raw: Mapping[str, Any]) -> Regimens:
        tables = self._tables("", raw, "regimen")
        if not tables:
            raise self._error("regimen", "at least one [[regimen]] is expected")
        found: dict[str, Regimen] = {}
        for position, table in enumerate(tables, start=1):
            regimen = self._regimen(f"regimen[{position}]", table)
            if regimen.code in found:
                raise self._error(f"{regimen.code}.code", "is there twice")
            found[regimen.code] = regimen
        self._check_mixtures(found)
        return Regimens(found, self._names(found))

    def _regimen(self, where: str, table: Mapping[str, Any]) -> Regimen:
        code = self._text(where, table, "code")
        if len(code) > _LONGEST_CODE or not code.replace("_", "").isalnum() or not code.isascii():
            raise self._error(f"{where}.code", f"letters, digits and _, at most {_LONGEST_CODE}")
        self._known_keys(code, table, _REGIMEN_KEYS)
        source, as_of = self._text(code, table, "source"), self._day(code, table, "as_of")
        doses = self._tables(code, table, "dose")
        rules = [self._rule(f"{code}.dose[{at}]", one, source, as_of) for at, one in enumerate(doses, 1)]
        self._check_numbers(code, rules)
        return Regimen(
            code=code,
            series=str(table.get("series", code)),
            name_th=self._text(code, table, "name_th"),
            name_en=self._text(code, table, "name_en"),
            doses=tuple(rules),
            synonyms=self._words(code, table),
            may_move_by_key=self._flag(code, table, "may_move_by_key", default=True),
            neutral=self._flag(code, table, "neutral", default=False),
            source=source,
            as_of=as_of,
            repeat=self._repeat(f"{code}.repeat", table["repeat"]) if "repeat" in table else None,
            first_given_as=str(table.get("first_given_as", "")),
        )

    def _rule(self, where: str, table: Mapping[str, Any], source: str, as_of: date) -> DoseRule:
        self._known_keys(where, table, _DOSE_KEYS)
        number = self._count(where, table, "number")
        after = self._count(where, table, "after") if "after" in table else number - 1
        booster = self._flag(where, table, "booster", default=False)
        if not 1 <= after < number:
            raise self._error(f"{where}.after", "is the number of an earlier dose")
        minimum, recommended = self._span(where, table, "min"), self._span(where, table, "recommended")
        maximum = self._span(where, table, "max") if "max" in table else None
        if maximum is None and after == number - 1 and not booster:
            raise self._error(f"{where}.max", "is missing: a dose that is booked by itself needs an end")
        self._in_order(where, minimum, recommended, maximum)
        return DoseRule(
            number=number,
            after_dose=after,
            minimum=minimum,
            recommended=recommended,
            maximum=maximum,
            given_as=str(table.get("given_as", "")),
            booster=booster,
            source=self._text(where, table, "source") if "source" in table else source,
            as_of=self._day(where, table, "as_of") if "as_of" in table else as_of,
        )

    def _repeat(self, where: str, table: Mapping[str, Any]) -> RepeatRule:
        if not isinstance(table, dict):
            raise self._error(where, "a table is expected")
        self._known_keys(where, table, _REPEAT_KEYS)
        rule = RepeatRule(*(self._span(where, table, key) for key in ("min", "recommended", "max", "ahead")))
        self._in_order(where, rule.minimum, rule.recommended, rule.maximum)
        return rule

    def _names(self, found: Mapping[str, Regimen]) -> dict[str, str]:
        names: dict[str, str] = {}
        for code, regimen in found.items():
            for word in (code, regimen.name_th, regimen.name_en, *regimen.synonyms):
                # Excel drops the zero of 041, and the code must be known all the same.
                for folded in {fold_name(word), fold_name(word).lstrip("0")}:
                    if names.setdefault(folded, code) != code:
                        raise self._error(f"{code}.synonyms", f"{word!r} already means {names[folded]}")
        return names

    def _check_mixtures(self, found: Mapping[str, Regimen]) -> None:
        for code, regimen in found.items():
            for vaccine in (regimen.first_given_as, *(rule.given_as for rule in regimen.doses)):
                if vaccine and vaccine not in found:
                    raise self._error(f"{code}.given_as", f"{vaccine!r} is no regimen's code")

    def _check_numbers(self, code: str, rules: list[DoseRule]) -> None:
        main = [rule.number for rule in rules if rule.after_dose == rule.number - 1]
        if sorted(main) != list(range(2, len(main) + 2)) or {rule.number for rule in rules} != set(main):
            raise self._error(f"{code}.dose", "each dose from 2 on needs one rule that counts from the dose before it")

    def _in_order(self, where: str, minimum: Span, recommended: Span, maximum: Span | None) -> None:
        days = [span.after(_REFERENCE) for span in (minimum, recommended, maximum) if span is not None]
        if days != sorted(days) or days[0] <= _REFERENCE:
            raise self._error(where, "0 < min <= recommended <= max is expected")

    def _span(self, where: str, table: Mapping[str, Any], key: str) -> Span:
        try:
            return parse_span(self._text(where, table, key))
        except ValueError as error:
            raise self._error(f"{where}.{key}", str(error)) from error

    def _text(self, where: str, table: Mapping[str, Any], key: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self._error(f"{where}.{key}", "a text is expected")
        return value.strip()

    def _words(self, where: str, table: Mapping[str, Any]) -> tuple[str, ...]:
        words = table.get("synonyms", [])
        if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
            raise self._error(f"{where}.synonyms", "a list of texts is expected")
        return tuple(words)

    def _count(self, where: str, table: Mapping[str, Any], key: str) -> int:
        value = table.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._error(f"{where}.{key}", "a whole number is expected")
        return value

    def _flag(self, where: str, table: Mapping[str, Any], key: str, *, default: bool) -> bool:
        value = table.get(key, default)
        if not isinstance(value, bool):
            raise self._error(f"{where}.{key}", "true or false is expected")
        return value

    def _day(self, where: str, table: Mapping[str, Any], key: str) -> date:
        value = table.get(key)
        if type(value) is not date:
            raise self._error(f"{where}.{key}", "a date such as 2021-11-26 is expected")
        return value

    def _tables(self, where: str, table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self._error(f"{where}.{key}".lstrip("."), f"one or more [[{key}]] are expected")
        return value

    def _known_keys(self, where: str, table: Mapping[str, Any], known: frozenset[str]) -> None:
        for key in table:
            if key not in known:
                raise self._error(f"{where}.{key}", f"is not known; expected: {', '.join(sorted(known))}")

    def _error(self, key: str, message: str) -> RegimenError:
        return RegimenError(f"{self._file}: {key}: {message}")
