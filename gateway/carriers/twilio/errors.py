"""Twilio's error codes in our words: the table in errors.toml, and what an HTTP answer means by it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, TypeVar

from gateway.carriers.port import CarrierError, Fault

T = TypeVar("T")

LONGEST_RETRY_AFTER: Final = 3600.0
"""Seconds; a longer Retry-After would outlive the reminder, and is more likely a mistake."""


class Where(StrEnum):
    """Where a code appears."""

    CREATE = "create"  # the answer to our POST
    CALLBACK = "callback"  # a status callback, or a record in a list
    BOTH = "both"


class Basis(StrEnum):
    """How we know what a code means."""

    DOC = "doc"  # read in Twilio's dictionary
    SECOND_HAND = "second hand"  # somebody else's page
    UNVERIFIED = "unverified"  # from memory: check before building on it


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one code means."""

    fault: Fault
    permanent: bool
    where: Where = Where.CREATE
    basis: Basis = Basis.UNVERIFIED
    note: str = ""


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """All codes, and the HTTP statuses that came without one."""

    source: str
    as_of: date
    codes: Mapping[int, Meaning]
    statuses: Mapping[int, Meaning]

    def at_create(self, code: int | None, status: int) -> Meaning:
        """Return what a refusal means; one nobody described is not to be repeated as it is."""
        known = self.codes.get(code) if code is not None else None
        if known is not None and known.where is not Where.CALLBACK:
            return known
        if code is None and status in self.statuses:
            return self.statuses[status]
        return Meaning(Fault.REJECTED, permanent=True)

    def in_callback(self, code: int) -> Meaning:
        """Return why a delivery failed; a code nobody described deserves one more try."""
        known = self.codes.get(code)
        if known is None or known.where is Where.CREATE:
            return Meaning(Fault.UNKNOWN, permanent=False, where=Where.CALLBACK)
        return known


@lru_cache(maxsize=1)
def error_table() -> ErrorTable:
    """Return the table of errors.toml, read once; raises ValueError naming the file and the entry that is wrong."""
    return parse_table(files(__package__).joinpath("errors.toml").read_text(encoding="utf-8"))


def parse_table(text: str) -> ErrorTable:
    """Read a table from TOML; raises ValueError naming the file and the entry that is wrong."""
    data = tomllib.loads(text)
    source, as_of = data.get("source"), data.get("as_of")
    if not isinstance(source, str) or "{code}" not in source or not isinstance(as_of, date):
        raise ValueError("errors.toml: source (with {code} in it) and as_of (a date) are needed")
    codes = _entries(data.get("code", []), "code", _coded)
    return ErrorTable(source, as_of, codes, _entries(data.get("http", []), "status", _plain))


def _entries(rows: list[dict[str, Any]], key: str, read: Callable[[Mapping[str, Any]], Meaning]) -> dict[int, Meaning]:
    found: dict[int, Meaning] = {}
    for row in rows:
        number = row.get(key)
        if not isinstance(number, int) or number in found:
            raise ValueError(f"errors.toml: {key} {number!r} is missing, no number, or there twice")
        try:
            found[number] = read(row)
        except (KeyError, ValueError) as error:
            raise ValueError(f"errors.toml: {key} {number}: {error}") from None
    return found


def _coded(row: Mapping[str, Any]) -> Meaning:
    return Meaning(
        Fault(row["fault"]), _yes_or_no(row["permanent"]), Where(row["where"]), Basis(row["basis"]), str(row["note"])
    )


def _plain(row: Mapping[str, Any]) -> Meaning:
    return Meaning(Fault(row["fault"]), _yes_or_no(row["permanent"]), note=str(row["note"]))


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("permanent must be true or false")
    return value


def refusal(status: int, text: str, headers: Mapping[str, str], *, writes: bool) -> CarrierError:
    """Return what an HTTP answer other than 2xx means; `headers` knows its keys in any case.

    Only a clear no of the 4xx kind is a no: a redirect, a 408 or a 5xx leaves a submission in doubt (facts: 20500).
    """
    code = _code_in(text)
    shown = str(code or status)
    if status == 429 or code == 20429:
        return CarrierError(Fault.THROTTLED, code=shown, retry_after=_retry_after(headers))
    if not 400 <= status < 500 or status == 408:
        return unclear(shown, writes=writes)
    meaning = error_table().at_create(code, status)
    return CarrierError(meaning.fault, permanent=meaning.permanent, code=shown, retry_after=_retry_after(headers))


def unclear(code: str, *, writes: bool) -> CarrierError:
    """Return the error for an exchange whose end is not known; looking something up leaves nothing in doubt."""
    if writes:
        return CarrierError(Fault.IN_DOUBT, in_doubt=True, code=code)
    return CarrierError(Fault.UNKNOWN, code=code)


def receipt_fault(code: object) -> tuple[Fault | None, str]:
    """Return the fault and the code as text of a callback's or a record's error code; (None, "") when it has none."""
    text = str(code or "").strip()
    if not text or text == "0":
        return None, ""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return Fault.UNKNOWN, text[:20]
    return error_table().in_callback(int(text)).fault, text


def ask(call: Callable[[], T], *, writes: bool) -> T:
    """Return what the SDK's `call` returns; raises CarrierError alone, whatever went wrong.

    The SDK's and the network's own exceptions hold URLs and numbers, so that none may hang on to ours as its context.
    """
    result, error = _attempt(call, writes)
    if error is not None:
        raise error
    assert result is not None  # noqa: S101 - narrows the type: no call of ours returns None
    return result


def _attempt(call: Callable[[], T], writes: bool) -> tuple[T | None, CarrierError | None]:
    try:
        return call(), None
    except CarrierError as error:
        return None, error.with_traceback(None)
    except Exception as error:  # a 2xx that is no JSON, a page without records: whatever the SDK makes of it
        return None, unclear(type(error).__name__, writes=writes)


def _code_in(text: str) -> int | None:
    try:
        code = json.loads(text).get("code")
        return int(code) if isinstance(code, int | str) else None
    except (ValueError, AttributeError, RecursionError):
        return None


def _retry_after(headers: Mapping[str, str]) -> float:
    value = headers.get("Retry-After", "").strip()
    if not value.isascii() or not value.isdigit():
        return 0.0
    return min(float(value), LONGEST_RETRY_AFTER)
