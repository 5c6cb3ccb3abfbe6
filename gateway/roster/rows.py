"""What a row of a roster means, once every cell was understood."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final, overload

from gateway.care.particulars import Particulars
from gateway.care.regimens import Regimens
from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.roster.issues import Issue
from gateway.roster.table import Row

_NOON: Final = 12  # as care.booking.part_of_day, which this room may not import: it knows a database


@dataclass(frozen=True, slots=True)
class GivenDose:
    """A dose already given."""

    vaccine: str
    number: int
    given_on: date


@dataclass(frozen=True, slots=True)
class Wish:
    """The appointment a row asks for; `starts_at` is UTC.

    Where the row has no hour of its own (`has_hour`) and the site holds a session, only the half-day counts: people
    come at their tickets' hours.
    """

    site: str
    vaccine: str
    dose: int
    starts_at: datetime
    has_hour: bool = True

    @property
    def half_day(self) -> tuple[str, date, bool]:
        """Where, on which Bangkok day, and whether in the morning."""
        return half_day(self.site, self.starts_at)


def half_day(site: str, starts_at: datetime) -> tuple[str, date, bool]:
    """Where, on which Bangkok day, and whether in the morning: all that a row without an hour says."""
    return site, bangkok_day(starts_at), bangkok_time(starts_at).hour < _NOON


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """An accepted row."""

    line: int
    person: Particulars
    given: GivenDose | None
    wish: Wish | None

    @property
    def is_without_hour(self) -> bool:
        """Whether the row asks for an appointment and names no hour."""
        return self.wish is not None and not self.wish.has_hour

    @property
    def subject(self) -> tuple[str, int]:
        """The vaccine and dose this row is about: the appointment's, else the one given."""
        if self.wish is not None:
            return self.wish.vaccine, self.wish.dose
        assert self.given is not None  # noqa: S101  a row with neither is rejected
        return self.given.vaccine, self.given.number


@dataclass(frozen=True, slots=True)
class Mention:
    """What a rejected row can still be read to be about, so that it is not cancelled as missing from the file."""

    line: int
    person: Particulars
    vaccine: str
    dose: int


@dataclass(frozen=True, slots=True)
class CheckRules:
    """What the rows are checked against. `sites` None: none are stored yet, and codes are not checked."""

    now: datetime
    recognise_language: Callable[[str], str | None]
    regimens: Regimens
    sites: Collection[str] | None
    session_starts: Mapping[tuple[str, str, date], tuple[time, ...]] = field(default_factory=dict)  # site, vaccine, day
    held: Collection[tuple[str, str]] = frozenset()  # (site, vaccine) of all sessions from today on
    opening: Mapping[str, tuple[time, time]] = field(default_factory=dict)  # site -> opens, closes
    countries: Collection[str] | None = None  # ISO codes whose numbers may be contacted; None: not checked
    site: str | None = None
    scope_from: date | None = None
    scope_to: date | None = None
    default_time: time | None = None

    @property
    def today(self) -> date:
        """The Bangkok day of `now`."""
        return bangkok_day(self.now)

    def holds(self, site: str, vaccine: str) -> bool:
        """Whether a site holds sessions of a vaccine on any day from today on."""
        return (site, vaccine) in self.held


class AcceptedRows(Sequence[CheckedRow]):
    """The accepted rows in the order of lines; of those that were seen to be plain only the line, until one is read.

    As objects a province's 600,000 rows are a gigabyte, and a check only counts them.
    """

    def __init__(self, read: Callable[[int], CheckedRow] | None = None, rows: Iterable[CheckedRow] = ()) -> None:
        self._read = read
        self._lines = array("L")
        self._known: dict[int, CheckedRow] = {}
        for row in rows:
            self.add(row)

    def add(self, row: CheckedRow) -> None:
        """Take a row in."""
        self._known[row.line] = row
        self._lines.append(row.line)

    def add_line(self, line: int) -> None:
        """Take in the row that begins on a line."""
        self._lines.append(line)

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[CheckedRow]:
        """Read every row; whoever goes over all of them does so again, so they are kept."""
        for line in self._lines:
            yield self._row(line)

    @overload
    def __getitem__(self, wanted: int) -> CheckedRow: ...

    @overload
    def __getitem__(self, wanted: slice) -> list[CheckedRow]: ...

    def __getitem__(self, wanted: int | slice) -> CheckedRow | list[CheckedRow]:
        if isinstance(wanted, slice):
            return [self._row(line) for line in self._lines[wanted]]
        return self._row(self._lines[wanted])

    def _row(self, line: int) -> CheckedRow:
        row = self._known.get(line)
        if row is None:
            assert self._read is not None  # noqa: S101  a line without a row is taken in by who can read it
            row = self._known[line] = self._read(line)
        return row


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Every row of a file, accepted or rejected, and every issue found."""

    header: tuple[str, ...]
    accepted_rows: AcceptedRows = field(repr=False)
    rejected_rows: list[Row] = field(repr=False)
    issues: list[Issue]
    mentions: list[Mention] = field(default_factory=list, repr=False)
    originals: Mapping[int, Row] = field(default_factory=dict, repr=False)  # line -> the row as written

    @property
    def accepted(self) -> int:
        """How many rows can be loaded."""
        return len(self.accepted_rows)

    @property
    def rejected(self) -> int:
        """How many come back to be corrected."""
        return len(self.rejected_rows)

    @property
    def rows(self) -> int:
        """How many rows the file has: accepted and rejected, always."""
        return self.accepted + self.rejected

    @property
    def warnings(self) -> int:
        """How many issues keep nothing out."""
        return sum(not issue.is_error for issue in self.issues)

    @property
    def unmentioned(self) -> int:
        """How many rejected rows do not even say whom they mean."""
        return self.rejected - len(self.mentions)

    def as_json(self) -> dict[str, Any]:
        """Return the object `--json` prints (DESIGN §5)."""
        return {
            "rows": self.rows,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "warnings": self.warnings,
            "issues": [issue.as_json() for issue in self.issues],
        }
