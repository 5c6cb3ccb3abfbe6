"""What was last imported of a row: a later load is compared with this, not with today's state (SCHEMA)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.particulars import Particulars
from gateway.care.people import fields_of, in_chunks
from gateway.records.rosters import Batch, RosterRow
from gateway.roster.check import person_key
from gateway.roster.rows import CheckedRow

CANCELLED = "cancelled"
"""Verdict of a row written because a file no longer mentioned its appointment."""

Subject = tuple[str, str, int]  # person id, vaccine, dose


@dataclass(frozen=True, slots=True)
class LastImport:
    """The last import of a row; `appointment` is the one it made or agreed with, if any."""

    source_key: str
    person: str | None
    appointment: str | None
    imported: Mapping[str, Any]
    verdict: str
    batch: str = ""

    @property
    def wish(self) -> Mapping[str, Any] | None:
        """The appointment that was asked for, None when there was none or it was cancelled as missing since."""
        return None if self.verdict == CANCELLED else self.imported.get("wish")

    @property
    def numbers(self) -> list[str]:
        """The telephones the row held, in E.164."""
        return [number for number, _ in self.imported.get("phones", ())]


class Imports:
    """The last imports of a batch of rows, by the row's key, by person, vaccine and dose, and by person.

    A person is what the newest file said of them on any row: a number corrected on the row of a second dose is
    corrected for the first one as well.
    """

    def __init__(self) -> None:
        self.by_key: dict[str, LastImport] = {}
        self.by_subject: dict[Subject, LastImport] = {}
        self._said: dict[str, dict[str, Any]] = {}  # person -> what was last said, field by field
        self._numbers: dict[str, list[str]] = {}
        self._newest: dict[str, str] = {}  # person -> the last batch that said anything
        self._numbered: dict[str, str] = {}  # person -> the last batch that said a number

    def read_keys(self, db: Db, keys: Iterable[str]) -> None:
        """Fetch by key; only the newest of each is kept."""
        for chunk in in_chunks(set(keys)):
            for found in _read(db, RosterRow.source_key, chunk):
                self.by_key[found.source_key] = found

    def read_people(self, db: Db, people: Iterable[str]) -> None:
        """Fetch what was imported of people, whatever key they had then."""
        for chunk in in_chunks(set(people)):
            for found in _read(db, RosterRow.person, chunk):
                self._keep(found)

    def of(self, key: str, person: str | None, vaccine: str, dose: int) -> LastImport | None:
        """Return the last import of this row, also when the file knew the person by another number then."""
        return self.by_key.get(key) or self.by_subject.get((person or "", vaccine, dose))

    def said_of(self, person: str, last: LastImport | None) -> Mapping[str, Any] | None:
        """Return what was last imported of a person, `last` being that of the row at hand; None when nothing was.

        Where two rows of one file contradict each other, each is compared with its own.
        """
        said = self._said.get(person)
        if said is None or last is None or last.verdict == CANCELLED or last.batch != self._newest.get(person):
            return said
        return {**said, **_filled(last.imported)}

    def numbers_of(self, person: str) -> list[str]:
        """Return the telephones on all of a person's rows in the last file that had any, in E.164."""
        return self._numbers.get(person, [])

    def remember(self, row: CheckedRow, person: str) -> None:
        """Take note of a row of this very file, so that the next row of somebody new is compared with it."""
        self._said.setdefault(person, fields_of(row.person))

    def _keep(self, found: LastImport) -> None:
        """Take note of an import; they come oldest file first, and the first line of a file last."""
        person = found.person or ""
        self.by_subject[(person, *_subject(found.imported))] = found
        if found.verdict == CANCELLED:  # repeats an older file: this one did not say it
            return
        self._newest[person] = found.batch
        self._said[person] = {**self._said.get(person, {}), **_filled(found.imported)}
        if not found.numbers:
            return
        same_file = self._numbered.get(person) == found.batch
        others = [one for one in self.numbers_of(person) if one not in found.numbers] if same_file else []
        self._numbers[person] = [*found.numbers, *others]
        self._numbered[person] = found.batch


def imported_of(row: CheckedRow) -> dict[str, Any]:
    """Return a row as plain JSON, whole: what the next load is compared with."""
    identity, given, wish = row.person.identity, row.given, row.wish
    return {
        **fields_of(row.person),
        "id": [identity.kind.value, identity.value] if identity else None,
        "hn": [row.person.hcode, row.person.hn] if row.person.hn else None,
        "phones": [[said.number.e164, said.household] for said in row.person.phones],
        "given": [given.vaccine, given.number, given.given_on.isoformat()] if given else None,
        "wish": {
            "site": wish.site,
            "vaccine": wish.vaccine,
            "dose": wish.dose,
            "starts_at": wish.starts_at.isoformat(),
            "has_hour": wish.has_hour,
        }
        if wish
        else None,
    }


def source_key(person: Particulars, vaccine: str, dose: int) -> str:
    """Return the key of a row over the years: a hash of its person as the file knows them, vaccine and dose."""
    text = "\x1f".join((*person_key(person), vaccine, str(dose)))
    return hashlib.sha256(text.encode()).hexdigest()


def _subject(imported: Mapping[str, Any]) -> tuple[str, int]:
    wish, given = imported.get("wish"), imported.get("given")
    if wish:
        return wish["vaccine"], wish["dose"]
    return (given[0], given[1]) if given else ("", 0)


def _filled(imported: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in imported.items() if value}


def _read(db: Db, column: Any, values: list[str]) -> Iterator[LastImport]:
    query = (
        select(RosterRow)
        .join(Batch, col(Batch.id) == col(RosterRow.batch))
        .where(col(column).in_(values))
        .order_by(col(Batch.at), col(RosterRow.line).desc())
    )
    for row in db.exec(query):
        yield LastImport(row.source_key, row.person, row.appointment, row.imported, row.verdict, row.batch)
